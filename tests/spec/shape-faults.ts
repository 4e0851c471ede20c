import { specWith, specWithTag } from './issues-of.ts'

/** Specs that the parser refuses for a reason that the JSON Schema can say too. */
export const shapeFaults: readonly {
  readonly story: string
  readonly text: string
  readonly issues: readonly string[]
}[] = [
  { story: 'a list', text: '- a', issues: ['1:1 wrong_type'] },
  { story: 'a text', text: 'checkout', issues: ['1:1 wrong_type'] },
  { story: 'an empty file', text: '', issues: ['1:1 wrong_type'] },
  {
    story: 'a spec without a name',
    text: 'forbidden_spans: [{ kind: client }]',
    issues: ['1:1 missing_key'],
  },
  {
    story: 'an empty name',
    text: 'name: " "\nforbidden_spans: [{ kind: client }]',
    issues: ['1:7 bad_value'],
  },
  {
    story: 'a name of two lines',
    text: 'name: "a\\nb"\nforbidden_spans: [{ kind: client }]',
    issues: ['1:7 bad_value'],
  },
  {
    story: 'a name that is a number',
    text: 'name: 7\nforbidden_spans: [{ kind: client }]',
    issues: ['1:7 wrong_type'],
  },
  { story: 'an unknown key', text: specWith('colour: red'), issues: ['4:5 unknown_key'] },
  { story: 'a field that is not built', text: specWith('closed: true'), issues: ['4:5 not_built'] },
  {
    story: 'expected spans that are no list',
    text: 'name: s\nexpected_spans: { kind: client }',
    issues: ['2:17 wrong_type'],
  },
  {
    story: 'an expectation that is a text',
    text: 'name: s\nexpected_spans:\n  - a',
    issues: ['3:5 wrong_type'],
  },
  {
    story: 'an expectation without identity',
    text: 'name: s\nexpected_spans:\n  - status: ok',
    issues: ['3:5 missing_key'],
  },
  {
    story: 'children without identity',
    text: specWith('children: [{}]'),
    issues: ['4:16 missing_key'],
  },
  {
    story: 'an empty where',
    text: 'name: s\nexpected_spans: [{ where: {} }]',
    issues: ['2:27 bad_value'],
  },
  {
    story: 'applies_to without identity',
    text: specWith().replace('name: s', 'name: s\napplies_to: {}'),
    issues: ['2:13 missing_key'],
  },
  {
    story: 'an ignore rule without identity',
    text: specWith().replace('name: s', 'name: s\nignore: [{ errors: true }]'),
    issues: ['2:10 missing_key'],
  },
  {
    story: 'a forbidden span without identity',
    text: 'name: s\nforbidden_spans: [{ reason: no }]',
    issues: ['2:19 missing_key'],
  },
  {
    story: 'an error condition about nothing',
    text: specWith().replace('name: s', 'name: s\nerror_conditions: [{ expect: required }]'),
    issues: ['2:20 missing_key'],
  },
  { story: 'an unknown kind', text: specWith('kind: srv'), issues: ['4:11 bad_value'] },
  { story: 'an unknown status', text: specWith('status: fine'), issues: ['4:13 bad_value'] },
  {
    story: 'an unknown exact status',
    text: specWith('status: { eq: fine }'),
    issues: ['4:19 bad_value'],
  },
  {
    story: 'a status object without eq',
    text: specWith('status: {}'),
    issues: ['4:13 missing_key'],
  },
  { story: 'a status that is a list', text: specWith('status: [ok]'), issues: ['4:13 wrong_type'] },
  { story: 'a negative count', text: specWith('count: -1'), issues: ['4:12 bad_value'] },
  { story: 'half a count', text: specWith('count: 1.5'), issues: ['4:12 bad_value'] },
  { story: 'a count without a bound', text: specWith('count: {}'), issues: ['4:12 missing_key'] },
  { story: 'a count that is a text', text: specWith('count: many'), issues: ['4:12 wrong_type'] },
  {
    story: 'an optional that is a text',
    text: specWith('optional: yes'),
    issues: ['4:15 wrong_type'],
  },
  {
    story: 'a bare duration',
    text: specWith('expected_duration_ms: 100'),
    issues: ['4:27 wrong_type'],
  },
  {
    story: 'a duration without a bound',
    text: specWith('expected_duration_ms: {}'),
    issues: ['4:27 missing_key'],
  },
  {
    story: 'a negative duration',
    text: specWith('expected_duration_ms: { max: -1 }'),
    issues: ['4:34 bad_value'],
  },
  {
    story: 'tags that are a list',
    text: specWith('required_tags: [a]'),
    issues: ['4:20 wrong_type'],
  },
  {
    story: 'a tag without a name',
    text: specWith('required_tags: { "": 1 }'),
    issues: ['4:22 bad_value'],
  },
  { story: 'an unknown relation', text: specWith('relation: parent'), issues: ['4:15 bad_value'] },
  {
    story: 'an unknown mode',
    text: specWith().replace('name: s', 'name: s\nunexpected_spans: warn'),
    issues: ['2:19 bad_value'],
  },
  {
    story: 'half a trace',
    text: specWith().replace('name: s', 'name: s\ntraces: { min: 0.5 }'),
    issues: ['2:16 bad_value'],
  },
  {
    story: 'a negative total',
    text: 'name: s\nperformance_constraints: { max_total_duration_ms: -1 }',
    issues: ['2:51 bad_value'],
  },
  { story: 'a tag without a value', text: specWithTag(''), issues: ['4:30 wrong_type'] },
  { story: 'a null tag', text: specWithTag('null'), issues: ['4:29 wrong_type'] },
  { story: 'a tag that is a list', text: specWithTag('[a]'), issues: ['4:29 wrong_type'] },
  { story: 'a matcher without an operator', text: specWithTag('{}'), issues: ['4:29 bad_value'] },
  { story: 'an unknown operator', text: specWithTag('{ gob: a }'), issues: ['4:31 unknown_key'] },
  { story: 'an empty in', text: specWithTag('{ in: [] }'), issues: ['4:35 bad_value'] },
  { story: 'a null in a list', text: specWithTag('{ in: [null] }'), issues: ['4:36 wrong_type'] },
  { story: 'an unknown type', text: specWithTag('{ type: integer }'), issues: ['4:37 bad_value'] },
  {
    story: 'a bound that is a boolean',
    text: specWithTag('{ gt: true }'),
    issues: ['4:35 wrong_type'],
  },
  { story: 'an empty glob', text: specWithTag('{ glob: "" }'), issues: ['4:37 bad_value'] },
  {
    story: 'a glob that is a number',
    text: specWithTag('{ glob: 3 }'),
    issues: ['4:37 wrong_type'],
  },
  {
    story: 'exists with a text',
    text: specWithTag('{ exists: "yes" }'),
    issues: ['4:39 wrong_type'],
  },
  { story: 'a negative length', text: specWithTag('{ length: -1 }'), issues: ['4:39 bad_value'] },
  {
    story: 'a length with a glob',
    text: specWithTag('{ length: { glob: a } }'),
    issues: ['4:41 unknown_key'],
  },
]
