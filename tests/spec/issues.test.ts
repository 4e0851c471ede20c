import { expect, test } from 'vitest'
import { parseSpec } from '../../src/spec/parse.ts'
import { verifies } from '../verifies.ts'
import { issuesOf, specWith, specWithTag } from './issues-of.ts'
import { shapeFaults } from './shape-faults.ts'

test.for(shapeFaults)('of $story every issue is at its line and column', ({ text, issues }) => {
  verifies('P-01')
  expect(issuesOf(text)).toEqual(issues)
})

test.for([
  {
    story: 'bounds of a duration in the wrong order',
    text: specWith('expected_duration_ms: { min: 5, max: 4 }'),
    issues: ['4:34 bad_value'],
  },
  {
    story: 'bounds of a count in the wrong order',
    text: specWith('count: { min: 5, max: 4 }'),
    issues: ['4:12 bad_value'],
  },
  {
    story: 'bounds of the traces in the wrong order',
    text: 'name: s\ntraces: { min: 2, max: 1 }\nforbidden_spans: [{ kind: client }]',
    issues: ['2:16 bad_value'],
  },
  { story: 'a count of zero', text: specWith('count: 0'), issues: ['4:12 bad_value'] },
  {
    story: 'a count of at most zero',
    text: specWith('count: { max: 0 }'),
    issues: ['4:12 bad_value'],
  },
  {
    story: 'an optional span with a least count',
    text: specWith('count: { min: 1, max: 3 }', 'optional: true'),
    issues: ['5:15 bad_value'],
  },
  {
    story: 'an id used twice, at any depth',
    text: specWith('id: x', 'children:', '  - { id: x, kind: client }'),
    issues: ['6:15 duplicate_id'],
  },
  {
    story: 'an id that is the path of another',
    text: specWith('id: expected_spans[0].children[0]', 'children: [{ kind: client }]'),
    issues: ['5:16 duplicate_id'],
  },
  {
    story: 'a key written twice',
    text: specWith('kind: client', 'kind: server'),
    issues: ['5:5 duplicate_key'],
  },
  { story: 'NaN', text: specWithTag('{ gt: .nan }'), issues: ['4:35 bad_value'] },
  { story: 'an infinite literal', text: specWithTag('.inf'), issues: ['4:29 bad_value'] },
  {
    story: 'an infinite duration',
    text: specWith('expected_duration_ms: { max: .inf }'),
    issues: ['4:34 bad_value'],
  },
  { story: 'a lookahead', text: specWithTag('{ regex: "a(?=b)" }'), issues: ['4:38 bad_pattern'] },
  {
    story: 'a backreference',
    text: specWithTag(String.raw`{ regex: '(a)\1' }`),
    issues: ['4:38 bad_pattern'],
  },
  {
    story: 'a regex that does not close',
    text: specWithTag('{ regex: "(a" }'),
    issues: ['4:38 bad_pattern'],
  },
  {
    story: 'a regex of 1001 characters',
    text: specWithTag(`{ regex: ${'a'.repeat(1001)} }`),
    issues: ['4:38 bad_pattern'],
  },
  {
    story: 'a brace that does not close',
    text: specWithTag('{ template: "/users/{id" }'),
    issues: ['4:41 bad_pattern'],
  },
  {
    story: 'a brace over a slash',
    text: specWithTag('{ template: "/{a/b}" }'),
    issues: ['4:41 bad_pattern'],
  },
  {
    story: 'a resource tag without a name',
    text: specWith('where: { resource.: 1 }'),
    issues: ['4:14 bad_value'],
  },
  { story: 'a star in a literal', text: specWithTag('GET *'), issues: ['4:29 text_with_star?'] },
  { story: 'a star written as text', text: specWithTag('{ eq: GET * }'), issues: [] },
  { story: 'a template without braces', text: specWithTag('{ template: /users }'), issues: [] },
])('$story is an issue at its place', ({ text, issues }) => {
  verifies('P-01')
  expect(issuesOf(text)).toEqual(issues)
})

test('every issue of a file is reported at once, each in file order', () => {
  verifies('P-01')
  const text = [
    'nam: checkout',
    'traces: { min: -1 }',
    'expected_spans:',
    '  - operaton_name: a',
    '    kind: srver',
    '    children:',
    '      - { service: b, events: [] }',
    '      - operation_name: { gob: "c*" }',
    'forbidden_spans: [{ reason: 3 }]',
    'ordering: []',
  ].join('\n')
  expect(issuesOf(text)).toEqual([
    '1:1 unknown_key',
    '2:16 bad_value',
    '4:5 unknown_key',
    '5:11 bad_value',
    '7:11 unknown_key',
    '7:23 not_built',
    '8:27 unknown_key',
    '9:19 missing_key',
    '9:29 wrong_type',
    '10:1 not_built',
  ])
})

test.for([
  [specWith('nam: b'), 'operation_name'],
  [specWith('name: b'), 'operation_name'],
  [specWith('service: b'), 'service_name'],
  [specWith('serviceName: b'), 'service_name'],
  [specWith('duration: b'), 'expected_duration_ms'],
  [specWith('max_duration: 3'), 'expected_duration_ms'],
  [specWith('tags: {}'), 'required_tags'],
  [specWith('attributes: {}'), 'required_tags'],
  [specWith('optional_tag: {}'), 'optional_tags'],
  [specWith('childern: []'), 'children'],
  [specWith('error: true'), 'status: error'],
  ['name: s\nspans: []', 'expected_spans'],
  ['name: s\nforbidden: []', 'forbidden_spans'],
  ['name: s\nforbidden_spans: [{ kind: client, tags: {} }]', 'where'],
  ['name: s\nperformance_constraints: { max_duration_ms: 3 }', 'max_total_duration_ms'],
  ['name: s\nerror_conditions: [{ exception_type: A }]', 'exception.type'],
  [specWithTag('{ equals: 1 }'), 'eq'],
  [specWithTag('{ min: 1 }'), 'gte'],
  [specWithTag('{ pattern: a }'), 'regex'],
  [specWithTag('{ exsts: true }'), 'exists'],
] as const)('the hint of a mistyped key names %$', ([text, meant]) => {
  verifies('P-01')
  const hints = parseSpec(text, { file: 'a.yaml' }).issues.map(({ hint }) => hint)
  expect(hints).toEqual([`did you mean \`${meant}\`?`])
})

test('a parent is written by nesting', () => {
  const { issues } = parseSpec(specWith('parent: b'), { file: 'a.yaml' })
  expect(issues.map(({ hint }) => hint)).toEqual([
    "write the expectation under its parent's `children`",
  ])
})

test('a key that is near to nothing lists what is allowed', () => {
  const { issues } = parseSpec(specWith('count: { zzz: 1 }'), { file: 'a.yaml' })
  expect(issues.map(({ hint }) => hint)).toEqual([
    'write at least one of `min`, `max`',
    'the fields here are min, max',
  ])
})

test.for(['events', 'one_of', 'linked', 'closed', 'children_order'])(
  '%s is refused in an expectation as not built',
  (field) => {
    const { issues } = parseSpec(specWith(`${field}: []`), { file: 'a.yaml' })
    expect(issues).toMatchObject([
      {
        code: 'not_built',
        severity: 'error',
        message: `\`${field}\` is part of the language but not built in this version.`,
        at: { line: 4, column: 5, endLine: 4, endColumn: 5 + field.length },
      },
    ])
  },
)

test.for(['ordering', 'extends', 'parameters', 'command', 'trigger'])(
  '%s is refused in a spec as not built',
  (field) => {
    const text = `name: s\n${field}: {}\nforbidden_spans: [{ kind: client }]`
    expect(issuesOf(text)).toEqual(['2:1 not_built'])
  },
)

test('budgets are refused among the constraints as not built', () => {
  const text = 'name: s\nperformance_constraints: { budgets: [] }'
  expect(issuesOf(text)).toEqual(['2:28 not_built'])
})

test.for([
  {
    of: 'nothing that has that id',
    text: '{ span: wrok, p95_ms: 3 }',
    issues: ['4:42 unknown_id'],
  },
  { of: 'no span', text: '{ p95_ms: 3 }', issues: ['4:42 missing_key'] },
  { of: 'no bound', text: '{ span: work }', issues: ['4:42 missing_key'] },
  {
    of: 'a percentile that nobody asks',
    text: '{ span: work, p42_ms: 3 }',
    issues: ['4:42 missing_key', '4:56 unknown_key'],
  },
])('a percentile of $of is refused', ({ text, issues }) => {
  const head = 'name: s\nexpected_spans:\n  - { id: work, kind: server }\n'
  expect(issuesOf(`${head}performance_constraints: { percentiles: [${text}] }`)).toEqual(issues)
})

test('the linked relation is refused as not built', () => {
  expect(issuesOf(specWith('relation: linked'))).toEqual(['4:15 not_built'])
})

test('an expectation that is one_of lacks no identity besides', () => {
  expect(issuesOf('name: s\nexpected_spans: [{ one_of: [] }]')).toEqual(['2:20 not_built'])
})

test('a message quotes someone else’s text in one bounded line', () => {
  const key = `a\u001B[31m\u202E${'b'.repeat(500)}`
  const { issues } = parseSpec(specWith(`${JSON.stringify(key)}: 1`), { file: 'a.yaml' })
  expect(issues.map(({ message }) => message)).toEqual([
    `\`a\\u{1b}[31m\\u{202e}${'b'.repeat(52)}…\` is not a field of an expectation.`,
  ])
})
