import type { TraceFilter } from '../app/trace-filter.ts'
import { listed } from '../app/trace-list.ts'
import { inert } from '../report/sanitize.ts'
import { foundSentence } from '../report/wording/found.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import { spanMatches, type TraceSummary } from '../trace/query.ts'
import type { Span } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { ProjectStore, Wire } from '../wire.ts'
import type { Answer } from './answer.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { counted, cut } from './verdict.ts'

export interface Asked {
  readonly filter: TraceFilter
  readonly limit: number | undefined
  readonly cursor: string | undefined
  /** Also the spans that meet the filter. */
  readonly matches: boolean
}

const DEFAULT_LIMIT = 10

/** What a search of the project answers. */
export async function foundTraces(wire: Wire, asked: Asked): Promise<Answer['structured']> {
  const { filter, cursor, limit = DEFAULT_LIMIT } = asked
  const store = await wire.existingStore()
  const query = { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }
  const found = await store?.search(query)
  if (store === undefined || found === undefined || found.total === 0) {
    return { ...answerOf([], { total: 0 }), next_steps: await afterNothing(store) }
  }
  const told = await Promise.all(found.items.map((trace) => toldTrace(trace, asked, store)))
  return answerOf(told, found)
}

/** Where there is something it was the filter; else nothing was captured. */
async function afterNothing(store: ProjectStore | undefined): Promise<readonly NextCall[]> {
  const all = await store?.search({ limit: 1 })
  if (all !== undefined && all.total > 0) {
    return [nextCall(nextCallWhy('all_traces'), 'get_traces', {})]
  }
  const args = { command: 'npm', args: ['test'] }
  return [nextCall(nextCallWhy('capture_first'), 'execute_and_capture', args)]
}

interface Page {
  readonly total: number
  readonly cursor?: string | undefined
}

interface Told {
  readonly traceId: string
  /** Of the first span that meets the filter. */
  readonly spanId: string | undefined
  readonly facts: object
}

function answerOf(traces: readonly Told[], { total, cursor }: Page): Answer['structured'] {
  const facts = traces.map((trace) => trace.facts)
  const how = cursor === undefined ? 'without cursor: the first' : 'cursor: next_cursor'
  return {
    summary: foundSentence(traces.length, total),
    traces: counted(facts, total, how),
    next_cursor: cursor ?? null,
    next_steps: seeFirst(traces[0]),
  }
}

function seeFirst(first: Told | undefined): readonly NextCall[] {
  if (first === undefined) return []
  const { traceId, spanId } = first
  const args = { trace_id: traceId, ...(spanId === undefined ? {} : { span_id: spanId }) }
  return [nextCall(nextCallWhy('see_newest'), 'get_trace_by_id', args)]
}

async function toldTrace(
  summary: TraceSummary,
  { filter, matches: isAsked }: Asked,
  store: ProjectStore,
): Promise<Told> {
  const { traceId } = summary
  const spans = isAsked && asksOfSpan(filter) ? await matchesIn(summary, filter, store) : undefined
  const matches = spans === undefined ? {} : { matches: cut(spans.map(toldSpan), MAX_MATCHES, ALL) }
  return { traceId, spanId: spans?.[0]?.spanId, facts: { ...factsOf(summary), ...matches } }
}

function factsOf(summary: TraceSummary): object {
  const trace = listed(summary)
  return {
    ...trace,
    root: inert(trace.root, 200),
    service: inert(trace.service, 200),
    duration_ms: rounded(trace.duration_ms),
    services: cut(
      trace.services.map((service) => inert(service, 200)),
      5,
      'get_trace_by_id names all',
    ),
  }
}

/** All spans of a run or of a time would match. */
function asksOfSpan(filter: TraceFilter): boolean {
  return Object.keys(filter).some((part) => !['runId', 'from', 'to'].includes(part))
}

const MAX_MATCHES = 3
const ALL = 'get_trace_by_id shows every span'

async function matchesIn(
  { traceId }: TraceSummary,
  filter: TraceFilter,
  store: ProjectStore,
): Promise<readonly Span[]> {
  const spans = await store.spansOfTrace(traceId)
  return spans.filter((span) => spanMatches({ ...filter, limit: 1 }, span))
}

function toldSpan(span: Span): object {
  return {
    span_id: span.spanId,
    name: inert(span.name, 120),
    duration_ms: rounded(millisOf(span.end - span.start)),
    status: span.status.code,
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
