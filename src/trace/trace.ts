import type { SpanId, TraceId } from './ids.ts'
import type { Span } from './span.ts'

/** The position of a span in `Trace.spans`; spans that share an id keep a position each. */
export type SpanIndex = number

/** What is structurally wrong with a trace, as data. */
export type Defect =
  | {
      readonly code: 'orphan'
      readonly span: SpanIndex
      readonly missingParent: SpanId
      readonly parent: 'lost' | 'foreign'
    }
  | { readonly code: 'duplicate_id'; readonly spanId: SpanId; readonly spans: readonly SpanIndex[] }
  | { readonly code: 'cycle'; readonly spans: readonly SpanIndex[] }
  | { readonly code: 'several_roots'; readonly spans: readonly SpanIndex[] }
  | { readonly code: 'clock_skew'; readonly span: SpanIndex; readonly parent: SpanIndex }

/**
 * Spans of one trace id as a forest. `spans` is in one stated order (start, then content, then id), so that arrival order
 * cannot matter. `parent[i]` is -1 for a root, for a span whose parent is missing and where a cycle was cut.
 */
export interface Trace {
  readonly traceId: TraceId
  readonly spans: readonly Span[]
  readonly parent: readonly SpanIndex[]
  readonly children: readonly (readonly SpanIndex[])[]
  readonly roots: readonly SpanIndex[]
  readonly defects: readonly Defect[]
}
