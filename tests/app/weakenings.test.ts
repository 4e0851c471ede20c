import { expect, test } from 'vitest'
import { weakenings } from '../../src/app/weakenings.ts'
import { weakeningSentence } from '../../src/report/wording/weakening.ts'
import { parseSpec } from '../../src/spec/parse.ts'
import type { Spec } from '../../src/spec/spec.ts'

const strict = `name: a
traces: { min: 2 }
unexpected_spans: fail
expected_spans:
  - id: entry
    operation_name: GET /
    status: ok
    expected_duration_ms: { max: 100 }
    required_tags: { http.route: "/" }
    children:
      - { operation_name: price, count: { min: 2, max: 3 } }
      - { operation_name: charge, relation: direct }
forbidden_spans: [{ operation_name: DELETE }]
error_conditions: [{ operation_name: declined, expect: required }]
performance_constraints: { max_total_duration_ms: 500 }
`

function specOf(text: string): Spec {
  const { spec, issues } = parseSpec(text, { file: 'a.yaml' })
  if (spec === undefined) throw new Error(issues.map((issue) => issue.message).join(' '))
  return spec
}

function told(before: string, after: string): string[] {
  return weakenings(specOf(before), specOf(after)).map(
    (one) => `${one.at.line}: ${weakeningSentence(one)}`,
  )
}

test.for([
  ['min: 2 }\nu', 'min: 1 }\nu', '2: `traces.min` allows more: 2 before, 1 now.'],
  ['fail', 'report', '3: `unexpected_spans` allows more: fail before, report now.'],
  [
    'max: 100',
    'max: 200',
    '5: `expected_duration_ms.max` of `GET /` allows more: 100 before, 200 now.',
  ],
  ['    status: ok\n', '', '5: `status` of `GET /` is no longer asked for (was ok).'],
  [
    'required_tags',
    'optional_tags',
    '9: `required_tags.http.route` of `GET /` allows more: required before, optional now.',
  ],
  [
    'http.route: "/"',
    'http.route: "*"',
    '9: `required_tags.http.route` of `GET /` asks for something else than before.',
  ],
  [
    'http.route: "/"',
    'http.method: GET',
    '9: `required_tags.http.route` of `GET /` is no longer asked for.',
  ],
  ['min: 2, max', 'min: 1, max', '11: `count.min` of `price` allows more: 2 before, 1 now.'],
  ['max: 3', 'max: 9', '11: `count.max` of `price` allows more: 3 before, 9 now.'],
  [
    'relation: direct',
    'relation: descendant',
    '12: `relation` of `charge` allows more: direct before, descendant now.',
  ],
  ['operation_name: charge', 'operation_name: pay', '12: `charge` is no longer expected.'],
  [
    'operation_name: GET /',
    'operation_name: "*"',
    '5: `operation_name` of `entry` asks for something else than before.',
  ],
  [
    'forbidden_spans: [{ operation_name: DELETE }]\n',
    '',
    '13: `forbidden_spans` of `DELETE` is no longer asked for.',
  ],
  [
    'expect: required',
    'expect: allowed',
    '14: `error_conditions` of `declined` is no longer asked for. | 14: `error_conditions` of `declined` silences what counted before.',
  ],
  [
    'max_total_duration_ms: 500',
    'max_total_duration_ms: 900',
    '15: `performance_constraints.max_total_duration_ms` allows more: 500 before, 900 now.',
  ],
  [
    'name: a\n',
    'name: a\nignore: [{ operation_name: log }]\n',
    '2: `ignore` silences what counted before.',
  ],
] as const)('%j for %j is told at its line', ([written, instead, sentence]) => {
  const looser = strict.replace(written, instead)
  expect(told(strict, looser).join(' | ')).toBe(sentence)
})

test.for([
  ['the same', strict],
  ['another order', strict.replace(/( +- \{ operation_name: price.*\n)( +- .*\n)/, '$2$1')],
  ['comments and lines', strict.replace('traces', '# why\n\ntraces')],
  [
    'one more expectation',
    strict.replace('    children:\n', '    children:\n      - operation_name: more\n'),
  ],
  [
    'tighter bounds',
    strict.replace('max: 100', 'max: 50').replace('min: 2, max: 3', 'min: 3, max: 3'),
  ],
] as const)('%s is not weaker', ([, text]) => {
  expect(told(strict, text)).toEqual([])
})
