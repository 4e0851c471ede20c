import type { SpanId, TraceId } from '../trace/ids.ts'
import type { Span } from '../trace/span.ts'

/** The span of tracespec itself that TRACEPARENT names in a run: its id alone tells it, since a run may continue any trace. */
export interface OwnRoot {
  readonly spanId: SpanId
  /** The trace of its requests that ask whether a server is ready. */
  readonly readyTraceId?: TraceId
}

/**
 * The spans as if the program had begun its traces itself: what hangs below tracespec's own span is a root, and what answered its
 * questions for readiness is no traffic.
 */
export function withoutOwnRoot(spans: readonly Span[], root: OwnRoot): readonly Span[] {
  return spans
    .filter((span) => span.spanId !== root.spanId)
    .filter((span) => span.traceId !== root.readyTraceId)
    .map((span) =>
      span.parentSpanId === root.spanId ? { ...span, parentSpanId: undefined } : span,
    )
}
