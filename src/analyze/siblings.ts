import { serviceName, type Span } from '../trace/span.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { lookUpTag } from '../verify/lookup.ts'
import { spanAt } from '../verify/span-at.ts'
import type { Extent } from './extent.ts'
import { larger } from './order.ts'
import type { Timing } from './timing.ts'

/** Children of one span that have the same name, service and kind; at least two, in the order of their start. */
export interface Siblings {
  readonly parent: SpanIndex
  readonly members: readonly SpanIndex[]
  /** How many began when all before them had ended, the first included. */
  readonly inSequence: number
  /** They look like attempts at one thing: one after the other, each because the one before had failed. */
  readonly isRetry: boolean
}

/** All groups of identical siblings. */
export function identicalSiblings({ trace, times, failed }: Timing): readonly Siblings[] {
  const found: Siblings[] = []
  for (const [parent, children] of trace.children.entries()) {
    if (children.length < 2) continue
    const groups = Map.groupBy(children, (child) => likeness(spanAt(trace, child)))
    for (const members of groups.values()) {
      if (members.length < 2) continue
      const inSequence = sequenceOf(members, times)
      const isRetry =
        inSequence === members.length && areAttempts({ trace, failed }, parent, members)
      found.push({ parent, members, inSequence, isRetry })
    }
  }
  return found
}

/** Equal for spans that do the same as far as their name, service and kind say it. */
export function likeness(span: Span): string {
  return JSON.stringify([serviceName(span), span.name, span.kind])
}

function sequenceOf(members: readonly SpanIndex[], times: readonly Extent[]): number {
  let count = 0
  let ended: bigint | undefined
  for (const member of members) {
    const time = times[member]
    if (time === undefined) continue
    if (ended === undefined || time.start >= ended) count += 1
    ended = ended === undefined ? time.end : larger(ended, time.end)
  }
  return count
}

/** All but the last failed, and then one succeeded, or the failure went on, or the client counted its attempts. */
function areAttempts(
  { trace, failed }: Pick<Timing, 'trace' | 'failed'>,
  parent: SpanIndex,
  members: readonly SpanIndex[],
): boolean {
  const last = members.at(-1)
  const before = members.slice(0, -1)
  if (last === undefined || !before.every((member) => failed[member])) return false
  return failed[last] !== true || failed[parent] === true || isCounted(spanAt(trace, last))
}

function isCounted(span: Span): boolean {
  return (
    lookUpTag(span, 'http.request.resend_count').value !== undefined ||
    span.attributes.has('http.resend_count')
  )
}
