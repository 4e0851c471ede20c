import type { SourceRange } from '../spec/spec.ts'
import { firstDifference } from '../trace/order.ts'
import { serviceName } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { fold } from './closed-world.ts'
import { refAt, type Draft, type FindingContext } from './draft.ts'
import { droppedOf } from './dropped.ts'
import { exceptionTypes } from './error-spans.ts'
import { findingsOfExpectation } from './expectation-findings.ts'
import { openerOf } from './no-case.ts'
import type { JudgedCase } from './judged-case.ts'
import type { Finding } from './result.ts'
import { atText, page, spanRef } from './shown.ts'
import { spanAt } from './span-at.ts'

/** Everything that a case has to report, not yet in order. */
export function findingsOf(context: FindingContext): readonly Draft[] {
  return [
    ...uncertainCase(context),
    ...context.judged.expectations.flatMap((one) => findingsOfExpectation(context, one)),
    ...forbiddenSpans(context),
    ...errors(context),
    ...totalDuration(context),
    ...unexpectedSpans(context),
  ]
}

/** That it may be no case is told where its findings would count. */
function uncertainCase({ plan, judged, index }: FindingContext): readonly Draft[] {
  if (judged.one.certain || judged.status === 'pass') return []
  const { at, label } = openerOf(plan.spec)
  return [openDraft({ at, label, check: 'applies_to' }, judged, index)]
}

function forbiddenSpans({ judged, index, refs }: FindingContext): readonly Draft[] {
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
      spans: page(
        spans.map((span) => spanRef(spanAt(judged.one.trace, span))),
        refs,
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
  const { reasons: open } = judged.openness
  const reasons = open.length > 0 ? open : droppedOf(judged.one.trace, judged.spans)
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
  return { status: 'inconclusive', code: 'undecided', open: check, at, case: index, make }
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
  return [...folds.values()].toSorted((a, b) =>
    firstDifference(below(a[0] ?? 0) - below(b[0] ?? 0), (a[0] ?? 0) - (b[0] ?? 0)),
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
  return [{ status: 'fail', code: 'total_duration_exceeded', isSlow: true, at, case: index, make }]
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
