import { expect, test } from 'vitest'
import { openCapture, type CapturePorts } from '../../src/app/captures.ts'
import { encodeTraces } from '../../src/otlp/encode.ts'
import type { EvidenceReason, RunEvidence } from '../../src/trace/evidence.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { TraceSearchAnswer } from '../../src/trace/query.ts'
import { summaryOf } from '../../src/trace/query.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, spanIdOf, traceIdOf } from '../report/spans.ts'
import { temporaryStore } from '../store/temporary.ts'
import { verifies } from '../verifies.ts'

const second = 1_000_000_000n
const begin = BigInt(Date.UTC(2026, 10, 21, 10)) * 1_000_000n
const traceId = (number: number): ReturnType<typeof traceIdOf> =>
  traceIdOf(number.toString(16).padStart(32, '0'))

/** One span that started so many seconds ago and took one. */
function spanOf(trace: number, agoSeconds: number, more: Partial<Span> = {}): Span {
  const start = nanosOf(begin - BigInt(agoSeconds) * second)
  const end = nanosOf(start + second)
  return {
    ...sketch({ id: trace, name: `work ${trace}`, from: 0, to: 1 }),
    ...more,
    start,
    end,
    traceId: traceId(trace),
  }
}

interface Opened {
  readonly traces: readonly string[]
  readonly run: readonly EvidenceReason['code'][]
  readonly settled: readonly EvidenceReason['code'][]
  /** How long was waited. */
  readonly waitedMs: number
}

interface Kept {
  readonly spans: readonly (readonly [runId: string | null, spans: readonly Span[]])[]
  readonly runs?: Readonly<Record<string, RunEvidence>>
}

/** What a reference names of what is kept, by a clock that stands still but for the waiting. */
async function opened(
  text: string,
  kept: Kept,
  more: { readonly waitMs?: number } & Partial<CapturePorts> = {},
): Promise<Opened> {
  await using temporary = temporaryStore()
  const { store } = temporary
  for (const [id, evidence] of Object.entries(kept.runs ?? {})) {
    await store.begin({ id, command: ['x'], cwd: '/', startedAt: nanosOf(begin) })
    await store.finish(id, {
      endedAt: nanosOf(begin),
      exitCode: 0,
      signal: undefined,
      evidence,
      status: 'pass',
      exercised: ['other'],
      resultJson: '{}',
    })
  }
  for (const [runId, spans] of kept.spans) await store.write('traces', encodeTraces(spans), runId)
  const { waitMs = 10_000, ...ports } = more
  let waitedMs = 0
  const capture = await openCapture([text], {
    isPath: () => false,
    traceFile: () => Promise.reject(new Error('no file')),
    store: () => Promise.resolve(store),
    ownRootOf: () => ({ spanId: spanIdOf(999) }),
    patience: {
      now: () => nanosOf(begin + BigInt(waitedMs) * 1_000_000n),
      waitMs,
      pause: (ms) => {
        waitedMs += ms
        return Promise.resolve()
      },
    },
    ...ports,
  })
  expect(capture).toMatchObject({ source: text, exercisedBefore: [], losses: lossless })
  return {
    traces: capture.traces.flatMap(({ spans }) => spans.map(({ name }) => name)).toSorted(),
    run: capture.run?.reasons.map(({ code }) => code) ?? [],
    settled: capture.settled.map(({ code }) => code),
    waitedMs,
  }
}

const complete: RunEvidence = {
  complete: true,
  reasons: [{ code: 'all_processes_ended', processes: 1 }],
  lossyEnds: [],
}
const partial: RunEvidence = { complete: false, reasons: [{ code: 'interrupted' }], lossyEnds: [] }
const spans = [[null, [spanOf(1, 600), spanOf(2, 300), spanOf(3, 60)]]] as const

test.for<readonly [string, Kept, number, Opened]>([
  [
    'since:10m..2m',
    { spans },
    10_000,
    { traces: ['work 1', 'work 2'], run: [], settled: ['window_over'], waitedMs: 0 },
  ],
  [
    'since:10m',
    { spans },
    10_000,
    { traces: ['work 1', 'work 2', 'work 3'], run: [], settled: ['window_over'], waitedMs: 10_002 },
  ],
  [
    'since:10m..4s',
    { spans },
    10_000,
    { traces: ['work 1', 'work 2', 'work 3'], run: [], settled: ['window_over'], waitedMs: 6002 },
  ],
  [
    'since:10m',
    { spans },
    9_000,
    { traces: ['work 1', 'work 2', 'work 3'], run: ['window_open'], settled: [], waitedMs: 0 },
  ],
  [
    'since:10m..2m',
    {
      spans: [
        ...spans,
        [null, [spanOf(4, 5)]],
        [null, [{ ...spanOf(2, 3), spanId: spanIdOf(77) }]],
      ],
    },
    0,
    {
      traces: ['work 1', 'work 2', 'work 2'],
      run: ['trace_recent'],
      settled: ['window_over'],
      waitedMs: 0,
    },
  ],
  [
    'since:10m..2m',
    { spans: [['r-1', [spanOf(1, 400)]]], runs: { 'r-1': complete } },
    0,
    { traces: ['work 1'], run: ['all_processes_ended'], settled: ['window_over'], waitedMs: 0 },
  ],
  [
    'since:10m..2m',
    { spans: [['r-1', [spanOf(4, 400)]], ...spans], runs: { 'r-1': complete } },
    0,
    { traces: ['work 1', 'work 2', 'work 4'], run: [], settled: ['window_over'], waitedMs: 0 },
  ],
  [
    'since:10m..2m',
    { spans: [['r-1', [spanOf(4, 400)]], ...spans], runs: { 'r-1': partial } },
    0,
    {
      traces: ['work 1', 'work 2', 'work 4'],
      run: ['interrupted'],
      settled: ['window_over'],
      waitedMs: 0,
    },
  ],
  [
    'since:10m..2m',
    { spans: [['r-1', [spanOf(4, 400)]]], runs: { 'r-2': partial } },
    0,
    { traces: ['work 4'], run: [], settled: ['window_over'], waitedMs: 0 },
  ],
])('%s of %o, with %i ms to wait', async ([text, kept, waitMs, expected]) => {
  verifies('P-33')
  expect(await opened(text, kept, { waitMs })).toEqual(expected)
})

test('what hangs below tracespec itself in a run is a root', async () => {
  const below = spanOf(5, 300, { parentSpanId: spanIdOf(999) })
  const own = { ...spanOf(5, 301), spanId: spanIdOf(999) }
  const kept = { spans: [['r-1', [own, below]] as const], runs: { 'r-1': complete } }
  expect((await opened('since:10m..2m', kept)).traces).toEqual(['work 5'])
})

test('a time without a span is said', async () => {
  await expect(opened('since:5m..4m', { spans: [] })).rejects.toMatchObject({
    code: 'TRACE_NOT_FOUND',
    message: 'no span of since:5m..4m is in this project',
  })
})

/** A backend that has so many traces, one a second, and gives as many as it is asked for. */
function reader(
  count: number,
  cutAt?: number,
): NonNullable<CapturePorts['from']> & { readonly waits: number[] } {
  const all = Array.from({ length: count }, (_, at) => spanOf(at + 1, at + 200))
  const waits: number[] = []
  return {
    waits,
    name: 'jaeger',
    isFile: false,
    search: ({ limit, from = 0n, to = 0n }): Promise<TraceSearchAnswer> => {
      const found = all.filter(({ start }) => start >= from && start <= to)
      const items = found
        .slice(0, limit)
        .map((span) => summaryOf([span], { traceId: span.traceId, runId: undefined }))
      const cursor = found.length > limit ? 'more' : undefined
      return Promise.resolve({ items, total: undefined, cursor, cutAt })
    },
    read: (id, waitMs = -1) => {
      waits.push(waitMs)
      const reasons = [{ code: 'trace_settled', trace_id: id, readings: 2 }] as const
      return Promise.resolve({
        spans: all.filter((span) => span.traceId === id),
        losses: lossless,
        isWhole: true,
        reasons,
      })
    },
  }
}

test.for<
  readonly [
    string,
    number,
    number | undefined,
    Omit<Opened, 'traces'> & { readonly traces: number },
  ]
>([
  [
    'since:10m..1m',
    3,
    undefined,
    {
      traces: 3,
      run: [],
      settled: ['window_over', 'trace_settled', 'trace_settled', 'trace_settled'],
      waitedMs: 0,
    },
  ],
  [
    'since:10m..59s',
    1,
    undefined,
    { traces: 1, run: [], settled: ['window_over', 'trace_settled'], waitedMs: 1002 },
  ],
  [
    'since:10m',
    1,
    undefined,
    { traces: 1, run: ['window_open'], settled: ['trace_settled'], waitedMs: 0 },
  ],
  [
    'since:10m..1m',
    1,
    50,
    { traces: 1, run: ['window_cut'], settled: ['trace_settled'], waitedMs: 0 },
  ],
  [
    'since:10m..1m',
    101,
    undefined,
    {
      traces: 100,
      run: ['window_cut'],
      settled: [...Array<'trace_settled'>(100).fill('trace_settled')],
      waitedMs: 0,
    },
  ],
])('%s of a backend with %i traces that says %s', async ([text, count, cutAt, expected]) => {
  verifies('P-06', 'P-33')
  const from = reader(count, cutAt)
  const { traces, ...rest } = await opened(text, { spans: [] }, { from })
  expect({ traces: traces.length, ...rest }).toEqual(expected)
  expect(new Set(from.waits)).toEqual(new Set([10_000]))
})

test('of a file nothing is on its way', async () => {
  const from = { ...reader(1), isFile: true }
  expect(await opened('since:10m', { spans: [] }, { from })).toMatchObject({ run: [], waitedMs: 0 })
})
