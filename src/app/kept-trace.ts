import type { TraceId } from '../trace/ids.ts'
import { takeKnown, type Known } from '../trace/kept-losses.ts'
import type { RunStore } from '../trace/ports.ts'
import type { Span } from '../trace/span.ts'

type Kept = Pick<RunStore, 'spansOfTrace' | 'runsOfTrace'>

/** A trace as it is kept. */
export interface KeptTrace extends Known {
  readonly spans: readonly Span[]
  /** The newest run that has it. */
  readonly runId: string | undefined
  /** Some of the spans came outside of the run, whose evidence says nothing of them. */
  readonly isMixed: boolean
}

/**
 * What the newest that has a trace saw of it. What a run saw and what came outside of runs, as by an import, is one trace unless they
 * share spans: then they are two looks at the same.
 */
export async function keptTrace(id: TraceId, store: Kept): Promise<KeptTrace> {
  const [newest, ...older] = await store.runsOfTrace(id)
  if (newest === undefined) return { ...takeKnown([]), runId: undefined, isMixed: false }
  const spans = await store.spansOfTrace(id, newest)
  const other = older.find((run) => (run === null) !== (newest === null))
  const beside = other === undefined ? [] : await store.spansOfTrace(id, other)
  const isMixed = beside.length > 0 && !sharesSpans(spans, beside)
  const runId = (isMixed ? (newest ?? other) : newest) ?? undefined
  return { ...takeKnown(isMixed ? [...spans, ...beside] : spans), runId, isMixed }
}

/** Whether a span of one has the id of a span of the other. */
export function sharesSpans(some: readonly Span[], others: readonly Span[]): boolean {
  const ids = new Set(some.map(({ spanId }) => spanId))
  return others.some(({ spanId }) => ids.has(spanId))
}

/** What one run saw of a trace, or with undefined what came outside of runs. */
export async function keptTraceIn(
  id: TraceId,
  runId: string | undefined,
  store: Kept,
): Promise<KeptTrace> {
  const spans = await store.spansOfTrace(id, runId ?? null)
  return { ...takeKnown(spans), runId, isMixed: false }
}
