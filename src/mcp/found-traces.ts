import type { TraceFilter } from '../app/trace-filter.ts'
import { listed } from '../app/trace-list.ts'
import { inert } from '../report/sanitize.ts'
import { foundSentence } from '../report/wording/found.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import type { TraceId } from '../trace/ids.ts'
import { spanMatches, type TraceQuery, type TraceSummary } from '../trace/query.ts'
import type { Span } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { ProjectStore, Wire } from '../wire.ts'
import type { Answer } from './answer.ts'
import { openFrom, stepsFrom, type OpenedFrom } from './from.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { counted, cut } from './verdict.ts'

export interface Asked {
  readonly filter: TraceFilter
  readonly limit: number | undefined
  readonly cursor: string | undefined
  /** Also the spans that meet the filter. */
  readonly matches: boolean
  /** A backend or a file; what is kept here when undefined. */
  readonly from: string | undefined
  readonly signal: AbortSignal
}

const DEFAULT_LIMIT = 10

/** What a search of the project, of a backend or of a file answers. */
export async function foundTraces(wire: Wire, asked: Asked): Promise<Answer['structured']> {
  using opened = await openFrom(wire, asked.from, asked.signal)
  if (opened !== undefined) return await foundElsewhere(opened, asked)
  const store = await wire.existingStore()
  const found = await store?.search(queryOf(asked))
  if (store === undefined || found === undefined || found.total === 0) {
    return { ...answerOf([], { total: 0 }), next_steps: await afterNothing(store) }
  }
  const spansOf: SpansOf = (id) => store.spansOfTrace(id)
  const told = await Promise.all(found.items.map((trace) => toldTrace(trace, asked, spansOf)))
  return answerOf(told, found)
}

function queryOf({ filter, cursor, limit = DEFAULT_LIMIT }: Asked): TraceQuery {
  return { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }
}

async function foundElsewhere({ source }: OpenedFrom, asked: Asked): Promise<Answer['structured']> {
  const { signal, from, filter } = asked
  const found = await source.search(queryOf(asked), signal)
  const spansOf: SpansOf = async (id) => (await source.trace(id, signal))?.spans ?? []
  const told = await Promise.all(found.items.map((trace) => toldTrace(trace, asked, spansOf)))
  const answer = answerOf(told, found)
  if (told.length > 0 || Object.keys(filter).length === 0) return stepsFrom(answer, from)
  const all = nextCall(nextCallWhy('all_traces'), 'get_traces', {})
  return stepsFrom({ ...answer, next_steps: [all] }, from)
}

type SpansOf = (id: TraceId) => Promise<readonly Span[]>

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
  /** Undefined when a backend cannot tell. */
  readonly total: number | undefined
  readonly cursor?: string | undefined
  readonly cutAt?: number | undefined
}

interface Told {
  readonly traceId: string
  /** Of the first span that meets the filter. */
  readonly spanId: string | undefined
  readonly facts: object
}

function answerOf(traces: readonly Told[], { total, cursor, cutAt }: Page): Answer['structured'] {
  const facts = traces.map((trace) => trace.facts)
  const how = cursor === undefined ? 'without cursor: the first' : 'cursor: next_cursor'
  return {
    summary: foundSentence({ shown: traces.length, total, cutAt }),
    traces: {
      ...(total === undefined ? uncounted(facts, cursor) : counted(facts, total, how)),
      ...(cutAt === undefined ? {} : { cut_at: cutAt }),
    },
    next_cursor: cursor ?? null,
    next_steps: seeFirst(traces[0]),
  }
}

/** What comes after is known only as the place where it begins. */
function uncounted(items: readonly object[], cursor: string | undefined): object {
  const how = cursor === undefined ? null : 'cursor: next_cursor'
  return { items, shown: items.length, omitted: null, total: null, how }
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
  spansOf: SpansOf,
): Promise<Told> {
  const { traceId } = summary
  const spans =
    isAsked && asksOfSpan(filter) ? await matchesIn(traceId, filter, spansOf) : undefined
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

/** Undefined when none does as it is read here: a backend may compare otherwise, as without case. */
async function matchesIn(
  traceId: TraceId,
  filter: TraceFilter,
  spansOf: SpansOf,
): Promise<readonly Span[] | undefined> {
  const spans = await spansOf(traceId)
  const matches = spans.filter((span) => spanMatches({ ...filter, limit: 1 }, span))
  return matches.length === 0 ? undefined : matches
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
