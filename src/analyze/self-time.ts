import type { SpanIndex, Trace } from '../trace/trace.ts'
import { clipped, isAwaited, lengthOf, type Extent } from './extent.ts'
import { larger } from './order.ts'

export interface SelfTime {
  /** The span's duration without what the children that it waits for cover. */
  readonly total: bigint
  /** The first longest stretch of it; undefined when nothing is left or nothing is covered. */
  readonly gap: Extent | undefined
}

/** The self time of every span, from the spans' own times. Linear: siblings stand in the order of their start. */
export function selfTimesOf(trace: Trace, times: readonly Extent[]): readonly SelfTime[] {
  return times.map((own, index) => selfTime(own, awaitedParts(trace, times, index)))
}

function awaitedParts(
  trace: Trace,
  times: readonly Extent[],
  parent: SpanIndex,
): readonly Extent[] {
  const own = times[parent]
  const parts: Extent[] = []
  for (const child of trace.children[parent] ?? []) {
    const time = times[child]
    if (own === undefined || time === undefined || !isAwaited(trace, child)) continue
    const part = clipped(time, own)
    if (part !== undefined) parts.push(part)
  }
  return parts
}

function selfTime(own: Extent, covered: readonly Extent[]): SelfTime {
  const bare = uncovered(own, covered)
  const total = bare.reduce((sum, stretch) => sum + lengthOf(stretch), 0n)
  return { total, gap: covered.length === 0 ? undefined : longest(bare) }
}

function uncovered(own: Extent, covered: readonly Extent[]): readonly Extent[] {
  const bare: Extent[] = []
  let reached = own.start
  for (const { start, end } of covered) {
    if (start > reached) bare.push({ start: reached, end: start })
    reached = larger(reached, end)
  }
  if (own.end > reached) bare.push({ start: reached, end: own.end })
  return bare
}

function longest(stretches: readonly Extent[]): Extent | undefined {
  let found: Extent | undefined
  for (const stretch of stretches) {
    if (found === undefined || lengthOf(stretch) > lengthOf(found)) found = stretch
  }
  return found
}

/** How much of `own` the stretches cover together; they stand in the order of their start. */
export function coveredBy(own: Extent, stretches: readonly Extent[]): bigint {
  const parts = stretches.flatMap((stretch) => clipped(stretch, own) ?? [])
  return lengthOf(own) - selfTime(own, parts).total
}
