import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import type { AttributeValue, Span, SpanKind } from '../../src/trace/span.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

interface Drawn {
  readonly name: string
  /** Start and end in milliseconds. */
  readonly at: readonly [number, number]
  readonly kind?: SpanKind
  readonly service?: string
  readonly failed?: boolean
  readonly tags?: Readonly<Record<string, AttributeValue>>
  readonly below?: readonly Drawn[]
}

/** A root of 100 ms with these spans below it. */
function analyzed(...children: readonly Drawn[]): ReturnType<typeof analyzeTrace> {
  const spans: Span[] = []
  const draw = (drawn: Drawn, parent: number | undefined): void => {
    const id = spans.length + 1
    spans.push(
      span({
        id,
        ...(parent === undefined ? {} : { parent }),
        name: drawn.name,
        kind: drawn.kind ?? 'client',
        start: drawn.at[0] * 1_000_000,
        end: drawn.at[1] * 1_000_000,
        resource: resource(drawn.service ?? 'shop'),
        attributes: new Map(Object.entries(drawn.tags ?? {})),
        status: { code: drawn.failed === true ? 'error' : 'unset', message: '' },
      }),
    )
    for (const child of drawn.below ?? []) draw(child, id)
  }
  draw({ name: 'root', at: [0, 100], kind: 'server', below: children }, undefined)
  return analyzeTrace(buildTrace(spans), { limit: 10 })
}

const select = (from: number, to: number): Drawn => ({ name: 'SELECT', at: [from, to] })

const repeats: readonly (readonly [string, readonly Drawn[], readonly unknown[]])[] = [
  ['two of a kind', [select(0, 10), select(10, 20)], []],
  [
    'one after the other is an N+1',
    [select(0, 10), select(10, 20), select(25, 35)],
    [{ name: 'SELECT', count: 3, in_sequence: 3, n_plus_one: true, covered: 30, share: 0.3 }],
  ],
  [
    'all at the same time is none, and covered time counts once',
    [select(0, 10), select(1, 20), select(2, 30), select(3, 40)],
    [{ name: 'SELECT', count: 4, in_sequence: 1, n_plus_one: false, covered: 40, share: 0.4 }],
  ],
  [
    'work in the own process is a loop and no N+1',
    [0, 10, 20].map((at) => ({ name: 'row', at: [at, at + 10], kind: 'internal' })),
    [{ name: 'row', count: 3, in_sequence: 3, n_plus_one: false, covered: 30, share: 0.3 }],
  ],
  [
    'a wrapper around a call is a call',
    [0, 10, 20].map((at) => ({
      name: 'load',
      at: [at, at + 10],
      kind: 'internal',
      below: [{ name: 'SELECT', at: [at, at + 9], tags: { 'db.system': 'postgresql' } }],
    })),
    [{ name: 'load', count: 3, in_sequence: 3, n_plus_one: true, covered: 30, share: 0.3 }],
  ],
  [
    'attempts are no repeats',
    [{ ...select(0, 10), failed: true }, { ...select(10, 20), failed: true }, select(20, 30)],
    [],
  ],
  [
    'other kinds and services are other spans',
    [select(0, 10), { ...select(10, 20), kind: 'internal' }, { ...select(20, 30), service: 'b' }],
    [],
  ],
]

test.for(repeats)('repeated siblings: %s', ([, children, expected]) => {
  verifies('P-10')
  const { repeated } = analyzed(...children)
  expect(
    repeated.items.map((item) => ({
      name: item.span.name,
      count: item.count,
      in_sequence: item.in_sequence,
      n_plus_one: item.n_plus_one,
      covered: item.covered_ms,
      share: item.share_of_parent,
    })),
  ).toEqual(expected)
})

const to = (service: string, from: number, until: number): Drawn => ({
  name: 'POST',
  at: [from, until],
  below: [{ name: 'POST /', at: [from, until], kind: 'server', service }],
})

const serials: readonly (readonly [string, readonly Drawn[], readonly unknown[]])[] = [
  [
    'to two services back to back',
    [to('stock', 0, 40), to('payment', 41, 71)],
    [{ callees: ['stock', 'payment'], saving: 30, share: 0.3 }],
  ],
  ['to one service', [to('stock', 0, 40), to('stock', 41, 71)], []],
  [
    'two of three go to one service and stay in order',
    [to('stock', 0, 20), to('payment', 21, 41), to('stock', 42, 62)],
    [{ callees: ['stock', 'payment', 'stock'], saving: 20, share: 0.2 }],
  ],
  ['that already overlap', [to('stock', 0, 40), to('payment', 30, 71)], []],
  ['with work between them', [to('stock', 0, 20), to('payment', 60, 90)], []],
  [
    'the second as the fallback of the first',
    [{ ...to('a', 0, 40), failed: true }, to('b', 40, 80)],
    [],
  ],
  ['too short to matter', [to('stock', 0, 2), to('payment', 2, 4)], []],
  [
    'to peers that were not captured',
    [
      { name: 'GET', at: [0, 20], tags: { 'server.address': 'localhost', 'server.port': 80n } },
      { name: 'GET', at: [20, 40], tags: { 'net.peer.name': 'localhost', 'net.peer.port': 81n } },
      { name: 'SELECT', at: [40, 60], tags: { 'db.system': 'mysql', 'server.address': 'db' } },
    ],
    [{ callees: ['localhost:80', 'localhost:81', 'mysql'], saving: 40, share: 0.4 }],
  ],
  [
    'in wrappers of one call each',
    [
      { name: 'reserve', at: [0, 40], kind: 'internal', below: [to('stock', 1, 39)] },
      { name: 'charge', at: [40, 80], kind: 'internal', below: [to('payment', 41, 79)] },
    ],
    [{ callees: ['stock', 'payment'], saving: 40, share: 0.4 }],
  ],
]

test.for(serials)('serial calls %s', ([, children, expected]) => {
  verifies('P-10')
  const { serial } = analyzed(...children)
  expect(
    serial.items.map((item) => ({
      callees: item.calls.items.map(({ callee }) => callee),
      saving: item.saving_ms,
      share: item.share_of_parent,
    })),
  ).toEqual(expected)
})
