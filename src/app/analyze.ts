import { analyzeTrace } from '../analyze/analyze-trace.ts'
import { hasFailed } from '../analyze/error-class.ts'
import type { TraceAnalysis } from '../analyze/trace-analysis.ts'
import { Fault } from '../trace/fault.ts'
import { parseTraceId } from '../trace/ids.ts'
import { firstDifference } from '../trace/order.ts'
import type { Trace } from '../trace/trace.ts'
import type { Bounded } from '../verify/result.ts'
import { bounded } from '../verify/shown.ts'

export interface AnalyzeOptions {
  /** The id of the one trace that is asked for. */
  readonly traceId: string | undefined
  /** How many traces are analysed, and how many items of a list of each are told. */
  readonly maxTraces: number
  readonly limit: number
}

/**
 * Each trace by itself, those with errors first, then the longest. Faults: TRACE_NOT_FOUND when there is none, or none with
 * the id that is asked for.
 */
export function analyzeTraces(
  traces: readonly Trace[],
  { traceId, maxTraces, limit }: AnalyzeOptions,
): Bounded<TraceAnalysis> {
  const asked = traceId === undefined ? traces : [findTrace(traces, traceId)]
  if (asked.length === 0) throw new Fault('TRACE_NOT_FOUND', 'there is no span to analyse')
  const list = bounded(mostTellingFirst(asked), maxTraces, '--trace ID analyses any one of them')
  return { ...list, items: list.items.map((trace) => analyzeTrace(trace, { limit })) }
}

function findTrace(traces: readonly Trace[], id: string): Trace {
  const parsed = parseTraceId(id)
  const found = traces.find((trace) => trace.traceId === parsed)
  if (found !== undefined) return found
  throw new Fault('TRACE_NOT_FOUND', `there is no trace ${id} in it`, {
    hint: 'the ids of all traces: tracespec show TRACE --json',
  })
}

function mostTellingFirst(traces: readonly Trace[]): readonly Trace[] {
  return traces
    .map((trace) => ({ trace, failed: trace.spans.some(hasFailed), length: lengthOf(trace) }))
    .toSorted((a, b) =>
      firstDifference(Number(b.failed) - Number(a.failed), Number(b.length - a.length)),
    )
    .map(({ trace }) => trace)
}

/** Spans stand in the order of their start. */
function lengthOf({ spans }: Trace): bigint {
  const start = spans[0]?.start ?? 0n
  return spans.reduce((longest, { end }) => (end - start > longest ? end - start : longest), 0n)
}
