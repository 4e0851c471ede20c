import { expect, test } from 'vitest'
import { parseSpec } from '../../src/spec/parse.ts'
import type { Matcher, Spec, SpanExpectation } from '../../src/spec/spec.ts'
import { verifies } from '../verifies.ts'
import { specWith, specWithTag } from './issues-of.ts'

function accepted(text: string): Spec {
  const { spec, issues } = parseSpec(text, { file: 'a.yaml' })
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
  if (spec === undefined) throw new Error('no spec without an error')
  return spec
}

function firstOf(text: string): SpanExpectation {
  const [first] = accepted(text).expected
  if (first === undefined) throw new Error('no expectation')
  return first
}

const at = (line: number, column: number, endLine: number, endColumn: number): object => ({
  file: 'a.yaml',
  line,
  column,
  endLine,
  endColumn,
})

test('the fields of the plan work verbatim', () => {
  verifies('P-05')
  const spec = accepted(`name: checkout
description: what must happen
expected_spans:
  - operation_name: POST /checkout
    service_name: shop
    expected_duration_ms: { min: 1, max: 500 }
    required_tags: { http.response.status_code: 201 }
    optional_tags: { user.id: "*" }
    children:
      - operation_name: authorize
performance_constraints: { max_total_duration_ms: 800 }
error_conditions: [{ operation_name: authorize, exception.type: CardDeclined }]
`)
  const name = at(1, 7, 1, 15)
  const nothing = { operationName: undefined, serviceName: undefined, kind: undefined, where: [] }
  expect(spec).toEqual({
    name: 'checkout',
    description: 'what must happen',
    at: name,
    appliesTo: undefined,
    traces: { min: undefined, max: undefined, passing: 'all', at: name },
    unexpectedSpans: { mode: 'report', at: name },
    unexpectedErrors: { mode: 'fail', at: name },
    ignore: [],
    expected: [
      {
        kind: 'span',
        id: 'expected_spans[0]',
        label: 'POST /checkout',
        at: at(4, 5, 11, 1),
        identity: {
          ...nothing,
          operationName: { kind: 'eq', value: 'POST /checkout' },
          serviceName: { kind: 'eq', value: 'shop' },
        },
        relation: 'child',
        count: { min: 1, max: 1 },
        duration: { minMs: 1, maxMs: 500, at: at(6, 27, 6, 47) },
        status: undefined,
        tags: [
          {
            name: 'http.response.status_code',
            matcher: { kind: 'eq', value: 201 },
            at: at(7, 22, 7, 47),
            optional: false,
          },
          { name: 'user.id', matcher: { kind: 'present' }, at: at(8, 22, 8, 29), optional: true },
        ],
        children: [
          {
            kind: 'span',
            id: 'expected_spans[0].children[0]',
            label: 'authorize',
            at: at(10, 9, 11, 1),
            identity: { ...nothing, operationName: { kind: 'eq', value: 'authorize' } },
            relation: 'child',
            count: { min: 1, max: 1 },
            duration: undefined,
            status: undefined,
            tags: [],
            children: [],
          },
        ],
      },
    ],
    forbidden: [],
    maxTotalDurationMs: { value: 800, at: at(11, 51, 11, 54) },
    percentiles: [],
    errorConditions: [
      {
        at: at(12, 20, 12, 79),
        label: 'authorize',
        identity: { ...nothing, operationName: { kind: 'eq', value: 'authorize' } },
        exceptionType: { kind: 'eq', value: 'CardDeclined' },
        expect: 'allowed',
      },
    ],
  })
})

test('JSON is a spec too', () => {
  const { spec, issues } = parseSpec(
    JSON.stringify(
      {
        $schema: '../schema/trace-spec.schema.json',
        name: 'json',
        expected_spans: [{ operation_name: 'a', required_tags: { 'x.y': { in: [1, 'b', true] } } }],
      },
      null,
      '\t',
    ),
    { file: 'a.json' },
  )
  expect(issues).toEqual([])
  expect(spec?.expected[0]?.tags[0]?.matcher).toEqual({ kind: 'in', values: [1, 'b', true] })
})

test('what is written about the whole spec is kept with its place', () => {
  const spec = accepted(`name: s
applies_to: { kind: SERVER, where: { resource.env: ci } }
traces: { min: 1, max: 3, passing: any }
unexpected_spans: fail
unexpected_errors: report
ignore: [{ operation_name: { glob: "mw*" }, errors: true }]
forbidden_spans: [{ where: { db.system.name: "*" }, reason: no database }]
`)
  expect(spec).toMatchObject({
    appliesTo: {
      identity: {
        kind: 'server',
        where: [
          { name: 'resource.env', matcher: { kind: 'eq', value: 'ci' }, at: at(2, 38, 2, 50) },
        ],
      },
      at: at(2, 13, 2, 58),
    },
    traces: { min: 1, max: 3, passing: 'any', at: at(3, 9, 3, 41) },
    unexpectedSpans: { mode: 'fail', at: at(4, 19, 4, 23) },
    unexpectedErrors: { mode: 'report', at: at(5, 20, 5, 26) },
    ignore: [{ identity: { operationName: { kind: 'glob', pattern: 'mw*' } }, errors: true }],
    forbidden: [{ label: 'forbidden_spans[0]', reason: 'no database' }],
  })
})

test.for<[string, Matcher]>([
  ['text', { kind: 'eq', value: 'text' }],
  ['"*"', { kind: 'present' }],
  ['{ eq: "*" }', { kind: 'eq', value: '*' }],
  ['"201"', { kind: 'eq', value: '201' }],
  ['201', { kind: 'eq', value: 201 }],
  ['0x1F', { kind: 'eq', value: 31 }],
  ['1.5e3', { kind: 'eq', value: 1500 }],
  ['9007199254740991', { kind: 'eq', value: 9007199254740991 }],
  ['9007199254740993', { kind: 'eq', value: 9007199254740993n }],
  ['-9223372036854775808', { kind: 'eq', value: -9223372036854775808n }],
  ['true', { kind: 'eq', value: true }],
  ['yes', { kind: 'eq', value: 'yes' }],
  ['2026-01-01', { kind: 'eq', value: '2026-01-01' }],
  ['{ ne: 1 }', { kind: 'ne', value: 1 }],
  ['{ gt: 1 }', { kind: 'gt', value: 1 }],
  ['{ gte: "a" }', { kind: 'gte', value: 'a' }],
  ['{ lt: 9007199254740993 }', { kind: 'lt', value: 9007199254740993n }],
  ['{ lte: 0.5 }', { kind: 'lte', value: 0.5 }],
  ['{ in: [a, 1] }', { kind: 'in', values: ['a', 1] }],
  ['{ glob: "a*" }', { kind: 'glob', pattern: 'a*' }],
  ['{ regex: "^a" }', { kind: 'regex', pattern: '^a' }],
  ['{ template: "/{id}" }', { kind: 'template', pattern: '/{id}' }],
  ['{ exists: false }', { kind: 'exists', value: false }],
  ['{ type: INT }', { kind: 'type', type: 'int' }],
  ['{ contains: a }', { kind: 'contains', value: 'a' }],
  ['{ length: 3 }', { kind: 'length', length: { kind: 'eq', value: 3 } }],
  [
    '{ length: { gte: 1, lt: 4 } }',
    {
      kind: 'length',
      length: {
        kind: 'all',
        of: [
          { kind: 'gte', value: 1 },
          { kind: 'lt', value: 4 },
        ],
      },
    },
  ],
  [
    '{ gt: 1, type: int }',
    {
      kind: 'all',
      of: [
        { kind: 'gt', value: 1 },
        { kind: 'type', type: 'int' },
      ],
    },
  ],
])('the matcher %s is read', ([written, matcher]) => {
  expect(firstOf(specWithTag(written)).tags.map((tag) => tag.matcher)).toEqual([matcher])
})

test.for([
  ['ok', 'ok'],
  ['unset', 'exactly_unset'],
  ['ERROR', 'exactly_error'],
  ['{ eq: ok }', 'exactly_ok'],
  ['{ eq: unset }', 'exactly_unset'],
  ['{ eq: error }', 'exactly_error'],
] as const)('the status %s asks for %s', ([written, condition]) => {
  expect(firstOf(specWith(`status: ${written}`)).status?.condition).toBe(condition)
})

test.for([
  [[], { min: 1, max: 1 }],
  [['optional: true'], { min: 0, max: 1 }],
  [['optional: false'], { min: 1, max: 1 }],
  [['count: 3'], { min: 3, max: 3 }],
  [['count: { min: 2 }'], { min: 2, max: Infinity }],
  [['count: { max: 5 }'], { min: 1, max: 5 }],
  [['count: { max: 5 }', 'optional: true'], { min: 0, max: 5 }],
] as const)('%j is a count', ([lines, count]) => {
  expect(firstOf(specWith(...lines)).count).toEqual(count)
})

test.for([
  ['operation_name: GET /', 'GET /'],
  ['operation_name: { glob: "pay.*" }', 'pay.*'],
  ['operation_name: { in: [a, b] }', 'a | b'],
  ['operation_name: "*"', 'expected_spans[0]'],
  ['{ id: mine, kind: client }', 'mine'],
])('the label of { %s } is %s', ([written, label]) => {
  const text = `name: s\nexpected_spans:\n  - ${written}`
  expect(firstOf(text).label).toBe(label)
})

test('an alias and a merge key bring in what they name', () => {
  const spec = accepted(
    `name: s
expected_spans:
  - &call
    operation_name: a
    kind: client
    required_tags: &tags { x: 1, y: 2 }
    children:
      - { <<: *call_free, operation_name: b, required_tags: { <<: *tags, y: 3 } }
`.replace('*call_free', '{ kind: server }'),
  )
  const child = spec.expected[0]?.children[0]
  expect(child?.identity).toMatchObject({ operationName: { value: 'b' }, kind: 'server' })
  expect(child?.tags.map(({ name, matcher }) => [name, matcher])).toEqual([
    ['y', { kind: 'eq', value: 3 }],
    ['x', { kind: 'eq', value: 1 }],
  ])
})
