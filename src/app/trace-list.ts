import type { TraceSearchAnswer, TraceSummary } from '../trace/query.ts'
import { millisOf } from '../trace/time.ts'
import type { FoundTraces, ListedTrace } from '../verify/listed-trace.ts'

/** What `tracespec traces --json` prints. */
export interface TraceList {
  readonly schema: 'tracespec.traces/1'
  readonly traces: FoundTraces
}

/** What has a total has no need of the rest. */
type Found = Pick<TraceSearchAnswer, 'items' | 'total'> &
  Partial<Pick<TraceSearchAnswer, 'cursor' | 'cutAt'>>

/** The found traces as plain facts, newest first, with how to see the rest. */
export function traceListOf(answer: Found): TraceList {
  const { items, total, cutAt } = answer
  return {
    schema: 'tracespec.traces/1',
    traces: {
      items: items.map(listed),
      shown: items.length,
      omitted: total === undefined ? null : total - items.length,
      total: total ?? null,
      how: howToGoOn(answer),
      cut_at: cutAt ?? null,
    },
  }
}

function howToGoOn({ items, total, cursor }: Found): string | null {
  if (total === undefined)
    return cursor === undefined ? null : `--cursor ${cursor} shows what comes after`
  return total > items.length ? `--limit ${total} shows all` : null
}

/** One found trace as plain facts. */
export function listed(trace: TraceSummary): ListedTrace {
  return {
    trace_id: trace.traceId,
    root: trace.rootName,
    service: trace.rootService,
    started_at: new Date(Math.floor(millisOf(trace.start))).toISOString(),
    duration_ms: millisOf(trace.duration),
    spans: trace.spans,
    errors: trace.errors,
    services: trace.services,
    run: trace.runId ?? null,
  }
}
