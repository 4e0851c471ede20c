import { Fault } from '../../../src/trace/fault.ts'
import type { TraceId } from '../../../src/trace/ids.ts'
import { lossless } from '../../../src/trace/losses.ts'
import {
  cursorAfter,
  newestFirst,
  spanMatches,
  summaryOf,
  type TraceQuery,
  type TraceSearchAnswer,
} from '../../../src/trace/query.ts'
import type { Span } from '../../../src/trace/span.ts'
import { runOf } from './summaries.ts'
import { idOf } from './traces.ts'
import type { SourceUnderTest } from './under-test.ts'

/** Traces in memory: the least that a source can be. */
export function memorySource(): SourceUnderTest {
  const traces = new Map<TraceId, Span[]>()
  return {
    source: {
      capabilities: { kind: 'file', losses: lossless, pushesDown: [], needsService: false },
      trace: async (id, signal) => {
        signal?.throwIfAborted()
        const spans = traces.get(id)
        return spans === undefined ? undefined : { spans, losses: lossless, cut: undefined }
      },
      search: async (query, signal) => {
        signal?.throwIfAborted()
        return found([...traces.values()], query)
      },
    },
    write: async (spans) => {
      for (const span of spans)
        traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span])
    },
    [Symbol.asyncDispose]: async () => traces.clear(),
  }
}

function found(traces: readonly (readonly Span[])[], query: TraceQuery): TraceSearchAnswer {
  const all = traces
    .filter((spans) => spans.some((span) => spanMatches(query, span)))
    .map((spans) => summaryOf(spans, { traceId: idOf(spans), runId: runOf(spans) }))
    .filter(({ runId }) => query.runId === undefined || runId === query.runId)
    .toSorted(newestFirst)
  if (query.cursor !== undefined && !/^\d+-[0-9a-f]{32}$/.test(query.cursor)) {
    throw new Fault('USAGE', 'no cursor')
  }
  const after = all.findIndex((summary) => cursorAfter(summary) === query.cursor) + 1
  const items = all.slice(after, after + query.limit)
  const last = items.at(-1)
  const isLast = last === undefined || last === all.at(-1)
  return {
    items,
    total: all.length,
    cursor: isLast ? undefined : cursorAfter(last),
    cutAt: undefined,
  }
}
