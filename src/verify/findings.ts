import type { SourceRange } from '../spec/spec.ts'
import { serviceName } from '../trace/span.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { millisOf } from '../trace/time.ts'
import type { Place } from './bind.ts'
import { fold } from './closed-world.ts'
import { exceptionTypes } from './error-spans.ts'
import { minimumAt, type ConditionFailure, type Judgement } from './judge.ts'
import type { JudgedCase } from './judged-case.ts'
import { explainMiss } from './nearest.ts'
import type { Plan } from './plan.ts'
import type { Finding, SpanRef } from './result.ts'
import { atText, bounded, spanRef } from './shown.ts'
import { spanAt } from './span-at.ts'
import { tellByCondition, tellByCount } from './tell-apart.ts'

/** A finding that is put into facts only when it is shown: looking for the nearest span costs time. */
export interface Draft {
  readonly status: Finding['status']
  readonly code: Finding['code']
  readonly at: SourceRange
  readonly case: number | null
  readonly make: () => Finding
}

export interface FindingContext {
  readonly plan: Plan
  readonly judged: JudgedCase
  readonly index: number
}

const MAX_REFS = 5

/** Everything that a case has to report, not yet in order. */
export function findingsOf(context: FindingContext): readonly Draft[] {
  return [
    ...context.judged.expectations.flatMap((one) => ofExpectation(context, one)),
    ...forbiddenSpans(context),
    ...errors(context),
    ...totalDuration(context),
    ...unexpectedSpans(context),
  ]
}

function ofExpectation(context: FindingContext, one: Judgement): readonly Draft[] {
  return [
    ...one.places
      .filter((place) => minimumAt(place) === 'fail')
      .map((place) => miss(context, one, place)),
    ...one.places
      .filter((place) => place.leftOver.length > 0)
      .map((place) => excess(context, one, place)),
    ...one.failures.map((failure) => failedCondition(context, one, failure)),
    ...undecided(context, one),
  ]
}

function head({ node }: Judgement): {
  readonly at: string
  readonly expectation: string
  readonly label: string
} {
  const { at, id, label } = node.expectation
  return { at: atText(at), expectation: id, label }
}

function miss(context: FindingContext, one: Judgement, place: Place): Draft {
  const { judged, index } = context
  const { trace } = judged.one
  const make = (): Finding => {
    const found = explainMiss({
      trace,
      node: one.node,
      parent: place.parent,
      among: judged.spans,
      taken: new Set(one.places.flatMap((other) => other.spans)),
      spokenFor: boundSpans(judged),
    })
    const facts = {
      ...head(one),
      status: 'fail' as const,
      case: index,
      min: one.node.expectation.count.min,
      observed: place.spans.length,
      parent: refAt(judged, place.parent),
      required_below: one.node.requiredBelow,
    }
    switch (found.kind) {
      case 'moved':
        return {
          ...facts,
          code: 'span_moved',
          span: spanRef(spanAt(trace, found.span)),
          under: refAt(judged, trace.parent[found.span]),
        }
      case 'renamed':
        return {
          ...facts,
          code: 'span_renamed',
          span: spanRef(spanAt(trace, found.span)),
          failed: found.failed,
        }
      case 'missing':
        return { ...facts, code: 'span_missing', nearest: found.nearest }
    }
  }
  return { status: 'fail', code: 'span_missing', at: one.node.expectation.at, case: index, make }
}

function boundSpans({ binding }: JudgedCase): ReadonlySet<SpanIndex> {
  return new Set(binding.places.flatMap((place) => [...place.spans, ...place.leftOver]))
}

function refAt({ one }: JudgedCase, index: SpanIndex | undefined): SpanRef | null {
  return index === undefined || index === -1 ? null : spanRef(spanAt(one.trace, index))
}

function excess({ judged, index }: FindingContext, one: Judgement, place: Place): Draft {
  const { trace } = judged.one
  const all = [...place.spans, ...place.leftOver].toSorted((a, b) => a - b)
  const make = (): Finding => ({
    ...head(one),
    code: 'span_excess',
    status: 'fail',
    case: index,
    max: one.node.expectation.count.max,
    observed: all.length,
    parent: refAt(judged, place.parent),
    spans: bounded(
      all.map((span) => spanRef(spanAt(trace, span))),
      MAX_REFS,
      showTrace(judged),
    ),
    tell_apart: tellByCount(
      one.node,
      all.map((span) => spanAt(trace, span)),
    ),
  })
  return { status: 'fail', code: 'span_excess', at: one.node.expectation.at, case: index, make }
}

function showTrace({ one }: JudgedCase): string {
  return `tracespec show trace:${one.trace.traceId}`
}

function failedCondition(
  { judged, index }: FindingContext,
  one: Judgement,
  failure: ConditionFailure,
): Draft {
  const { trace } = judged.one
  const { condition, spans } = failure
  const make = (): Finding => {
    const span = spanAt(trace, spans[0] ?? 0)
    const all = one.places.flatMap((place) => place.spans).map((index) => spanAt(trace, index))
    return {
      ...head(one),
      ...condition.facts(span),
      code: 'condition_failed',
      at: atText(condition.at),
      status: 'fail',
      case: index,
      span: spanRef(span),
      spans: spans.length,
      tell_apart: tellByCondition(one.node, condition, all),
    }
  }
  return { status: 'fail', code: 'condition_failed', at: condition.at, case: index, make }
}

/** One finding for all open checks of an expectation; what goes missing with its parent is told there. */
function undecided({ judged, index }: FindingContext, one: Judgement): readonly Draft[] {
  const open = one.checks
    .filter((check) => check.status === 'inconclusive')
    .map((check) => check.condition)
  if (open.length === 0 || one.places.length === 0) return []
  const { reasons } = judged.openness
  const make = (): Finding => ({
    ...head(one),
    code: 'undecided',
    status: 'inconclusive',
    case: index,
    check: open.join(', '),
    reasons,
  })
  return [
    { status: 'inconclusive', code: 'undecided', at: one.node.expectation.at, case: index, make },
  ]
}

function forbiddenSpans({ judged, index }: FindingContext): readonly Draft[] {
  return judged.forbidden.flatMap(({ rule, status, spans }): readonly Draft[] => {
    const { at, label } = rule
    if (status === 'pass') return []
    if (status === 'inconclusive')
      return [openDraft({ at, label, check: 'forbidden_spans' }, judged, index)]
    const make = (): Finding => ({
      code: 'span_forbidden',
      status,
      at: atText(at),
      case: index,
      label,
      reason: rule.reason ?? null,
      spans: bounded(
        spans.map((span) => spanRef(spanAt(judged.one.trace, span))),
        MAX_REFS,
        showTrace(judged),
      ),
    })
    return [{ status, code: 'span_forbidden', at, case: index, make }]
  })
}

interface OpenCheck {
  readonly at: SourceRange
  readonly label: string
  readonly check: string
}

function openDraft({ at, label, check }: OpenCheck, judged: JudgedCase, index: number): Draft {
  const { reasons } = judged.openness
  const make = (): Finding => ({
    code: 'undecided',
    status: 'inconclusive',
    at: atText(at),
    case: index,
    expectation: null,
    label,
    check,
    reasons,
  })
  return { status: 'inconclusive', code: 'undecided', at, case: index, make }
}

function errors(context: FindingContext): readonly Draft[] {
  const { plan, judged, index } = context
  const { mode, at } = plan.spec.unexpectedErrors
  const softened = mode === 'report'
  const unexpected = foldErrors(judged, judged.errors.unexpected).map((spans) =>
    errorDraft(context, {
      code: 'error_unexpected',
      status: softened ? 'info' : 'fail',
      at,
      spans,
    }),
  )
  const forbidden = judged.errors.forbidden.map(({ rule, span }) =>
    errorDraft(context, { code: 'error_forbidden', status: 'fail', at: rule.at, spans: [span] }),
  )
  const missing = judged.errors.missing.map(({ rule, status }): Draft => {
    if (status === 'inconclusive')
      return openDraft({ at: rule.at, label: rule.label, check: 'error_conditions' }, judged, index)
    const make = (): Finding => ({
      code: 'error_missing',
      status,
      at: atText(rule.at),
      case: index,
      label: rule.label,
    })
    return { status, code: 'error_missing', at: rule.at, case: index, make }
  })
  const open = judged.errors.open && judged.errors.status === 'inconclusive' && missing.length === 0
  return [
    ...forbidden,
    ...unexpected,
    ...missing,
    ...(open ? [openDraft({ at, label: 'errors', check: 'error_conditions' }, judged, index)] : []),
  ]
}

/** Errors of one name, service and exception are told once; the deepest first, since errors travel up. */
function foldErrors(
  judged: JudgedCase,
  spans: readonly SpanIndex[],
): readonly (readonly SpanIndex[])[] {
  const { trace } = judged.one
  const folds = Map.groupBy(spans, (index) => {
    const span = spanAt(trace, index)
    return [span.name, serviceName(span), exceptionTypes(span)[0] ?? '', span.status.message].join(
      '\n',
    )
  })
  const erring = new Set(spans)
  const below = (index: SpanIndex): number =>
    (trace.children[index] ?? []).filter((child) => erring.has(child)).length
  return [...folds.values()].toSorted(
    (a, b) => below(a[0] ?? 0) - below(b[0] ?? 0) || (a[0] ?? 0) - (b[0] ?? 0),
  )
}

interface ErrorFacts {
  readonly code: 'error_unexpected' | 'error_forbidden'
  readonly status: 'fail' | 'info'
  readonly at: SourceRange
  readonly spans: readonly SpanIndex[]
}

function errorDraft(
  { judged, index }: FindingContext,
  { code, status, at, spans }: ErrorFacts,
): Draft {
  const make = (): Finding => {
    const span = spanAt(judged.one.trace, spans[0] ?? 0)
    return {
      code,
      status,
      at: atText(at),
      case: index,
      span: spanRef(span),
      exception_type: exceptionTypes(span)[0] ?? null,
      status_message: span.status.message.slice(0, 200),
      count: spans.length,
    }
  }
  return { status, code, at, case: index, make }
}

function totalDuration({ plan, judged, index }: FindingContext): readonly Draft[] {
  const at = plan.spec.maxTotalDurationMs?.at
  const { total } = judged
  if (total === undefined || at === undefined || total.status === 'pass') return []
  const check = 'performance_constraints.max_total_duration_ms'
  if (total.status === 'inconclusive')
    return [openDraft({ at, label: 'total duration', check }, judged, index)]
  const make = (): Finding => ({
    code: 'total_duration_exceeded',
    status: 'fail',
    at: atText(at),
    case: index,
    max_ms: total.maxMs,
    observed_ms: millisOf(judged.durationNs),
  })
  return [{ status: 'fail', code: 'total_duration_exceeded', at, case: index, make }]
}

function unexpectedSpans({ plan, judged, index }: FindingContext): readonly Draft[] {
  const { mode, at } = plan.spec.unexpectedSpans
  if (mode === 'ignore') return []
  const { trace } = judged.one
  const { certain, status, open } = judged.unexpected
  const drafts = fold(trace, certain).map((one): Draft => {
    const finding = mode === 'fail' ? 'fail' : 'info'
    const make = (): Finding => {
      const span = spanAt(trace, one.first)
      return {
        code: 'span_unexpected',
        status: finding,
        at: atText(at),
        case: index,
        name: span.name,
        service: serviceName(span),
        kind: span.kind,
        count: one.spans.length,
        parent: refAt(judged, one.parent),
        span: spanRef(span),
        share_of_parent: one.shareOfParents,
      }
    }
    return { status: finding, code: 'span_unexpected', at, case: index, make }
  })
  if (status === 'pass' || (status === 'fail' && open.length === 0)) return drafts
  return [
    ...drafts,
    openDraft({ at, label: 'unexpected spans', check: 'unexpected_spans' }, judged, index),
  ]
}

/** Worst first, then in the order of the spec, of the cases and of what was drafted. */
export function inOrder(drafts: readonly Draft[]): readonly Draft[] {
  return drafts.toSorted(
    (a, b) =>
      RANK[a.status] - RANK[b.status] ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column ||
      (a.case ?? -1) - (b.case ?? -1),
  )
}

const RANK: Readonly<Record<Finding['status'], number>> = { fail: 0, inconclusive: 1, info: 2 }
