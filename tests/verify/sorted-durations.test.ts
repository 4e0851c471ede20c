import { expect, test } from 'vitest'
import { parseSpec } from '../../src/spec/parse.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import { measuredSpan, ranksRead } from '../../src/verify/sorted-durations.ts'
import { verifies } from '../verifies.ts'

function measuredBy(expectation: string, more = '', losses: Losses = lossless): unknown {
  const text = `name: s
${more.startsWith('applies_to') ? more : ''}
expected_spans:
  - { id: work, ${expectation} }
${more.startsWith('  -') ? more : ''}
performance_constraints:
  percentiles: [{ span: ${more.includes('id: below') ? 'below' : 'work'}, p90_ms: 5, p95_ms: 9 }]
`
  const { spec, issues } = parseSpec(text, { file: 'spec.yaml' })
  const [bound] = spec?.percentiles ?? []
  if (spec === undefined || bound === undefined) {
    throw new Error(issues.map(({ message }) => message).join(' '))
  }
  return measuredSpan(bound, { spec, losses })
}

const byNames = 'operation_name: work, service_name: shop'

test('a span is asked of a source where its names alone open the one case', () => {
  verifies('P-22')
  const asked = [
    measuredBy(byNames),
    measuredBy('operation_name: work'),
    measuredBy(byNames, '  - operation_name: mail'),
  ]
  const both = { operation: 'work', service: 'shop' }
  expect(asked).toEqual([both, { operation: 'work' }, both])
})

test.for<readonly [string, string, string?, Partial<Losses>?]>([
  ['a kind', `${byNames}, kind: server`],
  ['an attribute', `${byNames}, where: { a: b }`],
  ['a pattern', 'operation_name: { glob: "w*" }'],
  ['a pattern of services', 'operation_name: work, service_name: { regex: shop }'],
  ['more than one of it', `${byNames}, count: { min: 1, max: 2 }`],
  ['none of it at least', `${byNames}, optional: true`],
  ['a sibling that may take it', byNames, '  - { operation_name: { glob: "*" }, optional: true }'],
  ['another span that opens cases', byNames, 'applies_to: { operation_name: POST /checkout }'],
  ['a span that opens no case', byNames, '  - { id: below, operation_name: mail }'],
  ['names without case', byNames, '', { nameCase: true }],
  ['times that are cut', byNames, '', { grainNanos: 1000 }],
  ['kinds that are lost', byNames, '', { kinds: 'lost' }],
])('no source is asked for %s', ([, expectation, more, losses]) => {
  expect(measuredBy(expectation, more, { ...lossless, ...losses })).toBeUndefined()
})

test('the ranks of all percentiles are read at once', () => {
  const { spec } = parseSpec(
    `name: s
expected_spans: [{ id: work, operation_name: work }]
performance_constraints:
  percentiles: [{ span: work, p90_ms: 5 }, { span: work, p95_ms: 9 }, { span: work, p95_ms: 8 }]
`,
    { file: 'spec.yaml' },
  )
  if (spec === undefined) throw new Error('no spec')
  expect([ranksRead(spec, 100), ranksRead(spec, 20)]).toEqual([
    [84, 90, 91, 95, 96, 100],
    [18, 19],
  ])
})
