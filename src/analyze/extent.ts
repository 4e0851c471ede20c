import type { SpanIndex, Trace } from '../trace/trace.ts'
import { spanAt } from '../verify/span-at.ts'
import { larger, smaller } from './order.ts'

/** A stretch of time that does not end before it starts. */
export interface Extent {
  readonly start: bigint
  readonly end: bigint
}

/** The time of every span as its parent sees it; undefined where the parent sees nothing of it. */
export type View = readonly (Extent | undefined)[]

/** When every span ran by its own clock; one that ends before it starts took no time. */
export function extentsOf(trace: Trace): readonly Extent[] {
  return trace.spans.map(({ start, end }) => ({ start, end: larger(start, end) }))
}

export function lengthOf({ start, end }: Extent): bigint {
  return end - start
}

/** What of `extent` lies in `bounds`; undefined when nothing does, as for what begins at their end. */
export function clipped(extent: Extent, bounds: Extent): Extent | undefined {
  const start = larger(extent.start, bounds.start)
  const end = smaller(extent.end, bounds.end)
  const onlyTouches = start === end && extent.start < extent.end
  return start > end || onlyTouches ? undefined : { start, end }
}

/**
 * The view in which every child lies within its parent: clipped to it, or left out with all below it. Also left out is what
 * nobody waited for. `parentsFirst` is an order of all spans; the trace itself stays as it is.
 */
export function viewWithinParents(
  trace: Trace,
  times: View,
  parentsFirst: readonly SpanIndex[],
): View {
  const view: (Extent | undefined)[] = trace.spans.map(() => undefined)
  for (const index of parentsFirst) {
    const parent = trace.parent[index] ?? -1
    const own = times[index]
    const bounds = view[parent]
    if (parent === -1) view[index] = own
    else if (own !== undefined && bounds !== undefined && isAwaited(trace, index)) {
      view[index] = clipped(own, bounds)
    }
  }
  return view
}

/** A message is sent off: its PRODUCER does not wait for the CONSUMER below it. */
export function isAwaited(trace: Trace, child: SpanIndex): boolean {
  const parent = trace.spans[trace.parent[child] ?? -1]
  return parent?.kind !== 'producer' || spanAt(trace, child).kind !== 'consumer'
}
