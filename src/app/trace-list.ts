import type { CountedAnswer, TraceSummary } from '../trace/query.ts'
import { millisOf } from '../trace/time.ts'
import type { ListedTrace } from '../verify/listed-trace.ts'
import type { Bounded } from '../verify/result.ts'

/** What `tracespec traces --json` prints. */
export interface TraceList {
  readonly schema: 'tracespec.traces/1'
  readonly traces: Bounded<ListedTrace>
}

/** The found traces as plain facts, newest first, with how to see the rest. */
export function traceListOf({ items, total }: Pick<CountedAnswer, 'items' | 'total'>): TraceList {
  const omitted = total - items.length
  const how = omitted > 0 ? `--limit ${total} shows all` : null
  return {
    schema: 'tracespec.traces/1',
    traces: { items: items.map(listed), shown: items.length, omitted, total, how },
  }
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
