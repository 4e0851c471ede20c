import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Span } from '../../src/trace/span.ts'
import type { Defect } from '../../src/trace/trace.ts'
import { buildTrace, buildTraces } from '../../src/trace/tree.ts'
import { resource, span, spanId, traceId } from './spans.ts'

test('a trace is a forest in the order of start, end, name, service, kind and content', () => {
  const attributes = new Map([['n', 1n]])
  const spans = [
    span({ id: 9, parent: 1, start: 5 }),
    span({ id: 8, parent: 1, start: 5, end: 7 }),
    span({ id: 7, parent: 1, start: 6, name: 'b', kind: 'server' }),
    span({ id: 6, parent: 1, start: 6, name: 'b', kind: 'internal', attributes }),
    span({ id: 5, parent: 1, start: 6, name: 'b', resource: resource('cart') }),
    span({ id: 4, parent: 1, start: 6, name: 'b', kind: 'internal' }),
    span({ id: 3, parent: 4, start: 6, name: 'a' }),
    span({ id: 1, start: 1 }),
  ]
  const trace = buildTrace(spans)
  expect(trace).toEqual({
    traceId: traceId(1),
    spans: [1, 8, 9, 3, 5, 4, 6, 7].map((id) => spans.find((each) => each.spanId === spanId(id))),
    parent: [-1, 0, 0, 5, 0, 0, 0, 0],
    children: [[1, 2, 4, 5, 6, 7], [], [], [], [], [3], [], []],
    roots: [0],
    defects: [],
  })
})

test('spans of several traces become traces by their first spans, never by id', () => {
  const spans = [
    span({ id: 1, trace: 3, start: 2 }),
    span({ id: 2, trace: 2, start: 2 }),
    span({ id: 3, trace: 4, start: 1 }),
    // its parent's id is in another trace only
    span({ id: 4, trace: 2, parent: 1, start: 3 }),
  ]
  const summary = buildTraces(spans).map((trace) => [trace.traceId, trace.parent])
  expect(summary).toEqual([
    [traceId(4), [-1]],
    [traceId(3), [-1]],
    [traceId(2), [-1, -1]],
  ])
  expect(() => buildTrace(spans)).toThrow(RangeError)
  expect(() => buildTrace([])).toThrow(RangeError)
})

const local = 0x100
const remote = 0x300

test.for<readonly [string, readonly Span[], readonly Defect[]]>([
  [
    'a missing parent that the flags call local is lost, whatever the kind',
    [span({ id: 2, parent: 1, kind: 'server', flags: local })],
    [{ code: 'orphan', span: 0, missingParent: spanId(1), parent: 'lost' }],
  ],
  [
    'a missing parent that the flags call remote is foreign, whatever the kind',
    [span({ id: 2, parent: 1, kind: 'internal', flags: remote })],
    [{ code: 'orphan', span: 0, missingParent: spanId(1), parent: 'foreign' }],
  ],
  ...(['internal', 'client', 'producer', 'unspecified'] as const).map(
    (kind) =>
      [
        `without flags the missing parent of kind ${kind} is lost`,
        [span({ id: 2, parent: 1, kind })],
        [{ code: 'orphan', span: 0, missingParent: spanId(1), parent: 'lost' }],
      ] as const,
  ),
  ...(['server', 'consumer'] as const).map(
    (kind) =>
      [
        `without flags the missing parent of kind ${kind} is foreign`,
        [span({ id: 2, parent: 1, kind })],
        [{ code: 'orphan', span: 0, missingParent: spanId(1), parent: 'foreign' }],
      ] as const,
  ),
  [
    'a missing parent is lost for all that name it when one was in its process',
    [
      span({ id: 2, parent: 1, kind: 'server' }),
      span({ id: 3, parent: 1, kind: 'internal' }),
      span({ id: 4, parent: 9, kind: 'server' }),
    ],
    [
      { code: 'orphan', span: 0, missingParent: spanId(1), parent: 'lost' },
      { code: 'orphan', span: 1, missingParent: spanId(1), parent: 'lost' },
      { code: 'orphan', span: 2, missingParent: spanId(9), parent: 'foreign' },
    ],
  ],
  [
    'two roots are several roots',
    [span({ id: 1 }), span({ id: 2 })],
    [{ code: 'several_roots', spans: [0, 1] }],
  ],
  [
    'equal ids with other content are both kept',
    [span({ id: 1 }), span({ id: 2, parent: 1 }), span({ id: 2, parent: 1, name: 'other' })],
    [{ code: 'duplicate_id', spanId: spanId(2), spans: [1, 2] }],
  ],
  ['a span that came twice is one', [span({ id: 1 }), span({ id: 1 })], []],
  ['a span that is its own parent', [span({ id: 1, parent: 1 })], [{ code: 'cycle', spans: [0] }]],
  [
    'a child that starts before its parent on another host',
    [
      span({ id: 1, start: 5, resource: resource('a', 'one') }),
      span({ id: 2, start: 4, parent: 1, resource: resource('a', 'two') }),
    ],
    [{ code: 'clock_skew', span: 0, parent: 1 }],
  ],
  [
    'a child that starts before its parent on the same host is no skew',
    [
      span({ id: 1, start: 5, resource: resource('a', 'one') }),
      span({ id: 2, start: 4, parent: 1, resource: resource('b', 'one') }),
    ],
    [],
  ],
  [
    'an answered call that ends after its caller in another service',
    [
      span({ id: 1, kind: 'client', end: 50 }),
      span({ id: 2, parent: 1, kind: 'server', end: 51, resource: resource('cart') }),
    ],
    [{ code: 'clock_skew', span: 1, parent: 0 }],
  ],
  [
    'what was sent off may end after its sender',
    [
      span({ id: 1, kind: 'producer', end: 50 }),
      span({ id: 2, parent: 1, kind: 'consumer', end: 51, resource: resource('cart') }),
    ],
    [],
  ],
])('%s', ([, spans, defects]) => {
  expect(buildTrace(spans).defects).toEqual(defects)
})

test('a cycle is cut at its earliest span and what hangs on it stays', () => {
  const trace = buildTrace([
    span({ id: 1, parent: 3 }),
    span({ id: 2, parent: 1 }),
    span({ id: 3, parent: 2 }),
    span({ id: 4, parent: 3 }),
  ])
  expect({ parent: trace.parent, roots: trace.roots, defects: trace.defects }).toEqual({
    parent: [-1, 0, 1, 2],
    roots: [0],
    defects: [{ code: 'cycle', spans: [0, 1, 2] }],
  })
})

test('where a CLIENT and a SERVER share an id, the SERVER is below it and has the children', () => {
  const trace = buildTrace([
    span({ id: 1 }),
    span({ id: 2, parent: 1, kind: 'client', start: 2 }),
    span({ id: 2, parent: 1, kind: 'server', start: 3 }),
    span({ id: 4, parent: 2, start: 4 }),
  ])
  expect({ parent: trace.parent, defects: trace.defects }).toEqual({
    parent: [-1, 0, 1, 2],
    defects: [{ code: 'duplicate_id', spanId: spanId(2), spans: [1, 2] }],
  })
})

test.for<readonly [string, (index: number) => number | undefined]>([
  ['a chain', (index) => (index === 0 ? undefined : index - 1)],
  ['a fan-out', (index) => (index === 0 ? undefined : 0)],
])('%s of 100,000 spans is built without recursion', ([, parentOf]) => {
  const spans = Array.from({ length: 100_000 }, (_, index) => {
    const parent = parentOf(index)
    return span({ id: index, name: 'same', start: 1, ...(parent === undefined ? {} : { parent }) })
  })
  const trace = buildTrace(spans)
  expect(trace.parent.filter((parent) => parent !== -1)).toHaveLength(99_999)
  expect(trace.roots).toHaveLength(1)
})

test('any soup of spans gives a forest that holds each once, whatever its order', () => {
  const soup = fc.array(
    fc.record({
      id: fc.nat(8),
      parent: fc.option(fc.nat(8), { nil: undefined }),
      start: fc.nat(5),
      name: fc.constantFrom('a', 'b'),
      kind: fc.constantFrom('client' as const, 'server' as const, 'internal' as const),
    }),
    { minLength: 1, maxLength: 20 },
  )
  const orders = soup
    .map((given) =>
      given.map(({ parent, ...rest }) =>
        span({ ...rest, ...(parent === undefined ? {} : { parent }) }),
      ),
    )
    .chain((spans) => {
      const { length } = spans
      const shuffled = fc.shuffledSubarray(spans, { minLength: length, maxLength: length })
      return fc.tuple(fc.constant(spans), shuffled)
    })
  fc.assert(
    fc.property(orders, ([spans, shuffled]) => {
      const trace = buildTrace(spans)
      const seen: number[] = []
      const waiting = [...trace.roots]
      for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        seen.push(at)
        for (const child of trace.children[at] ?? []) waiting.push(child)
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual([...trace.spans.keys()])
      expect(buildTrace(shuffled)).toEqual(trace)
    }),
  )
})
