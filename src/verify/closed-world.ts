import { firstDifference } from '../trace/order.ts'
import type { ForbiddenRule } from '../spec/spec.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { serviceName, type Span } from '../trace/span.ts'
import type { Plan } from './plan.ts'
import type { Status } from './result.ts'
import { spanAt } from './span-at.ts'
import { and, not, or, type Tri } from './three.ts'

export interface ForbiddenJudgement {
  readonly rule: ForbiddenRule
  readonly status: Status
  readonly spans: readonly SpanIndex[]
}

/** What was seen fails; that there is none is decided on complete evidence only. */
export function judgeForbidden(
  plan: Plan,
  trace: Trace,
  where: { readonly spans: readonly SpanIndex[]; readonly open: boolean },
): readonly ForbiddenJudgement[] {
  return plan.forbidden.map(({ rule, is }) => {
    const spans: SpanIndex[] = []
    let open = where.open
    for (const index of where.spans) {
      const answer = is(spanAt(trace, index))
      if (answer === 'yes') spans.push(index)
      else if (answer === 'unknown') open = true
    }
    if (spans.length > 0) return { rule, status: 'fail', spans }
    return { rule, status: open ? 'inconclusive' : 'pass', spans }
  })
}

/** The time from the earliest start to the latest end of the spans that count, in nanoseconds. */
export function totalDuration(trace: Trace, spans: readonly SpanIndex[]): bigint {
  let [from, to]: [bigint | undefined, bigint] = [undefined, 0n]
  for (const index of spans) {
    const span = spanAt(trace, index)
    if (from === undefined || span.start < from) from = span.start
    if (span.end > to) to = span.end
  }
  return from === undefined ? 0n : to - from
}

/** Spans that nothing speaks for and nobody wants to hear of. */
export function isIgnored(plan: Plan, trace: Trace, index: SpanIndex): Tri {
  const span = spanAt(trace, index)
  let result = anyOf(plan.ignore, span)
  if (result !== 'no') result = and(result, not(anyOf(plan.nodes, span)))
  return result === 'no' ? result : and(result, not(anyOf(plan.forbidden, span)))
}

/** Whether one of the rules is about a span. */
export function anyOf(rules: readonly { readonly is: (span: Span) => Tri }[], span: Span): Tri {
  let result: Tri = 'no'
  for (const rule of rules) if (result !== 'yes') result = or(result, rule.is(span))
  return result
}

/** Unexpected spans of one name, service and kind below parents of one name, folded. */
export interface Fold {
  readonly spans: readonly SpanIndex[]
  readonly first: SpanIndex
  readonly parent: SpanIndex | undefined
  /** Share of the parents' time that they take, 0 to 1. */
  readonly shareOfParents: number | null
}

/** Folds spans by name, service, kind and the name and service of their parent; largest folds first, then by position. */
export function fold(trace: Trace, spans: readonly SpanIndex[]): readonly Fold[] {
  const groups = Map.groupBy(spans, (index) => {
    const parent = trace.parent[index] ?? -1
    return `${label(trace, index)}\n${spanAt(trace, index).kind}\n${parent === -1 ? '' : label(trace, parent)}`
  })
  return [...groups.values()]
    .map((members): Fold => {
      const first = members[0] ?? 0
      const parent = trace.parent[first] ?? -1
      return {
        spans: members,
        first,
        parent: parent === -1 ? undefined : parent,
        shareOfParents: shareOfParents(trace, members),
      }
    })
    .toSorted((a, b) => firstDifference(b.spans.length - a.spans.length, a.first - b.first))
}

function label(trace: Trace, index: SpanIndex): string {
  const span = spanAt(trace, index)
  return `${span.name}\n${serviceName(span)}`
}

function shareOfParents(trace: Trace, spans: readonly SpanIndex[]): number | null {
  const parents = new Set(
    spans.map((index) => trace.parent[index] ?? -1).filter((parent) => parent !== -1),
  )
  const whole = sumOfDurations(trace, [...parents])
  if (whole === 0) return null
  return Math.min(1, Math.round((1000 * sumOfDurations(trace, spans)) / whole) / 1000)
}

function sumOfDurations(trace: Trace, spans: readonly SpanIndex[]): number {
  return spans.reduce(
    (sum, index) => sum + Number(spanAt(trace, index).end - spanAt(trace, index).start),
    0,
  )
}
