import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Bounded, SpanRef } from '../verify/result.ts'
import { page, spanRef } from '../verify/shown.ts'
import { spanAt } from '../verify/span-at.ts'

/** The first `limit` items, told by `tell`; the others are only counted. */
export function pageOf<T, U>(items: readonly T[], limit: number, tell: (item: T) => U): Bounded<U> {
  const { items: first, ...counts } = page(items, limit)
  return { items: first.map(tell), ...counts }
}

export function refAt(trace: Trace, index: SpanIndex): SpanRef {
  return spanRef(spanAt(trace, index))
}
