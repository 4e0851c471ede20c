import { compileMatcher } from '../spec/match.ts'
import type { ErrorCondition } from '../spec/spec.ts'
import type { Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { compileIdentity, type Plan } from './plan.ts'
import type { Status } from './result.ts'
import { spanAt } from './span-at.ts'
import { and, seenOrOpen, type Tri } from './three.ts'

/** What the errors of a case come to. */
export interface ErrorJudgement {
  readonly status: Status
  readonly unexpected: readonly SpanIndex[]
  readonly forbidden: readonly { readonly rule: ErrorCondition; readonly span: SpanIndex }[]
  /** Required errors that did not happen, and those of which that is not decided. */
  readonly missing: readonly {
    readonly rule: ErrorCondition
    readonly status: 'fail' | 'inconclusive'
  }[]
  /** Spans that a rule speaks of. */
  readonly spokenFor: readonly SpanIndex[]
  /** The claim that there are no further errors is not decided. */
  readonly open: boolean
}

export interface ErrorInput {
  readonly plan: Plan
  readonly trace: Trace
  readonly spans: readonly SpanIndex[]
  /** Bound to an expectation with a condition on the status, which then judges the span itself. */
  readonly judgedByStatus: ReadonlySet<SpanIndex>
  /** Further spans may stand in the case. */
  readonly open: boolean
}

/** Judges the error spans of a case: forbidden ones, required ones, and those that nothing expects. */
export function judgeErrors({
  plan,
  trace,
  spans,
  judgedByStatus,
  open,
}: ErrorInput): ErrorJudgement {
  const rules = plan.spec.errorConditions.map(compileRule)
  const forbidden: { readonly rule: ErrorCondition; readonly span: SpanIndex }[] = []
  const met = new Map<ErrorCondition, Tri>()
  const unexpected: SpanIndex[] = []
  const spokenFor: SpanIndex[] = []
  let unknown = false
  for (const index of spans) {
    const span = spanAt(trace, index)
    const answers = rules
      .map(({ rule, speaksOf }) => ({ rule, answer: speaksOf(span) }))
      .filter((one) => one.answer !== 'no')
    for (const { rule, answer } of answers) if (met.get(rule) !== 'yes') met.set(rule, answer)
    const sure = answers.filter((one) => one.answer === 'yes')
    const broken = sure.find((one) => one.rule.expect === 'forbidden')
    unknown ||= answers.some((one) => one.answer === 'unknown' && one.rule.expect === 'forbidden')
    if (answers.length > 0) spokenFor.push(index)
    if (broken !== undefined) forbidden.push({ rule: broken.rule, span: index })
    else if (
      sure.length > 0 ||
      !isError(span) ||
      judgedByStatus.has(index) ||
      isSilenced(plan, span)
    )
      continue
    else if (answers.length > 0) unknown = true
    else unexpected.push(index)
  }
  const missing = missingOf(plan, met, open)
  const softened = plan.spec.unexpectedErrors.mode === 'report'
  const fails =
    forbidden.length > 0 ||
    (unexpected.length > 0 && !softened) ||
    missing.some((one) => one.status === 'fail')
  const claimsAbsence =
    !softened || plan.spec.errorConditions.some((rule) => rule.expect === 'forbidden')
  const isOpen = unknown || missing.length > 0 || (open && claimsAbsence)
  return {
    status: seenOrOpen(fails, isOpen),
    unexpected,
    forbidden,
    missing,
    spokenFor,
    open: isOpen,
  }
}

function isError(span: Span): boolean {
  return span.status.code === 'error'
}

/** The types of a span's exceptions: of its exception events, else its `error.type`. */
export function exceptionTypes(span: Span): readonly string[] {
  const types = span.events
    .filter((event) => event.name === 'exception')
    .map((event) => event.attributes.get('exception.type'))
    .filter((type) => typeof type === 'string')
  if (types.length > 0) return types
  const type = span.attributes.get('error.type')
  return typeof type === 'string' ? [type] : []
}

function compileRule(rule: ErrorCondition): {
  readonly rule: ErrorCondition
  readonly speaksOf: (span: Span) => Tri
} {
  const is = compileIdentity(rule.identity)
  const isType = rule.exceptionType && compileMatcher(rule.exceptionType)
  const speaksOf = (span: Span): Tri => {
    if (isType === undefined) return isError(span) ? is(span) : 'no'
    const hasException = span.events.some((event) => event.name === 'exception')
    if (!isError(span) && !hasException && span.droppedEventsCount === 0) return 'no'
    if (exceptionTypes(span).some((type) => isType(type))) return is(span)
    return span.droppedEventsCount > 0 ? and(is(span), 'unknown') : 'no'
  }
  return { rule, speaksOf }
}

function isSilenced(plan: Plan, span: Span): boolean {
  return plan.ignore.some((rule) => rule.errors && rule.is(span) === 'yes')
}

function missingOf(
  plan: Plan,
  met: ReadonlyMap<ErrorCondition, Tri>,
  open: boolean,
): ErrorJudgement['missing'] {
  return plan.spec.errorConditions.flatMap((rule) => {
    if (rule.expect !== 'required' || met.get(rule) === 'yes') return []
    return [
      {
        rule,
        status: open || met.get(rule) === 'unknown' ? ('inconclusive' as const) : ('fail' as const),
      },
    ]
  })
}
