import type { EvidenceReason, RunEvidence } from '../trace/evidence.ts'
import type { TraceId } from '../trace/ids.ts'
import { takeKnown } from '../trace/kept-losses.ts'
import { joinedLosses, lossesApart, lossless, type Losses } from '../trace/losses.ts'
import type { RunRecord, RunStore } from '../trace/ports.ts'
import type { TraceQuery, TraceSearchAnswer, TraceSummary } from '../trace/query.ts'
import type { Span } from '../trace/span.ts'
import type { Nanos } from '../trace/time.ts'
import { sharesSpans } from './kept-trace.ts'
import { withoutOwnRoot, type OwnRoot } from './own-root.ts'
import type { ReadTrace } from './read-trace.ts'
import type { TimeWindow } from './time-window.ts'

/** All traces of which a span started in a time. */
export interface WindowCapture {
  readonly spans: readonly Span[]
  readonly losses: Losses
  /** What speaks against there being no more; none where the traces themselves tell it. */
  readonly evidence: readonly RunEvidence[]
  /** Why nothing more of it is believed to come. */
  readonly settled: readonly EvidenceReason[]
  readonly traceIds: readonly TraceId[]
}

/** How long what is still to come is waited for. */
export interface Patience {
  readonly now: () => Nanos
  /** 0 reads at once. */
  readonly waitMs: number
  readonly pause: (ms: number) => Promise<void>
  readonly onWaiting?: ((ms: number) => void) | undefined
}

/** Two export delays of an SDK that nobody has set up. */
const keptRest = 10_000_000_000n
/** Searches of a backend lag behind what they take in; Tempo's by 30 s. */
const backendRest = 60_000_000_000n
const mostKept = 5000
const mostKeptSpans = 1_000_000
const mostRead = 100

export interface KeptPorts {
  readonly store: Pick<RunStore, 'search' | 'spansOfTrace' | 'runsOfTrace' | 'run'>
  readonly ownRootOf: (runId: string) => OwnRoot
}

/** What is kept of a time, from any run or none. */
export async function keptInWindow(
  window: TimeWindow,
  { store, ownRootOf }: KeptPorts,
  patience: Patience,
): Promise<WindowCapture> {
  const over = await overAfterWait(window, keptRest, patience)
  const readAt = patience.now()
  const found = await foundIn(window, mostKept, (query) => store.search(query))
  const { taken, isCut } = withinSpans(found, mostKeptSpans)
  const runs = await runsOf(taken, store)
  const traces: KeptTrace[] = []
  for (const [id, items] of Map.groupBy(taken, ({ traceId }) => traceId)) {
    const own = items.flatMap(({ runId }) => runs.get(runId ?? '') ?? [])
    const spans = await spansSeen(id, new Set(items.map(({ runId }) => runId ?? null)), store)
    traces.push(keptTrace(id, spans, { runs: own, ownRootOf }))
  }
  const reasons = [
    ...openReasons(over, keptRest),
    ...cutReasons({ ...found, isCut }, traces.length),
    ...traces.flatMap(({ cut }) => cut ?? []),
    ...traces.flatMap((trace) => recentReason(trace, readAt) ?? []),
  ]
  return {
    spans: traces.flatMap(({ spans }) => spans),
    losses: joinedLosses(traces.map(({ losses }) => losses)),
    evidence: [...evidenceOfRuns(traces, runs), ...evidenceOf(reasons)],
    settled: settledReasons(over, keptRest, isCut),
    traceIds: traces.map(({ id }) => id),
  }
}

/** Where a time can be searched and its traces read. */
export interface WindowReader {
  /** A file: nothing is on its way to it. */
  readonly isFile: boolean
  readonly search: (query: TraceQuery) => Promise<TraceSearchAnswer>
  readonly read: (id: TraceId, waitMs: number) => Promise<ReadTrace>
}

/** What a backend has of a time. */
export async function readInWindow(
  window: TimeWindow,
  from: WindowReader,
  patience: Patience,
): Promise<WindowCapture> {
  const rest = from.isFile ? 0n : backendRest
  const over = await overAfterWait(window, rest, patience)
  const found = await foundIn(window, mostRead, from.search)
  const ids = [...new Set(found.items.map(({ traceId }) => traceId))]
  const readings = await readAll(ids, from, patience)
  const reasons = [
    ...openReasons(over, rest),
    ...cutReasons(found, ids.length),
    ...readings.filter(({ isWhole }) => !isWhole).flatMap((reading) => reading.reasons),
  ]
  const whole = readings.filter(({ isWhole }) => isWhole)
  return {
    spans: readings.flatMap(({ spans }) => spans),
    losses: joinedLosses(readings.map(({ losses }) => losses)),
    evidence: evidenceOf(reasons),
    settled: [
      ...settledReasons(over, rest, found.isCut),
      ...whole.flatMap((reading) => reading.reasons),
    ],
    traceIds: ids,
  }
}

/** For how long a time has been over, after a wait for what is on its way where there is time for that. */
async function overAfterWait(
  { to }: TimeWindow,
  rest: bigint,
  { now, waitMs, pause, onWaiting }: Patience,
): Promise<bigint> {
  const missingMs = Math.ceil(Number(to + rest - now()) / 1e6)
  if (missingMs > 0 && missingMs <= waitMs) {
    onWaiting?.(missingMs)
    // timers may be a little early
    await pause(missingMs + 2)
  }
  return now() - to
}

interface Found extends Pick<TraceSearchAnswer, 'items' | 'total'> {
  readonly isCut: boolean
}

async function foundIn(
  { from, to }: TimeWindow,
  limit: number,
  search: (query: TraceQuery) => Promise<TraceSearchAnswer>,
): Promise<Found> {
  const { items, total, cursor, cutAt } = await search({ from, to, limit })
  return { items, total, isCut: cursor !== undefined || cutAt !== undefined }
}

function withinSpans(
  { items, isCut }: Found,
  most: number,
): { readonly taken: readonly TraceSummary[]; readonly isCut: boolean } {
  let spans = 0
  const end = items.findIndex((item) => (spans += item.spans) > most)
  return end === -1 ? { taken: items, isCut } : { taken: items.slice(0, end), isCut: true }
}

async function runsOf(
  items: readonly TraceSummary[],
  store: KeptPorts['store'],
): Promise<ReadonlyMap<string, RunRecord>> {
  const runs = new Map<string, RunRecord>()
  for (const id of new Set(items.flatMap(({ runId }) => runId ?? []))) {
    const run = await store.run(id)
    if (run !== undefined) runs.set(id, run)
  }
  return runs
}

/** What several saw of a trace; of those who saw the same spans, as programs with fixed ids send them, the newest. */
async function spansSeen(
  id: TraceId,
  seenBy: ReadonlySet<string | null>,
  store: KeptPorts['store'],
): Promise<readonly Span[]> {
  let spans: readonly Span[] = []
  for (const run of await store.runsOfTrace(id)) {
    const seen = seenBy.has(run) ? await store.spansOfTrace(id, run) : []
    if (!sharesSpans(spans, seen)) spans = [...spans, ...seen]
  }
  return spans
}

interface KeptTrace {
  readonly id: TraceId
  readonly spans: readonly Span[]
  readonly losses: Losses
  /** Why it is not whole, of one that was imported. */
  readonly cut: EvidenceReason | undefined
  /** Its evidence is that of runs. */
  readonly isOfRun: boolean
}

function keptTrace(
  id: TraceId,
  kept: readonly Span[],
  { runs, ownRootOf }: { readonly runs: readonly RunRecord[] } & Pick<KeptPorts, 'ownRootOf'>,
): KeptTrace {
  // What was imported has written on it what it lost.
  const { spans, losses, cut } = takeKnown(kept)
  const isImported = cut !== undefined || lossesApart(losses).length > 0
  return {
    id,
    spans: runs.reduce((left, run) => withoutOwnRoot(left, ownRootOf(run.id)), spans),
    losses: isImported ? losses : lossless,
    cut: cut === undefined ? undefined : { code: 'source_cut', trace_id: id, said: cut },
    isOfRun: runs.length > 0 && !isImported,
  }
}

/** Runs that lost nothing decide for themselves alone; beside them the structure of the other traces has to. */
function evidenceOfRuns(
  traces: readonly KeptTrace[],
  runs: ReadonlyMap<string, RunRecord>,
): readonly RunEvidence[] {
  const all = [...runs.values()].map(({ evidence }) => evidence ?? interrupted)
  return traces.every(({ isOfRun }) => isOfRun) ? all : all.filter(({ complete }) => !complete)
}

const interrupted: RunEvidence = {
  complete: false,
  reasons: [{ code: 'interrupted' }],
  lossyEnds: [],
}

function openReasons(over: bigint, rest: bigint): readonly EvidenceReason[] {
  if (over >= rest) return []
  return [{ code: 'window_open', over_ms: Math.max(0, msOf(over)), rest_ms: msOf(rest) }]
}

function settledReasons(over: bigint, rest: bigint, isCut: boolean): readonly EvidenceReason[] {
  return isCut || over < rest ? [] : [{ code: 'window_over', over_ms: msOf(over) }]
}

function cutReasons({ isCut, total }: Found, traces: number): readonly EvidenceReason[] {
  return isCut ? [{ code: 'window_cut', traces, total: total ?? null }] : []
}

/** Of a trace whose programs may be at work on it. */
function recentReason({ id, spans }: KeptTrace, readAt: Nanos): EvidenceReason | undefined {
  const ends = spans.map(({ end }) => end)
  const last = ends.reduce((latest, end) => (end > latest ? end : latest), ends[0] ?? 0n)
  if (spans.length === 0 || last + keptRest <= readAt) return undefined
  return { code: 'trace_recent', trace_id: id, ago_ms: Math.max(0, msOf(readAt - last)) }
}

function evidenceOf(reasons: readonly EvidenceReason[]): readonly RunEvidence[] {
  return reasons.length === 0 ? [] : [{ complete: false, reasons, lossyEnds: [] }]
}

/** So many are read at once; most of the time of a young one is a pause. */
const atOnce = 20

/** All of them share the time that there is to wait. */
async function readAll(
  ids: readonly TraceId[],
  { read }: WindowReader,
  { now, waitMs }: Patience,
): Promise<readonly ReadTrace[]> {
  const begin = now()
  const readings: ReadTrace[] = []
  for (let at = 0; at < ids.length; at += atOnce) {
    const leftMs = Math.max(0, waitMs - msOf(now() - begin))
    const some = ids.slice(at, at + atOnce).map((id) => read(id, leftMs))
    readings.push(...(await Promise.all(some)))
  }
  return readings
}

function msOf(nanos: bigint): number {
  return Math.round(Number(nanos) / 1e6)
}
