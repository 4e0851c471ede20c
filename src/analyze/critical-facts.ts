import { serviceName } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import { spanAt } from '../verify/span-at.ts'
import type { CriticalSegment } from './critical-path.ts'
import { lengthOf } from './extent.ts'
import { descending, shareOf } from './order.ts'
import { pageOf, refAt } from './page-of.ts'
import { lengthAt, type Timing } from './timing.ts'
import { placeOf } from './totals.ts'
import type { CriticalOperation, CriticalPath, Place } from './trace-analysis.ts'

/** The critical path as facts: its segments, and what they come to by operation. */
export function criticalFactsOf(timing: Timing, limit: number): CriticalPath | null {
  const { trace, times, whole, root, segments } = timing
  if (root === undefined || segments.length === 0) return null
  const length = lengthAt(times, root)
  return {
    root: refAt(trace, root),
    duration_ms: millisOf(length),
    segments: pageOf(segments, limit, (segment) => ({
      span: refAt(trace, segment.span),
      from_ms: millisOf(segment.start - whole.start),
      duration_ms: millisOf(lengthOf(segment)),
      ...placeOf(timing, segment.span),
    })),
    operations: pageOf(operationsOf(timing), limit, ({ time, ...operation }) => ({
      ...operation,
      duration_ms: millisOf(time),
      share: shareOf(time, length),
    })),
  }
}

interface OperationSums extends Pick<CriticalOperation, 'service' | 'name'>, Place {
  time: bigint
  segments: number
}

function operationsOf(timing: Timing): readonly OperationSums[] {
  const sums = new Map<string, OperationSums>()
  for (const segment of timing.segments) {
    const operation = operationOf(segment, timing)
    const key = JSON.stringify(Object.values(operation))
    const sum = sums.get(key) ?? { ...operation, time: 0n, segments: 0 }
    sums.set(key, sum)
    sum.time += lengthOf(segment)
    sum.segments += 1
  }
  // The sort is stable: of equals the one that came first in time stays first.
  return [...sums.values()].toSorted((a, b) => descending(a.time, b.time))
}

function operationOf(
  segment: CriticalSegment,
  timing: Timing,
): Pick<CriticalOperation, 'service' | 'name'> & Place {
  const span = spanAt(timing.trace, segment.span)
  return { service: serviceName(span), name: span.name, ...placeOf(timing, segment.span) }
}
