import type { SpanIndex, Trace } from '../trace/trace.ts'
import { below } from '../verify/forest.ts'
import { criticalPathOf, type CriticalSegment } from './critical-path.ts'
import { hasFailed } from './error-class.ts'
import { extentsOf, lengthOf, viewWithinParents, type Extent } from './extent.ts'
import { larger, smaller } from './order.ts'
import { selfTimesOf, type SelfTime } from './self-time.ts'

/** What every part of an analysis asks of a trace, computed once; lists are by span. */
export interface Timing {
  readonly trace: Trace
  readonly parentsFirst: readonly SpanIndex[]
  readonly times: readonly Extent[]
  readonly failed: readonly boolean[]
  /** From the first start to the last end. */
  readonly whole: Extent
  readonly self: readonly SelfTime[]
  /** The root that lasted longest. */
  readonly root: SpanIndex | undefined
  /** Of that root, in the order of time. */
  readonly segments: readonly CriticalSegment[]
  /** How long each span is on the critical path. */
  readonly critical: readonly bigint[]
}

export function timingOf(trace: Trace): Timing {
  const parentsFirst = below(trace, trace.roots)
  const times = extentsOf(trace)
  const root = longestRoot(trace, times)
  const view = viewWithinParents(trace, times, parentsFirst)
  const segments = root === undefined ? [] : criticalPathOf(trace, view, root)
  const critical = trace.spans.map(() => 0n)
  for (const segment of segments) {
    critical[segment.span] = (critical[segment.span] ?? 0n) + lengthOf(segment)
  }
  const self = selfTimesOf(trace, times)
  const failed = trace.spans.map(hasFailed)
  const whole = hull(times)
  return { trace, parentsFirst, times, failed, whole, self, root, segments, critical }
}

function longestRoot(trace: Trace, times: readonly Extent[]): SpanIndex | undefined {
  let found: SpanIndex | undefined
  let most = -1n
  for (const root of trace.roots) {
    const length = lengthAt(times, root)
    if (length <= most) continue
    found = root
    most = length
  }
  return found
}

/** The duration of a span, by the times of all spans. */
export function lengthAt(times: readonly Extent[], index: SpanIndex): bigint {
  const time = times[index]
  return time === undefined ? 0n : lengthOf(time)
}

function hull(times: readonly Extent[]): Extent {
  const [first = { start: 0n, end: 0n }] = times
  let { start, end } = first
  for (const time of times) {
    start = smaller(start, time.start)
    end = larger(end, time.end)
  }
  return { start, end }
}
