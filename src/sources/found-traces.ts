import { Fault } from '../trace/fault.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import {
  cursorAfter,
  newestFirst,
  spanMatches,
  summaryOf,
  type TraceQuery,
  type TraceSearchAnswer,
  type TraceSummary,
} from '../trace/query.ts'
import { namedRunOf } from '../trace/run-attribute.ts'
import type { Span } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

/** One trace that a source gave to choose from. */
export interface Candidate {
  readonly traceId: TraceId
  /** All of its spans. */
  readonly spans: readonly Span[]
}

export interface Choosing {
  /** Whether one span meets the query; `spanMatches` when not given. */
  readonly matches?: (query: TraceQuery, span: Span) => boolean
  /** These are all that the source has, all from the cursor on, the newest of more, or some of who knows how many. */
  readonly given: 'all' | 'rest' | 'part' | 'some'
}

/** The answer to a query out of what a source gave: filtered, newest first, after the cursor, and no more than the limit. */
export function chosen(
  candidates: readonly Candidate[],
  query: TraceQuery,
  { matches = spanMatches, given }: Choosing,
): TraceSearchAnswer {
  const after = query.cursor === undefined ? undefined : placeOf(query.cursor)
  const summaries = candidates.map(summarized).toSorted((a, b) => newestFirst(a.summary, b.summary))
  const found = summaries
    .filter(({ summary }) => query.runId === undefined || summary.runId === query.runId)
    .filter(({ spans }) => spans.some((span) => matches(query, span)))
    .map(({ summary }) => summary)
  const rest = after === undefined ? found : found.filter((summary) => isAfter(summary, after))
  const items = rest.slice(0, query.limit)
  const examined = given === 'part' ? summaries.at(-1)?.summary : undefined
  const last = rest.length > items.length ? items.at(-1) : examined
  const cursor = last === undefined ? undefined : cursorAfter(last)
  return {
    items,
    total: given === 'all' ? found.length : undefined,
    // Where nothing new came, asking again would bring nothing either.
    cursor: cursor === query.cursor ? undefined : cursor,
    cutAt: given === 'part' || given === 'some' ? candidates.length : undefined,
  }
}

interface Summarized {
  readonly summary: TraceSummary
  readonly spans: readonly Span[]
}

function summarized({ traceId, spans }: Candidate): Summarized {
  const [runId] = spans.flatMap((span) => namedRunOf(span) ?? [])
  return { summary: summaryOf(spans, { traceId, runId }), spans }
}

/** A place in the order of answers. */
interface Place {
  readonly start: Nanos
  readonly traceId: TraceId
}

/** What `cursorAfter` wrote; a Fault USAGE for anything else. */
export function placeOf(cursor: string): Place {
  const [, start = '', id = ''] = /^(\d{1,20})-([0-9a-f]{32})$/.exec(cursor) ?? []
  const traceId = parseTraceId(id)
  if (traceId === undefined) {
    throw new Fault('USAGE', 'the cursor is none that a search answered with', {
      hint: 'leave it out to begin with the newest',
    })
  }
  return { start: nanosOf(BigInt(start)), traceId }
}

/** Whether a trace comes after a place. */
export function isAfter({ start, traceId }: Place, place: Place): boolean {
  return start < place.start || (start === place.start && traceId > place.traceId)
}
