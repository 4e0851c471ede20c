import type { TraceId } from './ids.ts'
import type { Losses } from './losses.ts'
import type { TraceQuery, TraceSearchAnswer } from './query.ts'
import type { Span } from './span.ts'
import type { Nanos } from './time.ts'

export type SourceKind =
  | 'jaeger'
  | 'zipkin'
  | 'tempo'
  | 'clickhouse'
  | 'file'
  | 'store'
  | 'xray'
  | 'cloud_trace'
  | 'azure_monitor'

/** A part of a query that a source may filter by itself. */
export type QueryPart = 'service' | 'operation' | 'time' | 'duration' | 'status' | 'attributes'

/** What is known of a source before it is asked. */
export interface Capabilities {
  readonly kind: SourceKind
  readonly losses: Losses
  /** What is asked of the source itself; the rest is filtered here. */
  readonly pushesDown: readonly QueryPart[]
  /** Without a service it answers no search. */
  readonly needsService: boolean
}

/** A trace as one answer gave it. */
export interface SourceTrace {
  readonly spans: readonly Span[]
  readonly losses: Losses
  /** Why the source itself says that spans are left out, in its words; undefined when it says nothing. */
  readonly cut: string | undefined
}

/** Which spans are measured, and a time in which some span of their trace starts. */
export type DurationQuery = Pick<TraceQuery, 'service' | 'operation' | 'from' | 'to'>

export interface DurationsAt {
  /** How many have such a span. */
  readonly traces: number
  /** How many of them have more than one. */
  readonly withSeveral: number
  /** By rank. */
  readonly at: ReadonlyMap<number, Nanos>
}

/**
 * Where traces are read from. Both methods may throw a Fault: SOURCE_UNAVAILABLE, SOURCE_REFUSED, SOURCE_INVALID, TOO_LARGE.
 */
export interface TraceSource {
  readonly capabilities: Capabilities
  /** Undefined when the source has no such trace, or not yet. */
  trace(id: TraceId, signal?: AbortSignal): Promise<SourceTrace | undefined>
  search(query: TraceQuery, signal?: AbortSignal): Promise<TraceSearchAnswer>
  /**
   * The longest such span of each trace, sorted by the source itself, so that millions of traces are not read;
   * `ranksOf` says for how many of them which ranks, from 1 on, are wanted. Undefined where the source cannot sort.
   */
  readonly durations?: (
    query: DurationQuery,
    ranksOf: (traces: number) => readonly number[],
    signal?: AbortSignal,
  ) => Promise<DurationsAt>
  /** The page of a trace for people; undefined where the source has none. */
  readonly page?: (id: TraceId) => string
}
