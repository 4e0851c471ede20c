import type { Finding } from '../../verify/result.ts'
import { findingSentence } from './finding.ts'
import { plural, some, tick } from './phrases.ts'

/** What a spec made of many captures. */
export interface CollectionCounts {
  readonly spec: string
  readonly judged: number
  readonly passed: number
  readonly failed: number
  readonly open: number
  readonly not_exercised: number
  readonly rate: {
    readonly rate: number | null
    readonly low: number | null
    readonly high: number | null
  }
  /** Labels of the expectations that failed and passed. */
  readonly flaky: readonly string[]
  /** Named, and not there. */
  readonly unknown: number
  /** Found, and not judged. */
  readonly left: number
  /** Percentiles over all of them that do not hold, or are open. */
  readonly percentiles: readonly Finding[]
}

/** How a collection did, in a few sentences. */
export function collectionSentence(counts: CollectionCounts): string {
  const { judged, passed, failed, open, not_exercised: idle, flaky } = counts
  const others = [
    ...(failed === 0 ? [] : [`${failed} fail`]),
    ...(open === 0 ? [] : [`${open} ${open === 1 ? 'is' : 'are'} open`]),
    ...(idle === 0 ? [] : [`in ${idle} no case applies`]),
  ]
  const rest = others.length === 0 ? '' : `; ${others.join(', ')}`
  const unsteady =
    flaky.length === 0
      ? ''
      : ` ${some(flaky.slice(0, 3).map(tick), flaky.length)} ${flaky.length === 1 ? 'fails and passes' : 'fail and pass'}.`
  return `${tick(counts.spec)}: ${passed} of ${plural(judged, 'trace')} pass${rateText(counts)}${rest}.${unsteady}${absentText(counts)}${percentileText(counts)}`
}

function absentText({ unknown, left, judged }: CollectionCounts): string {
  const absent =
    unknown === 0
      ? ''
      : ` ${plural(unknown, 'trace')} of those named ${unknown === 1 ? 'is' : 'are'} not there.`
  return left === 0
    ? absent
    : `${absent} Only the newest ${judged} were judged, ${left} were not: narrow the query by from, to or run.`
}

function percentileText({ percentiles: [first, ...rest] }: CollectionCounts): string {
  if (first === undefined) return ''
  const more =
    rest.length === 0
      ? ''
      : ` ${plural(rest.length, 'more percentile')} ${rest.length === 1 ? 'does' : 'do'} not hold either.`
  return ` ${findingSentence(first)}${more}`
}

function rateText({ rate: { rate, low, high } }: CollectionCounts): string {
  if (rate === null || low === null || high === null) return ''
  return ` (${percent(rate)} of those decided, 95 % interval ${percent(low)} to ${percent(high)})`
}

/** What is not all is never rounded to all, nor what is not none to none. */
function percent(share: number): string {
  const digits = [1, 3, 6].find((count) => isToldBy(share, count)) ?? 9
  return `${Number((share * 100).toFixed(digits))} %`
}

function isToldBy(share: number, digits: number): boolean {
  const told = Number((share * 100).toFixed(digits))
  return (told < 100 || share === 1) && (told > 0 || share === 0)
}
