import { firstDifference } from '../trace/order.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Bounded } from '../verify/result.ts'
import { spanAt } from '../verify/span-at.ts'
import { errorClassOf } from './error-class.ts'
import { pageOf, refAt } from './page-of.ts'
import { likeness, type Siblings } from './siblings.ts'
import type { Timing } from './timing.ts'
import type { ErrorChain } from './trace-analysis.ts'

export interface ErrorInput {
  readonly timing: Timing
  readonly depths: readonly number[]
  readonly siblings: readonly Siblings[]
  readonly limit: number
}

interface Origin {
  readonly span: SpanIndex
  readonly depth: number
  /** The highest failed span above, or the origin itself. */
  readonly reached: SpanIndex
  readonly reachedRoot: boolean
  readonly count: number
}

/** Where errors began and how far up they went; each origin is a failed span with no failed span below it. */
export function errorChainsOf(input: ErrorInput): Bounded<ErrorChain> {
  const retries = retriesByMember(input)
  const origins = foldAlike(originsOf(input), input.timing.trace).toSorted((a, b) =>
    firstDifference(Number(b.reachedRoot) - Number(a.reachedRoot), b.depth - a.depth),
  )
  return pageOf(origins, input.limit, (origin) => chainOf(origin, input, retries))
}

function originsOf({ timing, depths }: ErrorInput): readonly Origin[] {
  const { trace, parentsFirst, failed } = timing
  const failedBelow = new Uint8Array(failed.length)
  for (const index of parentsFirst.toReversed()) {
    const parent = trace.parent[index] ?? -1
    if (parent !== -1 && (failed[index] === true || failedBelow[index] === 1)) {
      failedBelow[parent] = 1
    }
  }
  const highest = new Int32Array(failed.length).fill(-1)
  const origins: Origin[] = []
  for (const index of parentsFirst) {
    const above = highest[trace.parent[index] ?? -1] ?? -1
    highest[index] = above === -1 && failed[index] === true ? index : above
    if (failed[index] !== true || failedBelow[index] === 1) continue
    const reached = highest[index]
    const reachedRoot = trace.parent[reached] === -1
    origins.push({ span: index, depth: depths[index] ?? 1, reached, reachedRoot, count: 1 })
  }
  return origins.toSorted((a, b) => a.span - b.span)
}

/** Siblings with the same error are told once. */
function foldAlike(origins: readonly Origin[], trace: Trace): readonly Origin[] {
  const alike = Map.groupBy(origins, ({ span }) => {
    const { description: _, ...error } = errorClassOf(spanAt(trace, span))
    return JSON.stringify([trace.parent[span], likeness(spanAt(trace, span)), error])
  })
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ ...first, count: group.length }]
  })
}

function retriesByMember({ siblings }: ErrorInput): ReadonlyMap<SpanIndex, Siblings> {
  const retries = siblings.filter(({ isRetry }) => isRetry)
  return new Map(retries.flatMap((group) => group.members.map((member) => [member, group])))
}

function chainOf(
  origin: Origin,
  { timing, depths, limit }: ErrorInput,
  retries: ReadonlyMap<SpanIndex, Siblings>,
): ErrorChain {
  const { trace } = timing
  const above = trace.parent[origin.reached] ?? -1
  return {
    origin: refAt(trace, origin.span),
    depth: origin.depth,
    count: origin.count,
    error: errorClassOf(spanAt(trace, origin.span)),
    retry: retryOf(origin, timing, retries),
    path: pathOf(timing, origin.span, { length: depths[origin.span] ?? 1, limit }),
    reached: refAt(trace, origin.reached),
    reached_root: origin.reachedRoot,
    absorbed_by: above === -1 ? null : refAt(trace, above),
  }
}

/** An attempt fails as a whole: the origin may stand below it. */
function retryOf(
  { span, reached }: Origin,
  { trace, failed }: Timing,
  retries: ReadonlyMap<SpanIndex, Siblings>,
): ErrorChain['retry'] {
  let at = span
  while (at !== reached && !retries.has(at)) at = trace.parent[at] ?? reached
  const last = retries.get(at)?.members.at(-1)
  if (last === undefined) return null
  return {
    attempts: retries.get(at)?.members.length ?? 0,
    succeeded: failed[last] !== true,
  }
}

function pathOf(
  { trace, failed }: Timing,
  origin: SpanIndex,
  { length, limit }: { readonly length: number; readonly limit: number },
): ErrorChain['path'] {
  const items: { readonly span: ReturnType<typeof refAt>; readonly failed: boolean }[] = []
  for (let at = origin; at !== -1 && items.length < limit; at = trace.parent[at] ?? -1) {
    items.push({ span: refAt(trace, at), failed: failed[at] === true })
  }
  const omitted = length - items.length
  const how = omitted === 0 ? null : `--limit ${length}`
  return { items, shown: items.length, omitted, total: length, how }
}
