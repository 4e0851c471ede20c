import { millisOf } from '../trace/time.ts'
import type { SpanIndex } from '../trace/trace.ts'
import type { Bounded } from '../verify/result.ts'
import { clipped, isAwaited, type Extent } from './extent.ts'
import { descending, larger, shareOf } from './order.ts'
import { pageOf, refAt } from './page-of.ts'
import { lengthAt, type Timing } from './timing.ts'
import type { SerialCalls } from './trace-analysis.ts'

interface Call {
  readonly span: SpanIndex
  readonly callee: string
  readonly time: Extent
}

interface Chain {
  readonly parent: SpanIndex
  readonly calls: readonly Call[]
  readonly duration: bigint
  readonly saving: bigint
}

const MIN_SAVING = 1_000_000n
/** A saving below a twentieth of the parent is not worth a change. */
const MIN_PART = 20n
/** Two calls are back to back when the time between them is at most a fifth of theirs. */
const MAX_PAUSE_PART = 5n

export interface SerialInput {
  readonly timing: Timing
  readonly callees: readonly (string | undefined)[]
}

/**
 * Sibling calls to different services that ran back to back though none overlaps the one before. A call after a failed one
 * may be its fallback, so it starts a new chain. Whether one needs another's answer, a trace does not tell.
 * `callees` is that of `calleesOf`.
 */
export function serialCallsOf(
  { timing, callees }: SerialInput,
  limit: number,
): Bounded<SerialCalls> {
  const chains = [...timing.trace.children.keys()]
    .flatMap((parent) => chainsBelow(parent, callees, timing))
    .toSorted((a, b) => descending(a.saving, b.saving))
  return pageOf(chains, limit, (chain) => told(chain, timing, limit))
}

function chainsBelow(
  parent: SpanIndex,
  callees: readonly (string | undefined)[],
  { trace, times, failed }: Timing,
): readonly Chain[] {
  const runs: Call[][] = []
  for (const span of trace.children[parent] ?? []) {
    const callee = callees[span]
    const time = partOf(times, span, parent)
    if (callee === undefined || time === undefined || !isAwaited(trace, span)) continue
    const run = runs.at(-1)
    const before = run?.at(-1)
    const call = { span, callee, time }
    const follows = before !== undefined && areBackToBack(before.time, time)
    if (follows && failed[before.span] !== true) run?.push(call)
    else runs.push([call])
  }
  return runs
    .map((calls) => ({ parent, calls, ...gainOf(calls) }))
    .filter(({ saving }) => saving >= MIN_SAVING && saving * MIN_PART >= lengthAt(times, parent))
}

function partOf(times: readonly Extent[], span: SpanIndex, parent: SpanIndex): Extent | undefined {
  const own = times[span]
  const bounds = times[parent]
  return own === undefined || bounds === undefined ? undefined : clipped(own, bounds)
}

function areBackToBack(before: Extent, next: Extent): boolean {
  const pause = next.start - before.end
  return (
    pause >= 0n && pause * MAX_PAUSE_PART <= before.end - before.start + (next.end - next.start)
  )
}

/** Calls to one service stay in their order; only those to different services can run together. */
function gainOf(calls: readonly Call[]): { readonly duration: bigint; readonly saving: bigint } {
  const byCallee = new Map<string, bigint>()
  let duration = 0n
  for (const { callee, time } of calls) {
    const length = time.end - time.start
    byCallee.set(callee, (byCallee.get(callee) ?? 0n) + length)
    duration += length
  }
  const longest = [...byCallee.values()].reduce(larger, 0n)
  return { duration, saving: duration - longest }
}

function told(
  { parent, calls, duration, saving }: Chain,
  timing: Timing,
  limit: number,
): SerialCalls {
  const { trace, times } = timing
  return {
    parent: refAt(trace, parent),
    count: calls.length,
    calls: pageOf(calls, limit, ({ span, callee }) => ({
      span: refAt(trace, span),
      callee,
      duration_ms: millisOf(lengthAt(times, span)),
    })),
    duration_ms: millisOf(duration),
    saving_ms: millisOf(saving),
    share_of_parent: shareOf(saving, lengthAt(times, parent)),
  }
}
