import { expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { issuesOf } from './issues-of.ts'

const head = 'name: s\n'

test.for([
  ['nothing', ''],
  ['an empty list', 'expected_spans: []'],
  ['errors that are only reported', 'unexpected_errors: report'],
  ['any number of an optional span', 'expected_spans: [{ operation_name: a, count: { min: 0 } }]'],
  ['at least one of any span', 'expected_spans: [{ operation_name: "*", count: { min: 1 } }]'],
  [
    'an optional tag of any value',
    'expected_spans: [{ operation_name: a, count: { min: 0 }, optional_tags: { b: "*" } }]',
  ],
  [
    'no least duration',
    'expected_spans: [{ operation_name: a, count: { min: 0 }, expected_duration_ms: { min: 0 } }]',
  ],
  [
    'optional spans below optional spans',
    'expected_spans: [{ operation_name: a, count: { min: 0 }, children: [{ kind: client, count: { min: 0 } }] }]',
  ],
  ['allowed errors', 'error_conditions: [{ operation_name: a, expect: allowed }]'],
  ['reported spans and ignored ones', 'unexpected_spans: report\nignore: [{ kind: client }]'],
  ['one trace of any kind', 'traces: { min: 1 }'],
] as const)('a spec of %s cannot fail', ([, text]) => {
  verifies('P-01')
  expect(issuesOf(head + text)).toEqual(['1:7 cannot_fail'])
})

test.for([
  ['a required span', 'expected_spans: [{ operation_name: a }]'],
  ['at most one of an optional span', 'expected_spans: [{ operation_name: a, optional: true }]'],
  ['two of any span', 'expected_spans: [{ operation_name: "*", count: { min: 2 } }]'],
  ['one client span', 'expected_spans: [{ operation_name: "*", kind: client, count: { min: 1 } }]'],
  [
    'a status of any number of spans',
    'expected_spans: [{ operation_name: "*", count: { min: 0 }, status: ok }]',
  ],
  [
    'a longest duration of any number of spans',
    'expected_spans: [{ operation_name: "*", count: { min: 0 }, expected_duration_ms: { max: 5 } }]',
  ],
  [
    'a required tag of any number of spans',
    'expected_spans: [{ operation_name: "*", count: { min: 0 }, required_tags: { a: "*" } }]',
  ],
  [
    'an optional tag with a value',
    'expected_spans: [{ operation_name: "*", count: { min: 0 }, optional_tags: { a: 1 } }]',
  ],
  [
    'a required span below an optional one',
    'expected_spans: [{ operation_name: a, count: { min: 0 }, children: [{ operation_name: "*", count: { min: 1 } }] }]',
  ],
  ['a forbidden span', 'forbidden_spans: [{ kind: client }]'],
  ['unexpected spans that fail', 'unexpected_spans: fail'],
  ['unexpected errors that fail', 'unexpected_errors: fail'],
  ['a longest total', 'performance_constraints: { max_total_duration_ms: 5 }'],
  ['a required error', 'error_conditions: [{ exception.type: A, expect: required }]'],
  ['a forbidden error', 'error_conditions: [{ exception.type: A, expect: forbidden }]'],
  ['two traces', 'traces: { min: 2 }'],
  ['no trace', 'traces: { max: 0 }'],
  ['one trace of a kind', 'applies_to: { kind: server }\ntraces: { min: 1 }'],
] as const)('a spec of %s can fail', ([, text]) => {
  expect(issuesOf(head + text)).toEqual([])
})

const twoSiblings = (a: string, b: string): string =>
  `name: s\napplies_to: { kind: server }\nexpected_spans:\n  - ${a}\n  - ${b}`

test.for<readonly [string, string]>([
  ['{ operation_name: a }', '{ operation_name: a }'],
  ['{ operation_name: a }', '{ operation_name: { glob: "*" } }'],
  ['{ operation_name: a }', '{ kind: client }'],
  ['{ operation_name: a, kind: client }', '{ operation_name: a, service_name: b }'],
  ['{ operation_name: { glob: "a*" } }', '{ operation_name: { glob: "ab*" } }'],
  ['{ operation_name: { glob: "a*" } }', '{ operation_name: { regex: "^b" } }'],
  ['{ operation_name: { in: [a, b] } }', '{ operation_name: { in: [b, c] } }'],
  ['{ operation_name: { template: "/{a}/b" } }', '{ operation_name: { template: "/a/{b}" } }'],
  ['{ where: { x: 1 } }', '{ where: { x: "1" } }'],
  ['{ where: { x: 1 } }', '{ where: { x: { type: int } } }'],
  ['{ where: { x: 1.0 } }', '{ where: { x: { type: double } } }'],
  ['{ where: { x: 1 } }', '{ where: { y: 2 } }'],
  ['{ where: { x: { gte: 5 } } }', '{ where: { x: { lte: 5 } } }'],
  ['{ where: { x: true } }', '{ where: { x: "true" } }'],
  ['{ where: { x: { ne: 1 } } }', '{ where: { x: { ne: 2 } } }'],
])('%s and %s are ambiguous siblings', ([a, b]) => {
  expect(issuesOf(twoSiblings(a, b))).toEqual(['5:5 ambiguous_siblings?'])
  expect(issuesOf(twoSiblings(b, a))).toEqual(['5:5 ambiguous_siblings?'])
})

test.for<readonly [string, string]>([
  ['{ operation_name: a }', '{ operation_name: b }'],
  ['{ operation_name: a, kind: client }', '{ operation_name: a, kind: server }'],
  ['{ operation_name: a, service_name: b }', '{ operation_name: a, service_name: c }'],
  ['{ operation_name: a, where: { x: 1 } }', '{ operation_name: a, where: { x: 2 } }'],
  [
    '{ operation_name: a, where: { x: 1 } }',
    '{ operation_name: a, where: { x: { exists: false } } }',
  ],
  [
    '{ operation_name: a, where: { x: "*" } }',
    '{ operation_name: a, where: { x: { exists: false } } }',
  ],
  ['{ operation_name: a }', '{ operation_name: { glob: "b*" } }'],
  ['{ operation_name: a }', '{ operation_name: { regex: "^b" } }'],
  ['{ operation_name: GET /users }', '{ operation_name: { template: "GET /users/{id}" } }'],
  ['{ operation_name: a }', '{ operation_name: { in: [b, c] } }'],
  ['{ operation_name: a }', '{ operation_name: { ne: a } }'],
  ['{ operation_name: { in: [a, b] } }', '{ operation_name: { in: [c, d] } }'],
  ['{ operation_name: { glob: "a*" } }', '{ operation_name: { glob: "b*" } }'],
  ['{ operation_name: { glob: "*a" } }', '{ operation_name: { glob: "*b" } }'],
  [
    '{ operation_name: { template: "GET /a/{id}" } }',
    '{ operation_name: { template: "GET /b/{id}" } }',
  ],
  ['{ operation_name: { template: "/{a}" } }', '{ operation_name: { template: "/{a}/{b}" } }'],
  ['{ operation_name: { glob: "a*", ne: ab } }', '{ operation_name: { glob: "b*" } }'],
  ['{ operation_name: { glob: "a*", ne: ab } }', '{ operation_name: ab }'],
  ['{ where: { x: { gte: 500 } } }', '{ where: { x: { lt: 500 } } }'],
  ['{ where: { x: 404 } }', '{ where: { x: { gte: 500 } } }'],
  ['{ where: { x: true } }', '{ where: { x: false } }'],
])('%s and %s are no ambiguous siblings', ([a, b]) => {
  expect(issuesOf(twoSiblings(a, b))).toEqual([])
  expect(issuesOf(twoSiblings(b, a))).toEqual([])
})

test('ambiguity is looked for in every list of children', () => {
  const text = `name: s
expected_spans:
  - operation_name: a
    children:
      - operation_name: b
        children:
          - kind: client
          - kind: client
      - operation_name: b
`
  expect(issuesOf(text)).toEqual(['8:13 ambiguous_siblings?', '9:9 ambiguous_siblings?'])
})

test('several top-level spans are a doubt unless the spec says what opens a case', () => {
  const spans = 'expected_spans:\n  - operation_name: a\n  - operation_name: b\n'
  expect(issuesOf(head + spans)).toEqual(['4:5 several_top_level?'])
  expect(issuesOf(`${head}applies_to: { kind: server }\n${spans}`)).toEqual([])
})
