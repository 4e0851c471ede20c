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

export interface RepeatedInput {
  readonly timing: Timing
  readonly siblings: readonly Siblings[]
  readonly callees: readonly (string | undefined)[]
}

/** Identical siblings that are no retries, those that cover most time first; `callees` is that of `calleesOf`. */
export function repeatedOf(
  { timing, siblings, callees }: RepeatedInput,
  limit: number,
): Bounded<RepeatedSiblings> {
  const groups = siblings
    .filter(({ members, isRetry }) => members.length >= PATTERN && !isRetry)
    .map((group) => ({ ...group, covered: coveredTime(group, timing) }))
    .toSorted((a, b) =>
      firstDifference(descending(a.covered, b.covered), b.members.length - a.members.length),
    )
  return pageOf(groups, limit, (group) => ({
    ...told(group, timing),
    n_plus_one: isNPlusOne(group, { timing, callees }),
  }))
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
): Omit<RepeatedSiblings, 'n_plus_one'> {
  const first = members[0] ?? parent
  const sum = members.reduce((total, member) => total + lengthAt(times, member), 0n)
  const own = times[parent]
  return {
    span: refAt(trace, first),
    kind: spanAt(trace, first).kind,
    parent: refAt(trace, parent),
    count: members.length,
    in_sequence: inSequence,
    covered_ms: millisOf(covered),
    mean_ms: millisOf(sum / BigInt(members.length)),
    share_of_parent: own === undefined ? 0 : shareOf(covered, lengthOf(own)),
  }
}

/** Calls most of which waited for the one before; work in the own process that repeats is a loop and no more. */
function isNPlusOne(
  { members, inSequence }: Siblings,
  { timing, callees }: Omit<RepeatedInput, 'siblings'>,
): boolean {
  const isCall = members.some(
    (member) => callees[member] !== undefined || spanAt(timing.trace, member).kind === 'client',
  )
  return isCall && inSequence >= PATTERN && inSequence * 2 > members.length
}
