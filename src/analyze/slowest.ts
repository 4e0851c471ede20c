import { millisOf } from '../trace/time.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { spanAt } from '../verify/span-at.ts'
import { lengthOf } from './extent.ts'
import { descending } from './order.ts'
import { pageOf, refAt } from './page-of.ts'
import { lengthAt, type Timing } from './timing.ts'
import type { SpanTime, TraceAnalysis } from './trace-analysis.ts'

/** The spans with most self time and with the longest duration; a tie goes to the earlier one. */
export function slowestOf(timing: Timing, limit: number): TraceAnalysis['slowest'] {
  const { trace, times, self } = timing
  const bySelf = (index: SpanIndex): bigint => self[index]?.total ?? 0n
  const byDuration = (index: SpanIndex): bigint => lengthAt(times, index)
  const most = (of: (index: SpanIndex) => bigint): readonly SpanIndex[] =>
    [...trace.spans.keys()].toSorted((a, b) => descending(of(a), of(b)))
  const tell = (index: SpanIndex): SpanTime => spanTime(timing, index)
  return {
    by_self_time: pageOf(most(bySelf), limit, tell),
    by_duration: pageOf(most(byDuration), limit, tell),
  }
}

function spanTime({ trace, times, whole, self, critical }: Timing, index: SpanIndex): SpanTime {
  const gap = self[index]?.gap
  return {
    span: refAt(trace, index),
    kind: spanAt(trace, index).kind,
    start_ms: millisOf((times[index]?.start ?? whole.start) - whole.start),
    duration_ms: millisOf(lengthAt(times, index)),
    self_ms: millisOf(self[index]?.total ?? 0n),
    critical_ms: millisOf(critical[index] ?? 0n),
    children: trace.children[index]?.length ?? 0,
    gap:
      gap === undefined
        ? null
        : { from_ms: millisOf(gap.start - whole.start), duration_ms: millisOf(lengthOf(gap)) },
  }
}
