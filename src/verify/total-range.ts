import type { Losses } from '../trace/losses.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { totalDuration } from './closed-world.ts'
import { spanAt } from './span-at.ts'
import { durationOf, isUntimed, slackOf, type Range } from './times.ts'

export interface TotalInput {
  /** Spans that are surely not ignored, and all that may not be. */
  readonly surelyCounted: readonly SpanIndex[]
  readonly counted: readonly SpanIndex[]
  readonly losses: Losses
}

/** All that the time from the earliest start to the latest end may have been. */
export function totalRange(trace: Trace, { surelyCounted, counted, losses }: TotalInput): Range {
  const slack = slackOf(losses)
  const isTimed = (span: SpanIndex): boolean => !isUntimed(spanAt(trace, span), losses)
  const timed = surelyCounted.filter(isTimed)
  const least = totalDuration(trace, timed) - 3n * slack
  const longest = largest(timed.map((span) => durationOf(spanAt(trace, span), losses).from))
  const from = least > longest ? least : longest
  if (!counted.every(isTimed)) return { from, to: undefined }
  if (slack === 0n) return { from, to: totalDuration(trace, counted) }
  const single = largest(counted.map((span) => durationOf(spanAt(trace, span), losses).to ?? 0n))
  const apart = longestOfTwo(trace, counted) + 3n * slack
  return { from, to: single > apart ? single : apart }
}

/** The longest time from the start of one span to the end of another: the start and the duration of both are less exact. */
function longestOfTwo(trace: Trace, spans: readonly SpanIndex[]): bigint {
  const [first, second] = spans.toSorted((a, b) => sign(startAt(trace, a) - startAt(trace, b)))
  const [last, other] = spans.toSorted((a, b) => sign(endAt(trace, b) - endAt(trace, a)))
  const pairs = [
    [first, last],
    [second, last],
    [first, other],
  ] as const
  return largest(
    pairs.flatMap(([from, to]) =>
      from === undefined || to === undefined || from === to
        ? []
        : [endAt(trace, to) - startAt(trace, from)],
    ),
  )
}

function startAt(trace: Trace, index: SpanIndex): bigint {
  return spanAt(trace, index).start
}

function endAt(trace: Trace, index: SpanIndex): bigint {
  return spanAt(trace, index).end
}

function sign(difference: bigint): number {
  if (difference === 0n) return 0
  return difference < 0n ? -1 : 1
}

function largest(amounts: readonly bigint[]): bigint {
  return amounts.reduce((most, one) => (one > most ? one : most), 0n)
}
