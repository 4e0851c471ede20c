import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Extent, View } from './extent.ts'
import { spanAt } from '../verify/span-at.ts'
import { descending, smaller } from './order.ts'

/** A stretch of the critical path, spent in one span while it waited for no child. */
export interface CriticalSegment extends Extent {
  readonly span: SpanIndex
}

interface Step {
  readonly span: SpanIndex
  readonly time: Extent
  /** The children of the view, last finished first, and how many of them were passed. */
  readonly children: readonly SpanIndex[]
  passed: number
}

/**
 * The critical path of a root in the order of time: from the root's end back over the child that finished last, from that
 * child's start over the one that had finished last by then, and so on in every child. A child that ends exactly when the
 * next begins is on it, and so is one that ends within the millisecond to which the next one's start was cut. The segments are disjoint and cover the root exactly. `view` is that of `viewWithinParents`.
 */
export function criticalPathOf(
  trace: Trace,
  view: View,
  root: SpanIndex,
): readonly CriticalSegment[] {
  const backwards: CriticalSegment[] = []
  const top = stepInto(root, trace, view)
  const steps = top === undefined ? [] : [top]
  let cursor = top?.time.end ?? 0n
  let blur = 0n
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    const child = lastFinished(step, view, { cursor, blur })
    const next = child === undefined ? undefined : stepInto(child, trace, view)
    const start = next === undefined ? step.time.start : smaller(next.time.end, cursor)
    if (start < cursor) backwards.push({ span: step.span, start, end: cursor })
    if (next === undefined) {
      steps.pop()
      blur = blurOf(trace, step.span)
    } else {
      steps.push(next)
      if (next.time.end <= cursor) blur = 0n
    }
    cursor = start
  }
  return backwards.toReversed()
}

function stepInto(span: SpanIndex, trace: Trace, view: View): Step | undefined {
  const time = view[span]
  if (time === undefined) return undefined
  const end = (child: SpanIndex): bigint => view[child]?.end ?? 0n
  const children = (trace.children[span] ?? [])
    .filter((child) => view[child] !== undefined)
    .toSorted((a, b) => descending(end(a), end(b)))
  return { span, time, children, passed: 0 }
}

const MILLISECOND = 1_000_000n

/** How much later a span may have begun than it says: the SDK for JavaScript cuts starts to milliseconds, and no durations. */
function blurOf(trace: Trace, index: SpanIndex): bigint {
  const { start, end } = spanAt(trace, index)
  return start % MILLISECOND === 0n && end % MILLISECOND !== 0n ? MILLISECOND - 1n : 0n
}

interface Moment {
  readonly cursor: bigint
  readonly blur: bigint
}

/** The next child that had ended by then. */
function lastFinished(step: Step, view: View, { cursor, blur }: Moment): SpanIndex | undefined {
  while (step.passed < step.children.length) {
    const child = step.children[step.passed]
    step.passed += 1
    const time = child === undefined ? undefined : view[child]
    if (time === undefined) continue
    if (time.end <= cursor || (time.end <= cursor + blur && time.start < cursor)) return child
  }
  return undefined
}
