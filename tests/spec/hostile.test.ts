import { expect, test } from 'vitest'
import { MAX_SPEC_BYTES, decodeSpecBytes } from '../../src/spec/decode.ts'
import { parseSpec, type ParsedSpec } from '../../src/spec/parse.ts'
import { verifies } from '../verifies.ts'
import { cpuMsOf } from './cpu-time.ts'
import { issuesOf, specWith } from './issues-of.ts'

const laughs = [
  'name: s',
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...'bcdefghij'.split('').map((name, index) => {
    const before = 'abcdefghi'[index] ?? ''
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`
  }),
].join('\n')

const mergedLaughs = [
  'name: s',
  `a: &a { ${Array.from({ length: 1000 }, (_, index) => `k${index}: 1`).join(', ')} }`,
  'b:',
  ...Array.from({ length: 1000 }, () => '  - { <<: *a }'),
].join('\n')

const chain = [
  'name: s',
  'x0: &x0 []',
  ...Array.from({ length: 300 }, (_, index) => `x${index + 1}: &x${index + 1} [*x${index}]`),
].join('\n')

test.for([
  { story: 'aliases of aliases', text: laughs, code: 'too_many_aliases' },
  { story: 'merge keys of a large object', text: mergedLaughs, code: 'too_many_aliases' },
  { story: 'a chain of aliases', text: chain, code: 'too_deep' },
  { story: '10,000 open brackets', text: '['.repeat(10_000), code: 'too_deep' },
  {
    story: '10,000 closed brackets',
    text: `name: s\nx: ${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    code: 'too_deep',
  },
  { story: '10,000 objects', text: '{a: '.repeat(10_000), code: 'too_deep' },
  { story: '10,000 dashes', text: '- '.repeat(10_000), code: 'too_deep' },
  { story: '10,000 complex keys', text: '? '.repeat(10_000), code: 'too_deep' },
  { story: 'two megabytes', text: `name: ${'a'.repeat(2 * MAX_SPEC_BYTES)}`, code: 'too_large' },
  {
    story: '110,000 list elements',
    text: `name: s\nexpected_spans:\n${'- a\n'.repeat(110_000)}`,
    code: 'too_large',
  },
  {
    story: '2,001 expectations',
    text: `name: s\nexpected_spans:\n${'- kind: client\n'.repeat(2001)}`,
    code: 'too_large',
  },
])('$story are refused by name and soon', ({ text, code }) => {
  verifies('P-01')
  let parsed: ParsedSpec | undefined
  const cpuMs = cpuMsOf(() => {
    parsed = parseSpec(text, { file: 'a.yaml' })
  })
  expect(cpuMs).toBeLessThan(10_000)
  expect(parsed?.spec).toBeUndefined()
  expect(parsed?.issues.map((issue) => issue.code)).toContain(code)
})

test('1,000 siblings of one name are told apart in bounded time', () => {
  const spans = Array.from(
    { length: 1000 },
    (_, index) => `- { operation_name: POST, where: { x: { regex: "a" }, y: ${index} } }`,
  )
  const text = `name: s\napplies_to: { kind: server }\nexpected_spans:\n${spans.join('\n')}`
  let issues: readonly string[] = []
  const cpuMs = cpuMsOf(() => {
    issues = issuesOf(text)
  })
  expect(cpuMs).toBeLessThan(10_000)
  expect(issues).toEqual([])
})

test('siblings with long lists of values are compared up to a bound, and the rest is named', () => {
  const spans = Array.from({ length: 1000 }, (_, index) => {
    const values = Array.from({ length: 90 }, (_value, offset) => index * 90 + offset)
    return `- { operation_name: { in: [${values.join(', ')}] } }`
  })
  const text = `name: s\napplies_to: { kind: server }\nexpected_spans:\n${spans.join('\n')}`
  let messages: readonly string[] = []
  const cpuMs = cpuMsOf(() => {
    messages = parseSpec(text, { file: 'a.yaml' }).issues.map(({ message }) => message)
  })
  expect(cpuMs).toBeLessThan(10_000)
  expect(messages).toEqual([
    'Whether the siblings after this one are ambiguous was not checked: the list is too large.',
  ])
})

test('80,000 unknown keys are all reported, in bounded time', () => {
  const keys = Array.from({ length: 80_000 }, (_, index) => `k${index}:`)
  let count = 0
  const cpuMs = cpuMsOf(() => {
    count = issuesOf(`name: s\n${keys.join('\n')}`).length
  })
  expect(cpuMs).toBeLessThan(10_000)
  expect(count).toBe(80_000)
})

test.for([
  ['a duplicate key', 'name: a\nname: b', ['2:1 duplicate_key']],
  ['a tab as indentation', 'name: a\ntraces:\n\tmin: 1', ['3:1 yaml_syntax']],
  ['two documents', 'name: a\n---\nname: b', ['2:1 yaml_syntax']],
  ['a tag of another language', 'name: !!js/function a', ['1:21 yaml_syntax']],
  ['a private tag', 'name: !secret a', ['1:15 yaml_syntax']],
  ['a binary', 'name: !!binary aGk=', ['1:16 yaml_syntax']],
  ['an alias without an anchor', 'name: *middleware', ['1:7 yaml_syntax', '1:7 wrong_type']],
  [
    'an anchor within itself',
    'name: s\nexpected_spans: &a [*a]',
    ['2:21 yaml_syntax', '2:21 wrong_type'],
  ],
  ['a bare star', 'name: *', ['1:7 yaml_syntax']],
  ['an open quote', 'name: "a', ['1:9 yaml_syntax']],
  ['a complex key', '? [a]\n: b\nname: s', ['1:3 wrong_type']],
  ['an empty key', ': b', ['1:1 missing_key', '1:1 wrong_type']],
] as const)('%s is an issue', ([, text, issues]) => {
  verifies('P-01')
  expect([...issuesOf(text)].toSorted()).toEqual([...issues].toSorted())
})

test('a byte order mark and CRLF move no column', () => {
  const text = `\uFEFF${specWith('kind: srv').replaceAll('\n', '\r\n')}\r\n`
  expect(issuesOf(text)).toEqual(['4:11 bad_value'])
  expect(issuesOf(text.replace('srv', 'server'))).toEqual([])
})

test.for(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'the key %s is a key like any other',
  (key) => {
    expect(issuesOf(`name: s\n${key}: { polluted: 1 }`)).toEqual(['2:1 unknown_key'])
    const { spec } = parseSpec(specWith(`required_tags: { ${key}: 1 }`), { file: 'a.yaml' })
    expect(spec?.expected[0]?.tags.map(({ name }) => name)).toEqual([key])
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  },
)

test('a YAML 1.1 directive does not change what words mean', () => {
  const { spec } = parseSpec(`%YAML 1.1\n---\n${specWith('required_tags: { a: yes }')}`, {
    file: 'a.yaml',
  })
  expect(spec?.expected[0]?.tags[0]?.matcher).toEqual({ kind: 'eq', value: 'yes' })
})

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

test('bytes are decoded without their mark', () => {
  expect(decodeSpecBytes(utf8('\uFEFFname: é\n'), 'a.yaml')).toEqual({ text: 'name: é\n' })
})

test.for([
  ['Latin-1', new Uint8Array([...utf8('name: é\nx: ab'), 0xe9, ...utf8('c\n')]), '2:6'],
  ['UTF-16', new Uint8Array([0xff, 0xfe, 0x6e, 0x00]), '1:1'],
  ['a cut character', new Uint8Array([...utf8('a\n\nb'), 0xe2, 0x82]), '3:2'],
] as const)('%s is refused where it begins', ([, bytes, place]) => {
  verifies('P-01')
  const decoded = decodeSpecBytes(bytes, 'a.yaml')
  const issue = 'issue' in decoded ? decoded.issue : undefined
  expect([issue?.code, `${issue?.at.line}:${issue?.at.column}`]).toEqual(['not_utf8', place])
})

test('a file beyond the limit is refused before it is decoded', () => {
  const decoded = decodeSpecBytes(new Uint8Array(MAX_SPEC_BYTES + 1), 'a.yaml')
  expect(decoded).toMatchObject({ issue: { code: 'too_large' } })
})
