import type { EvidenceReason } from '../trace/evidence.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { spanAt } from './span-at.ts'

const MAX_REASONS = 3

/** Which of the spans came with attributes or events cut off, as reasons why something about them is open. */
export function droppedOf(trace: Trace, spans: readonly SpanIndex[]): readonly EvidenceReason[] {
  return spans
    .flatMap((index): readonly EvidenceReason[] => {
      const { name, spanId, droppedAttributesCount, droppedEventsCount } = spanAt(trace, index)
      const head = { code: 'dropped', span: name, span_id: spanId } as const
      return [
        { ...head, what: 'attributes', count: droppedAttributesCount } as const,
        { ...head, what: 'events', count: droppedEventsCount } as const,
      ].filter((reason) => reason.count > 0)
    })
    .slice(0, MAX_REASONS)
}
