import type { TraceId, SpanId } from './ids.ts'
import type { LostFacts } from './losses.ts'
import type { Nanos } from './time.ts'

/** Why a capture is believed to be complete or not; plain JSON facts (snake case), worded in `report/`. */
export type EvidenceReason =
  | { readonly code: 'all_processes_ended'; readonly processes: number }
  | { readonly code: 'connections_drained'; readonly connections: number }
  /** A server was ended by us when no span had come for this long. */
  | { readonly code: 'stopped_at_rest'; readonly quiet_ms: number }
  | {
      readonly code: 'ended_by_signal'
      readonly pid: number
      readonly command: string
      readonly signal: string
    }
  | { readonly code: 'crashed'; readonly pid: number; readonly command: string }
  | {
      readonly code: 'spans_waiting_at_exit'
      readonly pid: number
      readonly command: string
      readonly spans: number
    }
  | { readonly code: 'end_unseen'; readonly pid: number; readonly command: string }
  /** It ended by its own call while an export of finished spans was under way. */
  | { readonly code: 'export_unfinished'; readonly pid: number; readonly command: string }
  /** It ended by its own call and its tracer provider could not be read. */
  | { readonly code: 'spans_at_exit_unknown'; readonly pid: number; readonly command: string }
  /** Requests whose body was cut off by their sender's end. */
  | { readonly code: 'request_cut'; readonly requests: number }
  | { readonly code: 'time_limit'; readonly timeout_ms: number }
  | { readonly code: 'still_connected'; readonly connections: number }
  | { readonly code: 'outlived_command'; readonly pid: number; readonly command: string }
  | { readonly code: 'request_refused'; readonly status: number; readonly requests: number }
  | { readonly code: 'spans_rejected'; readonly spans: number }
  | { readonly code: 'interrupted' }
  | {
      readonly code: 'parent_lost'
      readonly missing_parent: string
      readonly spans: readonly string[]
    }
  | {
      readonly code: 'foreign_fragment'
      readonly missing_parent: string
      readonly spans: readonly string[]
    }
  | { readonly code: 'hole'; readonly span: string; readonly span_id: SpanId }
  /** The program's SDK cut these off before it sent the span. */
  | {
      readonly code: 'dropped'
      readonly what: 'attributes' | 'events'
      readonly count: number
      readonly span: string
      readonly span_id: SpanId
    }
  /** The form that the trace was read from cannot hold what would decide it. */
  | { readonly code: 'lost_in_source'; readonly what: LostFacts }
  /** A backend gave the same spans at so many readings in a row. */
  | { readonly code: 'trace_settled'; readonly trace_id: TraceId; readonly readings: number }
  /** A backend still gave other spans at each reading. */
  | { readonly code: 'trace_growing'; readonly trace_id: TraceId; readonly waited_ms: number }
  /** There was no time to ask a backend twice. */
  | { readonly code: 'trace_read_once'; readonly trace_id: TraceId }
  /** A backend says itself that it leaves spans out. */
  | { readonly code: 'source_cut'; readonly trace_id: TraceId; readonly said: string }
  /** A percentile needs so many runs; each case is one. */
  | { readonly code: 'too_few_runs'; readonly runs: number; readonly needed: number }
  /** The percentile lies between these with 95 % confidence, and so does its bound. */
  | {
      readonly code: 'interval_holds_bound'
      readonly runs: number
      readonly from_ms: number
      readonly to_ms: number | null
    }
  /** The last span of a trace ended just before it was read, so that its programs may still be at work on it. */
  | { readonly code: 'trace_recent'; readonly trace_id: TraceId; readonly ago_ms: number }
  /** A time that was asked for had been over for so long that all of it has come. */
  | { readonly code: 'window_over'; readonly over_ms: number }
  /** It had been over for less than what is on its way needs. */
  | { readonly code: 'window_open'; readonly over_ms: number; readonly rest_ms: number }
  /** Only the newest traces of it were read; `total` is null when the source cannot tell. */
  | { readonly code: 'window_cut'; readonly traces: number; readonly total: number | null }
  /** A source itself sorted the durations of a span in all traces of the time, of which not all were read. */
  | { readonly code: 'sorted_by_source'; readonly source: string; readonly traces: number }
  | { readonly code: 'structurally_complete' }

/** A process whose end may have lost spans: what was active in `[from, to]` in it is open. */
export interface LossyEnd {
  readonly pid: number
  /** The end less two export delays. */
  readonly from: Nanos
  readonly to: Nanos
  readonly reason: EvidenceReason
  /** The traces of finished spans that were seen waiting at the end; empty when that is not known. */
  readonly traceIds: readonly TraceId[]
}

/** What a run knows of how its telemetry ended. */
export interface RunEvidence {
  /** No process lost spans and nothing more can come: only then "there were no further traces" is decided. */
  readonly complete: boolean
  readonly reasons: readonly EvidenceReason[]
  readonly lossyEnds: readonly LossyEnd[]
}
