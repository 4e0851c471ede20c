import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import type { Span } from '../../src/trace/span.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const ms = 1_000_000
const at = (id: number, from: number, to: number, rest: Partial<Span> = {}): Span => ({
  ...span({ id, start: from * ms, end: to * ms }),
  ...rest,
})
const below = (parent: number): Pick<Span, 'parentSpanId'> => ({
  parentSpanId: span({ id: parent }).spanId,
})

test('shape, roots, defects and what reaches beyond its parent', () => {
  verifies('P-09')
  const payment = { resource: resource('payment') }
  const { tree } = analyzeTrace(
    buildTrace([
      at(1, 0, 100, { kind: 'client' }),
      at(2, 10, 150, { ...below(1), ...payment, kind: 'server' }),
      at(3, 20, 30, below(2)),
      at(4, 20, 30, below(2)),
      at(5, 200, 210, below(1)),
      at(6, 0, 500, below(77)),
      at(7, 300, 310),
    ]),
    { limit: 2 },
  )
  const list = { omitted: 0, how: null }
  expect({
    ...tree,
    roots: tree.roots.items.map((root) => [root.span.name, root.duration_ms, root.spans]),
    defects: tree.defects.map(({ code, count, spans }) => [
      code,
      count,
      spans.items.map(({ name }) => name),
    ]),
    clipped: { ...tree.clipped, items: tree.clipped.items.map(({ span: { name } }) => name) },
  }).toEqual({
    spans: 7,
    services: 2,
    errors: 0,
    depth: 3,
    fan_out: { span: expect.objectContaining({ name: 'span 1' }), children: 2 },
    roots: [
      ['span 6', 500, 1],
      ['span 1', 100, 5],
    ],
    defects: [
      ['parent_lost', 1, ['span 6']],
      ['several_roots', 1, ['span 1', 'span 7']],
      ['clock_skew', 1, ['span 2']],
    ],
    clipped: { ...list, items: ['span 2', 'span 5'], shown: 2, total: 2 },
  })
  expect(tree.roots.how).toBe('--limit 3')
})

test('how far a child reaches beyond its parent, and why', () => {
  const { tree } = analyzeTrace(
    buildTrace([
      at(1, 100, 200),
      at(2, 90, 220, { ...below(1), resource: resource('other') }),
      at(3, 250, 260, below(1)),
      at(4, 110, 190, below(1)),
    ]),
    { limit: 10 },
  )
  expect(
    tree.clipped.items.map(({ span: { name }, parent, ...facts }) => ({
      name,
      parent: parent.name,
      ...facts,
    })),
  ).toEqual([
    {
      name: 'span 2',
      parent: 'span 1',
      before_ms: 10,
      after_ms: 20,
      outside: false,
      clock_skew: true,
    },
    {
      name: 'span 3',
      parent: 'span 1',
      before_ms: 0,
      after_ms: 10,
      outside: true,
      clock_skew: false,
    },
  ])
})
