import type { Bounded, SpanRef } from '../verify/result.ts'

/**
 * What one trace shows by itself. Everything here is plain JSON: snake case, no undefined, no bigint. Moments are
 * milliseconds since the trace's first start; shares are 0 to 1.
 */
export interface TraceAnalysis {
  readonly trace_id: string
  /** From the first start to the last end. */
  readonly duration_ms: number
  readonly tree: TreeFacts
  /** Of the longest root; null when no span lasted. */
  readonly critical_path: CriticalPath | null
  /** One entry an origin: what reached highest first, then the deepest. */
  readonly errors: Bounded<ErrorChain>
  /** Identical siblings, those that cover most time first. */
  readonly repeated: Bounded<RepeatedSiblings>
  /** Calls that waited for each other, those with most to win first. */
  readonly serial: Bounded<SerialCalls>
  readonly slowest: {
    readonly by_self_time: Bounded<SpanTime>
    readonly by_duration: Bounded<SpanTime>
  }
  /** Most self time first. */
  readonly services: Bounded<ServiceTotal>
  /** Calls from service to service, most network time first. */
  readonly calls: Bounded<CallTotal>
}

export interface TreeFacts {
  readonly spans: number
  readonly services: number
  readonly errors: number
  /** Spans on the longest way from a root to a leaf. */
  readonly depth: number
  readonly fan_out: { readonly span: SpanRef; readonly children: number } | null
  /** Longest first; also spans whose parent is missing. */
  readonly roots: Bounded<RootFacts>
  readonly defects: readonly DefectGroup[]
  /** Children that reach beyond their parent, as far as its time is read from them. */
  readonly clipped: Bounded<ClippedSpan>
}

export interface RootFacts {
  readonly span: SpanRef
  readonly duration_ms: number
  /** Spans at and below it. */
  readonly spans: number
}

/** Defects of one sort; `spans` are those that have it. */
export interface DefectGroup {
  readonly code:
    | 'parent_lost'
    | 'parent_foreign'
    | 'duplicate_id'
    | 'cycle'
    | 'several_roots'
    | 'clock_skew'
  readonly count: number
  readonly spans: Bounded<SpanRef>
}

export interface ClippedSpan {
  readonly span: SpanRef
  readonly parent: SpanRef
  /** How much of it lies before the parent's start and after its end. */
  readonly before_ms: number
  readonly after_ms: number
  /** Nothing of it lies in the parent's time: the parent's analysis is without it and all below it. */
  readonly outside: boolean
  /** The trace says that the two clocks differ. */
  readonly clock_skew: boolean
}

/**
 * A possible critical path: what the root waited for, walking back from its end over the children that finished last. One
 * trace does not tell whether parallel children were waited for.
 */
export interface CriticalPath {
  readonly root: SpanRef
  readonly duration_ms: number
  /** In the order of time; disjoint, and together exactly the root. */
  readonly segments: Bounded<Segment>
  /** The segments by operation, most time first. */
  readonly operations: Bounded<CriticalOperation>
}

export interface Segment extends Place {
  readonly span: SpanRef
  readonly from_ms: number
  readonly duration_ms: number
}

/** A client's own time while a captured server answers it is spent on the way to that server: `callee`. */
export interface Place {
  readonly where: 'own' | 'network'
  readonly callee: string | null
}

export interface CriticalOperation extends Place {
  readonly service: string
  readonly name: string
  readonly duration_ms: number
  readonly share: number
  readonly segments: number
}

export interface ErrorChain {
  /** A failed span with no failed span below it; the first of `count` alike under one parent. */
  readonly origin: SpanRef
  readonly depth: number
  readonly count: number
  readonly error: ErrorClass
  /** Set when the origin is an attempt among retries. */
  readonly retry: { readonly attempts: number; readonly succeeded: boolean } | null
  /** From the origin up to its root. */
  readonly path: Bounded<{ readonly span: SpanRef; readonly failed: boolean }>
  /** The highest failed span above the origin, or the origin itself. */
  readonly reached: SpanRef
  readonly reached_root: boolean
  /** The span above `reached`, which did not fail; null at a root. */
  readonly absorbed_by: SpanRef | null
}

export type ErrorCategory =
  | 'timeout'
  | 'cancelled'
  | 'unavailable'
  | 'server_error'
  | 'client_error'
  | 'exception'
  | 'unspecified'

export interface ErrorClass {
  readonly category: ErrorCategory
  readonly exception_type: string | null
  readonly http_status: number | null
  /** The name of the gRPC status, or the code as it was recorded. */
  readonly rpc_status: string | null
  /** The exception's message, else that of the span's status; empty when there is none. */
  readonly description: string
}

export interface RepeatedSiblings {
  /** The first of them. */
  readonly span: SpanRef
  readonly kind: string
  readonly parent: SpanRef
  readonly count: number
  /** How many began when all before them had ended. */
  readonly in_sequence: number
  /** They are calls, and most of them waited for the one before: what an N+1 looks like. */
  readonly n_plus_one: boolean
  /** The time that they cover together. */
  readonly covered_ms: number
  readonly mean_ms: number
  readonly share_of_parent: number
}

/** Siblings that call different services back to back, none while another ran. */
export interface SerialCalls {
  readonly parent: SpanRef
  readonly count: number
  /** In the order of time. */
  readonly calls: Bounded<{
    readonly span: SpanRef
    readonly callee: string
    readonly duration_ms: number
  }>
  readonly duration_ms: number
  /** What would be saved if they ran together, should none need another's answer. */
  readonly saving_ms: number
  readonly share_of_parent: number
}

export interface SpanTime {
  readonly span: SpanRef
  readonly kind: string
  readonly start_ms: number
  readonly duration_ms: number
  /** Its duration without what its children cover. */
  readonly self_ms: number
  /**
   * Its time on the critical path. More than `self_ms` only where its children overlap: one that still ran when the next
   * began was not waited for then, so the path takes that time as the span's own.
   */
  readonly critical_ms: number
  readonly children: number
  /** The longest stretch of its self time; null without children. */
  readonly gap: { readonly from_ms: number; readonly duration_ms: number } | null
}

export interface ServiceTotal {
  readonly service: string
  readonly spans: number
  readonly errors: number
  /** Self time, without what its clients spend on the way to a captured server. */
  readonly self_ms: number
  readonly critical_ms: number
}

export interface CallTotal {
  readonly caller: string
  readonly callee: string
  readonly calls: number
  readonly errors: number
  readonly duration_ms: number
  /** The clients' time while no server of theirs worked. */
  readonly network_ms: number
  readonly critical_network_ms: number
}

export interface AnalysisOptions {
  /** How many items of a list are told. */
  readonly limit: number
}
