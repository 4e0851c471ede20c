import type { Losses } from '../trace/losses.ts'
import type { Span } from '../trace/span.ts'
import { and, type Tri } from './three.ts'

/** All that an amount of nanoseconds may have been, both ends included; `to` is undefined without an end. */
export interface Range {
  readonly from: bigint
  readonly to: bigint | undefined
}

/** By how much a start or a duration may differ from what was sent: a form may cut it or round it. */
export function slackOf({ grainNanos }: Losses): bigint {
  return BigInt(grainNanos - 1)
}

/** Whether the times of a span say nothing. */
export function isUntimed(span: Span, losses: Losses): boolean {
  return losses.unknownDurations === true && span.end === span.start
}

/** How long a span may have taken. */
export function durationOf(span: Span, losses: Losses): Range {
  const seen = span.end - span.start
  if (isUntimed(span, losses)) return { from: 0n, to: undefined }
  const slack = slackOf(losses)
  const from = seen - slack
  return { from: from < 0n && seen >= 0n ? 0n : from, to: seen + slack }
}

/** Whether an amount is at most so many nanoseconds. */
export function isAtMost({ from, to }: Range, bound: number): Tri {
  if (to !== undefined && to <= bound) return 'yes'
  return from > bound ? 'no' : 'unknown'
}

/** Whether an amount is at least so many nanoseconds. */
export function isAtLeast({ from, to }: Range, bound: number): Tri {
  if (from >= bound) return 'yes'
  return to !== undefined && to < bound ? 'no' : 'unknown'
}

export interface Interval {
  readonly from: bigint
  readonly to: bigint
}

/** Whether a span began within an interval that was read from the same form. */
export function beganWithin(span: Span, { from, to }: Interval, losses: Losses): Tri {
  if (isUntimed(span, losses)) return 'unknown'
  const slack = slackOf(losses)
  return and(
    isAtMostWithin(from, span.start, 2n * slack),
    isAtMostWithin(span.start, to, 3n * slack),
  )
}

function isAtMostWithin(a: bigint, b: bigint, slack: bigint): Tri {
  if (a + slack <= b) return 'yes'
  return a - slack > b ? 'no' : 'unknown'
}
