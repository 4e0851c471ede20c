import type { Spec } from '../spec/spec.ts'
import { nearest } from '../spec/suggest.ts'
import type { EvidenceReason, RunEvidence } from '../trace/evidence.ts'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import { joinedLosses, lossesApart, lossless, type Losses } from '../trace/losses.ts'
import type { RunRecord, RunStore } from '../trace/ports.ts'
import type { SourceTrace } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import { buildTraces } from '../trace/tree.ts'
import { joinedEvidence } from './evidence.ts'
import type { Capture } from './judge.ts'
import { keptTrace, keptTraceIn } from './kept-trace.ts'
import { withoutOwnRoot, type OwnRoot } from './own-root.ts'
import type { ReadTrace } from './read-trace.ts'
import type { TimeWindow } from './time-window.ts'
import { sortedBySource, sortedReasons, type SortingSource } from './sorted-by-source.ts'
import { parseTraceReference, type TraceReference } from './trace-reference.ts'
import {
  keptInWindow,
  readInWindow,
  type Patience,
  type WindowCapture,
  type WindowReader,
} from './window-capture.ts'

export interface CapturePorts {
  readonly isPath: (text: string) => boolean
  readonly traceFile: (path: string) => Promise<SourceTrace>
  /** Undefined while the project has none. */
  readonly store: () => Promise<RunStore | undefined>
  readonly ownRootOf: (runId: string) => OwnRoot
  /** Which run's look at a trace is meant; undefined for what came outside of runs. The newest when not given. */
  readonly runOf?: (id: TraceId) => string | undefined
  /** The backend that `--from` names; traces are read there instead. */
  readonly from?: NamedReader | undefined
  readonly patience: Patience
  /** What the capture is judged by: a backend is asked for percentiles of what is too much to read. */
  readonly specs?: readonly Spec[]
}

/** Named as `jaeger` or its URL. */
export interface NamedReader extends WindowReader, SortingSource {
  /** Waits as long as the user allows when it is not told how long. */
  readonly read: (id: TraceId, waitMs?: number) => Promise<ReadTrace>
  /** The page of a trace for people. */
  readonly page?: ((id: TraceId) => string) | undefined
}

/** What one reference names. */
interface Part {
  readonly spans: readonly Span[]
  readonly run: RunRecord | undefined
  readonly losses: Losses
  /** Of what a backend gave, or a file that is not whole. */
  readonly reading?: ReadTrace
  readonly page?: string | undefined
  /** Of what a time names. */
  readonly window?: WindowCapture
  readonly sorted?: Capture['sorted']
}

/** A capture that was kept, with what a check of it must know beside. */
export interface OpenedCapture extends Capture {
  /** Names of specs that the last passing run of the same command exercised. */
  readonly exercisedBefore: readonly string[]
  /** Why traces of a backend are believed to be whole. */
  readonly settled: readonly EvidenceReason[]
  /** Where the backend shows its traces to people. */
  readonly pages: readonly string[]
}

/** Everything that the references name, as one capture. A Fault when one of them names nothing. */
export async function openCapture(
  texts: readonly string[],
  ports: CapturePorts,
): Promise<OpenedCapture> {
  const now = ports.patience.now()
  const references = texts.map((text) =>
    parseTraceReference(text, { isPath: ports.isPath(text), now }),
  )
  const parts: Part[] = []
  for (const [at, reference] of references.entries()) {
    parts.push(await open(reference, texts[at] ?? '', ports))
  }
  // Beside other traces, what was sorted is not all.
  const sorted = parts.length === 1 ? (parts[0]?.sorted ?? []) : []
  const readings = parts.flatMap(({ reading }) => reading ?? [])
  const windows = parts.flatMap(({ window }) => window ?? [])
  const runs = new Map(parts.flatMap(({ run }) => (run === undefined ? [] : [[run.id, run]])))
  const [only] = runs.keys()
  return {
    traces: buildTraces(parts.flatMap(({ spans }) => spans)),
    source: only !== undefined && texts.length === 1 ? `run:${only}` : texts.join(' '),
    run: joinedEvidence([
      ...[...runs.values()].map(evidenceOfRun),
      ...readings.filter(({ isWhole }) => !isWhole).map(evidenceOfReading),
      ...windows.flatMap(({ evidence }) => evidence),
    ]),
    losses: joinedLosses(parts.map(({ losses }) => losses)),
    sorted,
    exercisedBefore: await exercisedBy([...runs.values()], ports),
    settled: [
      ...sortedReasons(sorted),
      ...windows.flatMap(({ settled }) => settled),
      ...readings.filter(({ isWhole }) => isWhole).flatMap(({ reasons }) => reasons),
    ],
    pages: parts.flatMap(({ page }) => page ?? []),
  }
}

async function exercisedBy(
  runs: readonly RunRecord[],
  ports: CapturePorts,
): Promise<readonly string[]> {
  if (runs.length === 0) return []
  const store = await kept(ports)
  const passing = await Promise.all(runs.map(({ command, cwd }) => store.lastPassing(command, cwd)))
  return passing.flatMap((run) => run?.exercised ?? [])
}

async function open(reference: TraceReference, text: string, ports: CapturePorts): Promise<Part> {
  if (reference.kind === 'window') return ofWindow(reference.window, text, ports)
  if (ports.from !== undefined) return ofBackend(reference, text, ports.from)
  switch (reference.kind) {
    case 'path':
      return ofFile(await ports.traceFile(reference.path))
    case 'stdin':
      return ofFile(await ports.traceFile('-'))
    case 'run':
      return ofRun(await findRun(await kept(ports), reference.id), ports)
    case 'last':
      return ofRun(await lastRun(await kept(ports)), ports)
    case 'trace':
      return ofTrace(reference.id, ports)
  }
}

async function ofWindow(window: TimeWindow, text: string, ports: CapturePorts): Promise<Part> {
  const { from, ownRootOf, patience } = ports
  const found =
    from === undefined
      ? await keptInWindow(window, { store: await kept(ports), ownRootOf }, patience)
      : await readInWindow(window, from, patience)
  const { spans, losses } = found
  if (spans.length > 0) {
    const asked = { read: found, from }
    const sorted = await sortedBySource(ports.specs ?? [], window, asked)
    return { spans, run: undefined, losses, window: found, sorted }
  }
  throw new Fault('TRACE_NOT_FOUND', `no span of ${text} is in ${from?.name ?? 'this project'}`, {
    hint:
      from === undefined
        ? 'what programs send to tracespec serve is kept; tracespec traces lists it'
        : `tracespec traces --from ${from.name} lists what is there`,
  })
}

/** What a file left out may stand in any of its traces. */
function ofFile({ spans, losses, cut }: SourceTrace): Part {
  if (cut === undefined) return { spans, run: undefined, losses }
  const traces = new Set(spans.map(({ traceId }) => traceId))
  const reasons = [...traces].map(
    (trace_id) => ({ code: 'source_cut', trace_id, said: cut }) as const,
  )
  return { spans, run: undefined, losses, reading: { spans, losses, isWhole: false, reasons } }
}

async function ofBackend(
  reference: TraceReference,
  text: string,
  from: NamedReader,
): Promise<Part> {
  if (reference.kind !== 'trace') {
    throw new Fault('USAGE', `${from.name} has traces by their ids, and no ${text}`, {
      hint: `write trace:ID or since:10m with --from; tracespec traces --from ${from.name} lists them`,
    })
  }
  const reading = await from.read(reference.id)
  const page = from.page?.(reference.id)
  return { spans: reading.spans, run: undefined, losses: reading.losses, reading, page }
}

async function kept(ports: CapturePorts): Promise<RunStore> {
  const store = await ports.store()
  if (store === undefined) throw noRun()
  return store
}

function noRun(): Fault {
  return new Fault('TRACE_NOT_FOUND', 'nothing was captured in this project yet', {
    hint: 'capture a command with: tracespec run -- COMMAND',
  })
}

async function lastRun(store: RunStore): Promise<RunRecord> {
  const [last] = await store.runs(1)
  if (last === undefined) throw noRun()
  return last
}

async function findRun(store: RunStore, id: string): Promise<RunRecord> {
  const run = await store.run(id)
  if (run !== undefined) return run
  const known = await store.runs(200)
  const near = nearest(
    id,
    known.map((other) => other.id),
  )
  const message = `there is no run ${id}`
  if (near === undefined) throw new Fault('TRACE_NOT_FOUND', message)
  throw new Fault('TRACE_NOT_FOUND', message, { hint: `did you mean run:${near}?` })
}

async function ofRun(run: RunRecord, ports: CapturePorts): Promise<Part> {
  const store = await kept(ports)
  return {
    spans: withoutOwnRoot(await store.spansOfRun(run.id), ports.ownRootOf(run.id)),
    run,
    losses: lossless,
  }
}

async function ofTrace(id: TraceId, ports: CapturePorts): Promise<Part> {
  const store = await kept(ports)
  // What was imported has written on it what it lost.
  const known =
    ports.runOf === undefined
      ? await keptTrace(id, store)
      : await keptTraceIn(id, ports.runOf(id), store)
  const { spans, runId, isMixed } = known
  if (spans.length === 0) {
    throw new Fault('TRACE_NOT_FOUND', `there is no trace ${id}`)
  }
  const run = runId === undefined ? undefined : await store.run(runId)
  if (run === undefined || isMarked(known)) return ofFile(known)
  // Whoever names a trace wants to see it, were it that of our questions for readiness.
  const { spanId } = ports.ownRootOf(run.id)
  const ofProgram = withoutOwnRoot(spans, { spanId })
  // That a run is whole says nothing of spans from elsewhere; that it is not does.
  const isDecided = isMixed && run.evidence?.complete === true
  return { spans: ofProgram, run: isDecided ? undefined : run, losses: lossless }
}

/** What was imported is not the run's own capture, though a run may have seen the same trace. */
function isMarked({ losses, cut }: SourceTrace): boolean {
  return cut !== undefined || lossesApart(losses).length > 0
}

/** Whatever a reading lacks may stand anywhere in its trace. */
function evidenceOfReading({ reasons }: ReadTrace): RunEvidence {
  return { complete: false, reasons, lossyEnds: [] }
}

/** A run that was never finished (its tracespec was killed) may have lost anything. */
function evidenceOfRun(run: RunRecord): RunEvidence {
  return run.evidence ?? { complete: false, reasons: [{ code: 'interrupted' }], lossyEnds: [] }
}
