import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import type { Span } from '../../src/trace/span.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { readJaeger } from './jaeger-json.ts'

/** Name and times in nanoseconds of every segment, in the order of time. */
function segments(spans: readonly Span[]): readonly (readonly [string, number, number])[] {
  const path = analyzeTrace(buildTrace(spans), { limit: 100 }).critical_path
  return (path?.segments.items ?? []).map(({ span: { name }, from_ms, duration_ms }) => [
    name,
    Math.round(from_ms * 1e6),
    Math.round((from_ms + duration_ms) * 1e6),
  ])
}

const root = span({ id: 1, start: 0, end: 100, name: 'root' })
const child = (id: number, start: number, end: number, parent = 1): Span =>
  span({ id, parent, start, end, name: `c${id}` })

const MS = 1_000_000

const shapes: readonly (readonly [string, readonly Span[], ReturnType<typeof segments>])[] = [
  ['one span', [root], [['root', 0, 100]]],
  [
    'siblings back to back are all on it',
    [root, child(2, 0, 40), child(3, 40, 70), child(4, 70, 100)],
    [
      ['c2', 0, 40],
      ['c3', 40, 70],
      ['c4', 70, 100],
    ],
  ],
  [
    'a sibling that ends in the millisecond to which the start of the next was cut is on it, with what is below it',
    [
      span({ id: 1, start: 0, end: 9 * MS + 5, name: 'root' }),
      child(2, MS, 4 * MS + 300),
      child(3, 2 * MS, 4 * MS + 200, 2),
      child(4, 4 * MS, 9 * MS + 1),
    ],
    [
      ['root', 0, MS],
      ['c2', MS, 2 * MS],
      ['c3', 2 * MS, 4 * MS],
      ['c4', 4 * MS, 9 * MS + 1],
      ['root', 9 * MS + 1, 9 * MS + 5],
    ],
  ],
  [
    'siblings that overlap by more than that are parallel',
    [
      span({ id: 1, start: 0, end: 9 * MS, name: 'root' }),
      child(2, MS, 5 * MS + 1),
      child(3, 4 * MS, 9 * MS - 1),
    ],
    [
      ['root', 0, 4 * MS],
      ['c3', 4 * MS, 9 * MS - 1],
      ['root', 9 * MS - 1, 9 * MS],
    ],
  ],
  [
    'a start is not taken for cut where the end is a whole millisecond too',
    [
      span({ id: 1, start: 0, end: 9 * MS, name: 'root' }),
      child(2, MS, 4 * MS + 300),
      child(3, 4 * MS, 9 * MS),
    ],
    [
      ['root', 0, 4 * MS],
      ['c3', 4 * MS, 9 * MS],
    ],
  ],
  [
    'of parallel siblings the last to finish is on it',
    [root, child(2, 10, 60), child(3, 10, 90)],
    [
      ['root', 0, 10],
      ['c3', 10, 90],
      ['root', 90, 100],
    ],
  ],
  [
    'a child that outlives its parent is clipped with all below it',
    [root, child(2, 20, 150), child(3, 90, 140, 2), child(4, 110, 130, 2)],
    [
      ['root', 0, 20],
      ['c2', 20, 90],
      ['c3', 90, 100],
    ],
  ],
  [
    'a child outside its parent is left out with all below it',
    [root, child(2, 120, 150), child(3, 10, 90, 2)],
    [['root', 0, 100]],
  ],
  [
    'a moment without length ends nothing',
    [root, child(2, 50, 50), child(3, 20, 50), child(4, 20, 20)],
    [
      ['root', 0, 20],
      ['c3', 20, 50],
      ['root', 50, 100],
    ],
  ],
  ['a trace without length has none', [span({ id: 1, start: 5, end: 5 })], []],
  [
    'the longest of several roots is the one',
    [span({ id: 9, start: 0, end: 30, name: 'short' }), root],
    [['root', 0, 100]],
  ],
  [
    'a producer does not wait for its consumer',
    [
      span({ id: 1, start: 0, end: 100, name: 'root', kind: 'producer' }),
      span({ id: 2, parent: 1, start: 10, end: 90, name: 'c2', kind: 'consumer' }),
    ],
    [['root', 0, 100]],
  ],
]

test.for(shapes)('critical path: %s', ([, spans, expected]) => {
  verifies('P-09')
  expect(segments(spans)).toEqual(expected)
})

test('the time of a client around its server is on the way to the callee', () => {
  const [shop, payment] = [resource('shop'), resource('payment')]
  const ms = 1_000_000
  const analysis = analyzeTrace(
    buildTrace([
      span({ id: 1, start: 0, end: 100 * ms, kind: 'server', name: 'pay', resource: shop }),
      span({ id: 2, parent: 1, start: 10 * ms, end: 90 * ms, kind: 'client', name: 'POST' }),
      span({
        id: 3,
        parent: 2,
        start: 30 * ms,
        end: 80 * ms,
        kind: 'server',
        name: 'POST /charge',
        resource: payment,
      }),
    ]),
    { limit: 10 },
  )
  const operation = { segments: 2 }
  expect(analysis.critical_path?.operations.items).toEqual([
    {
      ...operation,
      service: 'payment',
      name: 'POST /charge',
      where: 'own',
      callee: null,
      duration_ms: 50,
      share: 0.5,
      segments: 1,
    },
    {
      ...operation,
      service: 'shop',
      name: 'POST',
      where: 'network',
      callee: 'payment',
      duration_ms: 30,
      share: 0.3,
    },
    {
      ...operation,
      service: 'shop',
      name: 'pay',
      where: 'own',
      callee: null,
      duration_ms: 20,
      share: 0.2,
    },
  ])
  expect(analysis.services.items).toEqual([
    { service: 'payment', spans: 1, errors: 0, self_ms: 50, critical_ms: 50 },
    { service: 'shop', spans: 2, errors: 0, self_ms: 20, critical_ms: 20 },
  ])
  expect(analysis.calls.items).toEqual([
    {
      caller: 'shop',
      callee: 'payment',
      calls: 1,
      errors: 0,
      duration_ms: 80,
      network_ms: 30,
      critical_network_ms: 30,
    },
  ])
})

test('the consumer of a real trace is not on it', () => {
  const { trace } = readJaeger('jaeger-ui/testTrace.json')
  const path = analyzeTrace(trace, { limit: 100 }).critical_path
  const names = path?.segments.items.map(({ span: { name, service }, duration_ms }) => [
    `${service} ${name}`,
    duration_ms,
  ])
  expect(names).toEqual([
    ['service1 op1', 125],
    ['service1 op2', 33],
    ['service1 op1', 22],
    ['service1 op3', 20],
    ['service2 op1', 1],
    ['service2 op2', 18],
    ['service2 op1', 1],
    ['service1 op3', 26],
    ['service1 op1', 4],
    ['service1 op2', 37],
    ['service1 op1', 13],
    ['service1 op4', 20],
    ['service1 op1', 10],
    ['service1 op6', 1],
    ['service1 op7', 9],
    ['service1 op1', 50],
  ])
})
