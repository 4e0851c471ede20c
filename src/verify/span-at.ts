import type { Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'

/** The span at a position that the trace itself gave out. */
export function spanAt(trace: Trace, index: SpanIndex): Span {
  const span = trace.spans[index]
  if (span === undefined)
    throw new RangeError(`no span at position ${index} of ${trace.spans.length}`)
  return span
}
