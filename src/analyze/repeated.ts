import { firstDifference } from '../trace/order.ts'
import { millisOf } from '../trace/time.ts'
import type { Bounded } from '../verify/result.ts'
import { spanAt } from '../verify/span-at.ts'
import { lengthOf } from './extent.ts'
import { descending, shareOf } from './order.ts'
import { pageOf, refAt } from './page-of.ts'
import { coveredBy } from './self-time.ts'
import type { Siblings } from './siblings.ts'
import { lengthAt, type Timing } from './timing.ts'
import type { RepeatedSiblings } from './trace-analysis.ts'

/** Fewer identical siblings are a repeat, not a pattern. */
const PATTERN = 3

/** Identical siblings that are no retries, those that cover most time first. */
export function repeatedOf(
  siblings: readonly Siblings[],
  timing: Timing,
  limit: number,
): Bounded<RepeatedSiblings> {
  const groups = siblings
    .filter(({ members, isRetry }) => members.length >= PATTERN && !isRetry)
    .map((group) => ({ ...group, covered: coveredTime(group, timing) }))
    .toSorted((a, b) =>
      firstDifference(descending(a.covered, b.covered), b.members.length - a.members.length),
    )
  return pageOf(groups, limit, (group) => told(group, timing))
}

function coveredTime({ parent, members }: Siblings, { times }: Timing): bigint {
  const own = times[parent]
  return own === undefined
    ? 0n
    : coveredBy(
        own,
        members.flatMap((member) => times[member] ?? []),
      )
}

function told(
  { parent, members, inSequence, covered }: Siblings & { readonly covered: bigint },
  { trace, times }: Timing,
): RepeatedSiblings {
  const first = members[0] ?? parent
  const sum = members.reduce((total, member) => total + lengthAt(times, member), 0n)
  const own = times[parent]
  return {
    span: refAt(trace, first),
    kind: spanAt(trace, first).kind,
    parent: refAt(trace, parent),
    count: members.length,
    in_sequence: inSequence,
    n_plus_one: inSequence >= PATTERN && inSequence * 2 > members.length,
    covered_ms: millisOf(covered),
    mean_ms: millisOf(sum / BigInt(members.length)),
    share_of_parent: own === undefined ? 0 : shareOf(covered, lengthOf(own)),
  }
}
