import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { caretOf } from '../../src/spec/caret.ts'
import { decodeSpecBytes } from '../../src/spec/decode.ts'
import { areDisjoint, prepareIdentity } from '../../src/spec/disjoint.ts'
import { compileMatcher, showMatcher } from '../../src/spec/match.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import type { Expectation, Identity, Matcher, SourceRange, Spec } from '../../src/spec/spec.ts'
import type { AttributeValue } from '../../src/trace/span.ts'
import { verifies } from '../verifies.ts'

const runs = { numRuns: 1000 }

/** Pieces that YAML and the language give a meaning. */
const piece = fc.oneof(
  fc.constantFrom(
    'name',
    'expected_spans',
    'operation_name',
    'children',
    'where',
    'glob',
    'regex',
    'count',
    'status',
    'kind',
    'required_tags',
    'min',
    'one_of',
    '<<',
    '*a',
    '&a ',
    '!!str ',
    '!x ',
    '*',
    ': ',
    ':',
    '- ',
    '-',
    '? ',
    ', ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|',
    '>',
    '#',
    ' #',
    '%YAML 1.1\n',
    '\n',
    '\n  ',
    '\n    ',
    '\r\n',
    '\r',
    '\t',
    ' ',
    '---\n',
    '...\n',
    '\uFEFF',
    '\u0000',
    '\u2028',
    'null',
    'true',
    '1',
    '-1',
    '1e999',
    '.nan',
    '0x1',
    '9007199254740993',
    '\\',
    '\uD800',
    '漢',
  ),
  fc.string({ maxLength: 3 }),
)
const yamlish = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))

const { value: structure } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, 1, -1, 0.5, 'a', '*', 'GET *', 'server', 'ok', '(', '{x', ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'name',
        'description',
        'applies_to',
        'traces',
        'ignore',
        'expected_spans',
        'children',
        'operation_name',
        'service_name',
        'kind',
        'where',
        'status',
        'required_tags',
        'count',
        'optional',
        'relation',
        'expected_duration_ms',
        'min',
        'max',
        'eq',
        'glob',
        'regex',
        'in',
        'length',
        'template',
        'error_conditions',
        'exception.type',
        'forbidden_spans',
        'id',
        'performance_constraints',
        'max_total_duration_ms',
        '__proto__',
        'zzz',
      ),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
}))

function linesOf(text: string): readonly string[] {
  return text.replace(/^\uFEFF/, '').split('\n')
}

function isWithin(at: SourceRange, lines: readonly string[]): boolean {
  const isPlace = (line: number, column: number): boolean =>
    column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1
  const isOrdered = at.line < at.endLine || (at.line === at.endLine && at.column <= at.endColumn)
  return isPlace(at.line, at.column) && isPlace(at.endLine, at.endColumn) && isOrdered
}

function rangesOf(spec: Spec): readonly SourceRange[] {
  const below = (expectations: readonly Expectation[]): readonly SourceRange[] =>
    expectations.flatMap((e) => [e.at, ...e.tags.map((t) => t.at), ...below(e.children)])
  return [spec.at, spec.traces.at, ...below(spec.expected), ...spec.forbidden.map((f) => f.at)]
}

/** Every place within the text, `spec` exactly when there is no error, and every issue can be shown. */
function expectSound(text: string): void {
  const { spec, issues } = parseSpec(text, { file: 'a.yaml' })
  const lines = linesOf(text)
  const places = [...issues.map(({ at }) => at), ...(spec === undefined ? [] : rangesOf(spec))]
  expect(places.filter((at) => !isWithin(at, lines))).toEqual([])
  expect(spec === undefined).toBe(issues.some(({ severity }) => severity === 'error'))
  for (const issue of issues) {
    const shown = caretOf(issue, text)
    expect(shown.split('\n').length).toBeLessThanOrEqual(4)
  }
}

test.for([
  ['any text', fc.string({ unit: 'binary', maxLength: 200 })],
  ['text with the pieces of YAML', yamlish],
  [
    'bytes read as Latin-1',
    fc.uint8Array({ maxLength: 200 }).map((bytes) => String.fromCharCode(...bytes)),
  ],
] as const)('%s gives a spec or issues within the text', ([, texts]) => {
  verifies('P-01')
  fc.assert(fc.property(texts, expectSound), runs)
})

test.for([
  ['YAML', (value: unknown) => stringify(value)],
  ['JSON', (value: unknown) => JSON.stringify(value, null, 1)],
] as const)(
  'any structure of known words as %s gives a spec or issues within the text',
  ([, write]) => {
    verifies('P-01')
    fc.assert(
      fc.property(structure, (value) => expectSound(write(value))),
      runs,
    )
  },
)

test('any bytes are decoded or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const decoded = decodeSpecBytes(bytes, 'a.yaml')
      const again =
        'text' in decoded
          ? decodeSpecBytes(new TextEncoder().encode(decoded.text), 'a.yaml')
          : { issue: { ...decoded.issue, code: 'not_utf8' } }
      expect(again).toEqual(decoded)
    }),
    runs,
  )
})

const smallText = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 5 })
const written = fc.oneof(smallText, fc.integer({ min: -2, max: 2 }), fc.boolean())
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  smallText,
  fc.integer({ min: -2, max: 2 }),
  fc.bigInt({ min: -2n, max: 2n }),
  fc.boolean(),
  fc.constantFrom('1', '-2', 'true'),
)

const { matcher } = fc.letrec<{ matcher: Matcher }>((tie) => ({
  matcher: fc.oneof<fc.Arbitrary<Matcher>[]>(
    fc.record({ kind: fc.constantFrom('eq' as const, 'ne' as const), value: written }),
    fc.record({
      kind: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
      value: fc.integer({ min: -2, max: 2 }),
    }),
    fc.record({
      kind: fc.constant('in' as const),
      values: fc.array(written, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('glob' as const), pattern: smallText }),
    fc.record({
      kind: fc.constant('template' as const),
      pattern: fc.string({ unit: fc.constantFrom('a', 'b', '/', '{x}'), maxLength: 5 }),
    }),
    fc.record({ kind: fc.constant('exists' as const), value: fc.boolean() }),
    fc.record({
      kind: fc.constant('type' as const),
      type: fc.constantFrom('string' as const, 'int' as const, 'double' as const),
    }),
    fc.record({
      kind: fc.constant('all' as const),
      of: fc.array(tie('matcher'), { minLength: 1, maxLength: 2 }),
    }),
  ),
}))

test('what is proved disjoint never both matches', () => {
  const identity = (asked: Matcher): Identity => ({
    operationName: asked,
    serviceName: undefined,
    kind: undefined,
    where: [],
  })
  fc.assert(
    fc.property(
      matcher,
      matcher,
      fc.array(fc.option(value, { nil: undefined }), { minLength: 20, maxLength: 40 }),
      (a, b, values) => {
        const disjoint = areDisjoint(prepareIdentity(identity(a)), prepareIdentity(identity(b)))
        const [isA, isB] = [compileMatcher(a), compileMatcher(b)]
        const shared = values.filter((observed) => isA(observed) && isB(observed))
        expect(disjoint ? shared : [], `${showMatcher(a)} / ${showMatcher(b)}`).toEqual([])
      },
    ),
    { numRuns: 20_000 },
  )
})

test('a glob and a template match what the same regular expression does', () => {
  const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
  const parts = fc.array(fc.constantFrom('a', 'b', '/', '<>'), { maxLength: 7 })
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
  const asRegex = (of: readonly string[], gap: string): RegExp =>
    new RegExp(`^${of.map((part) => (part === '<>' ? gap : escaped(part))).join('')}$`)
  fc.assert(
    fc.property(parts, texts, (of, text) => {
      const glob = of.join('').replaceAll('<>', '*')
      const template = of.join('').replaceAll('<>', '{x}')
      expect([
        compileMatcher({ kind: 'glob', pattern: glob })(text),
        compileMatcher({ kind: 'template', pattern: template })(text),
      ]).toEqual([asRegex(of, '.*').test(text), asRegex(of, '[^/]+').test(text)])
    }),
    { numRuns: 20_000 },
  )
})
