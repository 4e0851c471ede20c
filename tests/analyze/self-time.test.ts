import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import { extentsOf } from '../../src/analyze/extent.ts'
import { selfTimesOf } from '../../src/analyze/self-time.ts'
import { span } from '../trace/spans.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import type { Span } from '../../src/trace/span.ts'
import { verifies } from '../verifies.ts'
import { readJaeger } from './jaeger-json.ts'

interface Golden {
  readonly file: string
  readonly service: string
  readonly operation: string
  /** As `tableValues.test.js` has it: milliseconds to two decimals. */
  readonly selfMs: number
}

const gateway = 'api-gateway'
const customers = 'customers-service'
const query = 'HikariProxyPreparedStatement.executeQuery'

const goldens: readonly Golden[] = [
  {
    file: 'testTraceNormal',
    service: gateway,
    operation: 'GET /api/customer/owners/8/pets/10',
    selfMs: 2.4,
  },
  {
    file: 'testTraceNormal',
    service: gateway,
    operation: 'GET /owners/8/pets/10',
    selfMs: 0.76,
  },
  {
    file: 'testTraceNormal',
    service: customers,
    operation: 'GET /owners/8/pets/10',
    selfMs: 1.67,
  },
  { file: 'testTraceNormal', service: customers, operation: query, selfMs: 0.07 },
  { file: 'spansAmongEachOther', service: customers, operation: 'GET /owners', selfMs: 1.67 },
  {
    file: 'spanLongerAsParent',
    service: gateway,
    operation: 'GET /owners/8/pets/10',
    selfMs: 1.22,
  },
  { file: 'traceWithOverlappingChildren', service: 'service-one', operation: 'send', selfMs: 0 },
  { file: 'traceWithThreeShortChildren', service: 'service-one', operation: 'send', selfMs: 0.01 },
  {
    file: 'traceWithTwoChildrenStartedAtTraceStart',
    service: 'service-one',
    operation: 'send',
    selfMs: 0,
  },
]

test.for(goldens)('$file: $operation of $service', ({ file, service, operation, selfMs }) => {
  verifies('P-09')
  const { trace } = readJaeger(`jaeger-ui/${file}.json`)
  const { items } = analyzeTrace(trace, { limit: 100 }).slowest.by_self_time
  const sum = items
    .filter(({ span: { name, service: of } }) => name === operation && of === service)
    .reduce((total, { self_ms }) => total + self_ms, 0)
  expect(sum.toFixed(2)).toBe(selfMs.toFixed(2))
})

const root = { id: 1, start: 100, end: 200 }

const shapes: readonly (readonly [string, readonly Span[], bigint])[] = [
  ['no child', [span(root)], 100n],
  ['a child as long as it', [span(root), span({ ...root, id: 2, parent: 1 })], 0n],
  [
    'two back to back',
    [
      span(root),
      span({ id: 2, parent: 1, start: 100, end: 130 }),
      span({ id: 3, parent: 1, start: 130, end: 150 }),
    ],
    50n,
  ],
  [
    'one within another',
    [
      span(root),
      span({ id: 2, parent: 1, start: 110, end: 190 }),
      span({ id: 3, parent: 1, start: 120, end: 130 }),
    ],
    20n,
  ],
  ['one that starts before it', [span(root), span({ id: 2, parent: 1, start: 0, end: 150 })], 50n],
  ['one that outlives it', [span(root), span({ id: 2, parent: 1, start: 150, end: 900 })], 50n],
  ['one after it', [span(root), span({ id: 2, parent: 1, start: 200, end: 900 })], 100n],
  [
    'a grandchild that its child does not cover',
    [
      span(root),
      span({ id: 2, parent: 1, start: 110, end: 120 }),
      span({ id: 3, parent: 2, start: 110, end: 190 }),
    ],
    90n,
  ],
  [
    'a consumer of what it produced',
    [
      span({ ...root, kind: 'producer' }),
      span({ id: 2, parent: 1, start: 110, end: 190, kind: 'consumer' }),
    ],
    100n,
  ],
  ['an end before its start', [span({ id: 1, start: 200, end: 100 })], 0n],
]

test.for(shapes)('self time of a span with %s', ([, spans, expected]) => {
  const trace = buildTrace(spans)
  const index = trace.spans.findIndex(({ spanId }) => spanId === spans[0]?.spanId)
  expect(selfTimesOf(trace, extentsOf(trace))[index]?.total).toBe(expected)
})

test('the gap is the longest stretch that no child covers', () => {
  const trace = buildTrace([
    span({ id: 1, start: 0, end: 100_000_000 }),
    span({ id: 2, parent: 1, start: 10_000_000, end: 30_000_000 }),
    span({ id: 3, parent: 1, start: 70_000_000, end: 90_000_000 }),
  ])
  const [slowest] = analyzeTrace(trace, { limit: 1 }).slowest.by_self_time.items
  expect(slowest?.gap).toEqual({ from_ms: 30, duration_ms: 40 })
})
