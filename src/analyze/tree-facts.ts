import { serviceName } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { Defect, SpanIndex, Trace } from '../trace/trace.ts'
import type { Bounded } from '../verify/result.ts'
import { isAwaited, type Extent } from './extent.ts'
import { descending, larger, smaller } from './order.ts'
import { pageOf, refAt } from './page-of.ts'
import { lengthAt, type Timing } from './timing.ts'
import type { ClippedSpan, DefectGroup, RootFacts, TreeFacts } from './trace-analysis.ts'

/** The shape of a trace and what is wrong with it. */
export function treeFactsOf(timing: Timing, depths: readonly number[], limit: number): TreeFacts {
  const { trace } = timing
  return {
    spans: trace.spans.length,
    services: new Set(trace.spans.map(serviceName)).size,
    errors: timing.failed.filter(Boolean).length,
    depth: depths.reduce((deepest, depth) => Math.max(deepest, depth), 0),
    fan_out: fanOutOf(trace),
    roots: rootsOf(timing, limit),
    defects: defectGroupsOf(trace, limit),
    clipped: clippedOf(timing, limit),
  }
}

/** How many spans stand on the way from a root to each span, both included. */
export function depthsOf(trace: Trace, parentsFirst: readonly SpanIndex[]): readonly number[] {
  const depths = trace.spans.map(() => 1)
  for (const index of parentsFirst) {
    const parent = trace.parent[index] ?? -1
    if (parent !== -1) depths[index] = (depths[parent] ?? 0) + 1
  }
  return depths
}

function fanOutOf(trace: Trace): TreeFacts['fan_out'] {
  let widest: SpanIndex | undefined
  let most = 0
  for (const [index, { length }] of trace.children.entries()) {
    if (length <= most) continue
    widest = index
    most = length
  }
  return widest === undefined ? null : { span: refAt(trace, widest), children: most }
}

function rootsOf({ trace, times, parentsFirst }: Timing, limit: number): Bounded<RootFacts> {
  const sizes = trace.spans.map(() => 1)
  for (const index of parentsFirst.toReversed()) {
    const parent = trace.parent[index] ?? -1
    if (parent !== -1) sizes[parent] = (sizes[parent] ?? 1) + (sizes[index] ?? 1)
  }
  const longestFirst = trace.roots.toSorted((a, b) =>
    descending(lengthAt(times, a), lengthAt(times, b)),
  )
  return pageOf(longestFirst, limit, (root) => ({
    span: refAt(trace, root),
    duration_ms: millisOf(lengthAt(times, root)),
    spans: sizes[root] ?? 1,
  }))
}

function defectGroupsOf(trace: Trace, limit: number): readonly DefectGroup[] {
  return [...Map.groupBy(trace.defects, defectCode)].map(([code, defects]) => ({
    code,
    count: defects.length,
    spans: pageOf([...new Set(defects.flatMap(defectSpans))], limit, (index) =>
      refAt(trace, index),
    ),
  }))
}

function defectCode(defect: Defect): DefectGroup['code'] {
  if (defect.code !== 'orphan') return defect.code
  return defect.parent === 'lost' ? 'parent_lost' : 'parent_foreign'
}

function defectSpans(defect: Defect): readonly SpanIndex[] {
  switch (defect.code) {
    case 'orphan':
    case 'clock_skew':
      return [defect.span]
    case 'duplicate_id':
    case 'cycle':
    case 'several_roots':
      return defect.spans
  }
}

interface Overhang {
  readonly span: SpanIndex
  readonly parent: SpanIndex
  readonly before: bigint
  readonly after: bigint
  readonly outside: boolean
}

function clippedOf({ trace, times }: Timing, limit: number): Bounded<ClippedSpan> {
  const skewed = new Set(
    trace.defects.flatMap((defect) => (defect.code === 'clock_skew' ? [defect.span] : [])),
  )
  const overhangs = [...trace.parent.entries()]
    .flatMap(([span, parent]) => overhangOf({ span, parent }, trace, times))
    .toSorted((a, b) => descending(a.before + a.after, b.before + b.after))
  return pageOf(overhangs, limit, ({ span, parent, before, after, outside }) => ({
    span: refAt(trace, span),
    parent: refAt(trace, parent),
    before_ms: millisOf(before),
    after_ms: millisOf(after),
    outside,
    clock_skew: skewed.has(span),
  }))
}

function overhangOf(
  { span, parent }: { readonly span: SpanIndex; readonly parent: SpanIndex },
  trace: Trace,
  times: readonly Extent[],
): readonly Overhang[] {
  const own = times[span]
  const bounds = times[parent]
  if (own === undefined || bounds === undefined || !isAwaited(trace, span)) return []
  const before = larger(0n, smaller(own.end, bounds.start) - own.start)
  const after = larger(0n, own.end - larger(own.start, bounds.end))
  const outside = own.start > bounds.end || own.end < bounds.start
  return before + after === 0n && !outside ? [] : [{ span, parent, before, after, outside }]
}
