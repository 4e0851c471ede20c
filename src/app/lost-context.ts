import type { Trace } from '../trace/trace.ts'
import type { SpecFile } from '../verify/observation.ts'
import { planOf } from '../verify/plan.ts'
import type { Finding, SpanRef } from '../verify/result.ts'
import { spanRef } from '../verify/shown.ts'

/**
 * The span of a missing expectation that stands alone: it begins another trace than the one in which it is missing, so that its
 * context was lost on the way to it. Undefined when there is none.
 */
export function beginsElsewhere(
  finding: Finding,
  file: SpecFile,
  traces: readonly Trace[],
): SpanRef | undefined {
  if (finding.code !== 'span_missing' || finding.parent === null) return undefined
  const { expectation, parent } = finding
  const node = planOf(file.spec).nodes.find((one) => one.expectation.id === expectation)
  if (node === undefined) return undefined
  const others = traces.filter(({ traceId }) => traceId !== parent.trace_id)
  const roots = others.flatMap((trace) => trace.roots.flatMap((root) => trace.spans[root] ?? []))
  const found = roots.find((span) => span.parentSpanId === undefined && node.is(span) === 'yes')
  return found === undefined ? undefined : spanRef(found)
}
