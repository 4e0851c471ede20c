import type { TraceId } from '../trace/ids.ts'
import type { Losses } from '../trace/losses.ts'
import type { Span } from '../trace/span.ts'
import type { Nanos } from '../trace/time.ts'

/** One of the ways in which Jaeger is asked. All throw the Faults of a TraceSource. */
export interface JaegerWay {
  /** The most that is lost on it. */
  readonly losses: Losses
  /** It answers no search without a service. */
  readonly needsService: boolean
  /** No span when Jaeger does not know the trace. */
  trace(id: TraceId, signal: AbortSignal | undefined): Promise<JaegerAnswer>
  /** All spans of each trace that is found. */
  find(asked: JaegerSearch, signal: AbortSignal | undefined): Promise<JaegerAnswer>
  services(signal: AbortSignal | undefined): Promise<readonly string[]>
}

export interface JaegerAnswer {
  readonly spans: readonly Span[]
  readonly losses: Losses
  /** Why spans are left out; undefined when none are said to be. */
  readonly cut: string | undefined
}

/** What Jaeger filters by itself: one span of a trace meets all of it. */
export interface JaegerSearch {
  readonly service: string | undefined
  readonly operation: string | undefined
  /** A span starts at this moment or later. */
  readonly from: Nanos
  /** A span starts at this moment or before. */
  readonly to: Nanos
  readonly minDuration: Nanos | undefined
  readonly maxDuration: Nanos | undefined
  /** Texts of values, by name. */
  readonly attributes: ReadonlyMap<string, string>
  /** The most traces. */
  readonly depth: number
}
