import { expect, test } from 'vitest'
import { capturedOf } from '../../src/verify/captured.ts'
import { renderCapture } from '../../src/report/capture.ts'
import { renderTrace, renderTraceForAgent, type TraceView } from '../../src/report/trace.ts'
import { renderTraceList, type Searched } from '../../src/report/trace-list.ts'
import type { FoundTraces, ListedTrace } from '../../src/verify/listed-trace.ts'
import { checkout, failingSpec } from './checkout.ts'
import { spanIdOf, TRACE_ID, traceOf, type Sketch } from './spans.ts'

const terminal = { width: 100, color: false, unicode: true }

const charged = traceOf(
  { id: 1, name: 'POST /checkout', kind: 'server', from: 0, to: 100 },
  {
    id: 2,
    parent: 1,
    name: 'payment.charge',
    service: 'payments',
    kind: 'client',
    from: 10,
    to: 90,
    error: 'card was declined',
    attributes: {
      'http.response.status_code': 402n,
      'payment.cents': 2n ** 60n,
      'payment.methods': ['card', 'voucher'],
      'payment.note': 'a note\nof two lines',
      'payment.raw': new Uint8Array(12),
      'payment.retry': false,
    },
  },
  { id: 3, parent: 77, name: 'audit.write', from: 120, to: 130 },
)

const views: readonly (readonly [string, TraceView])[] = [
  ['a plain trace', { trace: checkout }],
  ['a judged trace', { trace: checkout, judged: failingSpec }],
  ['a trace opened at a span', { trace: charged, span: spanIdOf(2) }],
]

test.for(views)('%s for a person', async ([name, view]) => {
  await expect(renderTrace(view, terminal)).toMatchFileSnapshot(`golden/show/${name}.txt`)
})

test.for(views)('%s for an agent', async ([name, view]) => {
  await expect(renderTraceForAgent(view)).toMatchFileSnapshot(`golden/show/${name}.agent.txt`)
})

const chain = (length: number): readonly Sketch[] =>
  Array.from({ length }, (_, index) => ({
    id: index + 1,
    ...(index === 0 ? {} : { parent: index }),
    name: `step ${index % 7}`,
    from: 0,
    to: 100,
  }))

const fan = (width: number): readonly Sketch[] =>
  Array.from({ length: width }, (_, index) => ({
    id: index + 1,
    ...(index === 0 ? {} : { parent: 1 }),
    name: `call ${index}`,
    from: 0,
    to: 100,
  }))

test.for([
  ['a chain', chain],
  ['a fan', fan],
] as const)('%s of 100,000 spans is shown in 40 rows, the asked span among them', ([, draw]) => {
  const trace = traceOf(...draw(100_000))
  const last = trace.spans.find((span) => span.spanId === spanIdOf(100_000))
  const text = renderTrace({ trace, span: spanIdOf(100_000) }, terminal)
  const rows = text.split('\n\n')[1]?.split('\n') ?? []
  expect(rows).toHaveLength(1 + 40 + 1)
  expect(
    rows.some((row) => row.includes(`…${last?.name}`) || row.includes(` ${last?.name} `)),
  ).toBe(true)
  expect(rows.at(-1)).toBe(
    '   … 99960 further spans folded; `--span ID` opens one, `--limit 100000` shows all',
  )
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  expect(renderTraceForAgent({ trace }).length).toBeLessThanOrEqual(4000)
})

test('a loop of spans is shown once each', () => {
  const trace = traceOf(
    { id: 1, parent: 2, name: 'egg', from: 0, to: 10 },
    { id: 2, parent: 1, name: 'hen', from: 0, to: 10 },
  )
  const text = renderTrace({ trace }, terminal)
  expect(text.match(/egg +█/g)).toHaveLength(1)
  expect(text.match(/hen +█/g)).toHaveLength(1)
})

test('two identical siblings stay apart, three share a row', () => {
  const calls = (count: number): readonly Sketch[] =>
    Array.from({ length: count }, (_, index) => ({
      id: 2 + index,
      parent: 1,
      name: 'GET /item',
      from: index * 10,
      to: index * 10 + 5,
    }))
  const root: Sketch = { id: 1, name: 'GET /cart', from: 0, to: 100 }
  const agent = (count: number): readonly string[] =>
    renderTraceForAgent({ trace: traceOf(root, ...calls(count)) })
      .split('\n')
      .filter((line) => line.includes('GET /item'))
      .map((line) => line.replace(/ span=.*/, ''))
  expect(agent(2)).toEqual([' `GET /item` shop internal 5 ms', ' `GET /item` shop internal 5 ms'])
  expect(agent(3)).toEqual([' `GET /item` ×3 shop internal 25 ms'])
})

const row: ListedTrace = {
  trace_id: TRACE_ID,
  root: 'POST /checkout',
  service: 'shop',
  started_at: '2026-11-20T10:00:00.000Z',
  duration_ms: 412,
  spans: 48,
  errors: 1,
  services: ['inventory', 'payments', 'shop'],
  run: 'r7k2',
}

const every = { omitted: 0, how: null, cut_at: null }

const lists: readonly (readonly [string, FoundTraces])[] = [
  [
    'traces, all shown',
    {
      ...every,
      items: [row, { ...row, errors: 0, run: null, services: ['shop'] }],
      shown: 2,
      total: 2,
    },
  ],
  [
    'traces, some omitted',
    { ...every, items: [row], shown: 1, omitted: 56, total: 57, how: '--limit 57 shows all' },
  ],
  ['no traces', { ...every, items: [], shown: 0, total: 0 }],
  [
    'traces of a backend that cannot count',
    {
      ...every,
      items: [row],
      shown: 1,
      omitted: null,
      total: null,
      how: '--cursor 1-a shows what comes after',
    },
  ],
  [
    'traces of a backend that gave a part',
    { ...every, items: [row], shown: 1, omitted: null, total: null, cut_at: 100 },
  ],
  [
    'no traces in the part that a backend gave',
    { ...every, items: [], shown: 0, omitted: null, total: null, cut_at: 100 },
  ],
]

test.for<readonly [string, Searched, string]>([
  [
    'here, where nothing is kept',
    { isFiltered: false },
    'No trace is kept here yet; `tracespec run -- COMMAND` captures those of a command.',
  ],
  [
    'in a backend that has none',
    { from: 'prod', isFiltered: false },
    'prod has no traces; is what sends them there running?',
  ],
  [
    'in a backend, of those that match',
    { from: "it's", isFiltered: true },
    "No trace matches; `tracespec traces --from 'it'\\''s'` without filters lists the newest.",
  ],
])('no trace %s', ([, searched, line]) => {
  const none = { ...every, items: [], shown: 0, total: 0 }
  const text = renderTraceList(none, terminal, searched)
  expect(text.trimEnd().replaceAll('\n', ' ')).toBe(line)
})

test.for(lists)('a list of %s', async ([name, list]) => {
  await expect(renderTraceList(list, terminal)).toMatchFileSnapshot(`golden/lists/${name}.txt`)
})

test('a capture folds equal roots and counts the services', async () => {
  const other = traceOf({ id: 1, name: 'POST /checkout', kind: 'server', from: 0, to: 9 })
  const text = renderCapture(capturedOf([checkout, other, charged]), terminal)
  await expect(text).toMatchFileSnapshot('golden/lists/capture.txt')
})
