import type { MatchTest } from '../spec/match.ts'
import type { ErrorCondition } from '../spec/spec.ts'
import type { Losses } from '../trace/losses.ts'
import type { AttributeValue, Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { anyOf } from './closed-world.ts'
import { LIMIT_OF_SDKS } from './lookup.ts'
import { originalsOf } from './originals.ts'
import type { ErrorRule, Plan } from './plan.ts'
import type { Status } from './result.ts'
import { failed } from './shown-facts.ts'
import { spanAt } from './span-at.ts'
import { and, not, or, seenOrOpen, surely, type Tri } from './three.ts'

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
  /** Spans of which it is not known whether a rule speaks of them, or whether they are excused. */
  readonly unsure: readonly SpanIndex[]
  /** The claim that there are no further errors is not decided. */
  readonly open: boolean
}

export interface ErrorInput {
  readonly plan: Plan
  readonly trace: Trace
  readonly spans: readonly SpanIndex[]
  /** Whether it is bound to an expectation with a condition on the status, which then judges the span itself. */
  readonly judgedByStatus: (span: SpanIndex) => Tri
  /** Further spans may stand in the case. */
  readonly open: boolean
}

/** Judges the error spans of a case: forbidden ones, required ones, and those that nothing expects. */
export function judgeErrors(input: ErrorInput): ErrorJudgement {
  const { plan, trace, spans, open } = input
  const forbidden: { readonly rule: ErrorCondition; readonly span: SpanIndex }[] = []
  const met = new Map<ErrorCondition, Tri>()
  const unexpected: SpanIndex[] = []
  const spokenFor: SpanIndex[] = []
  const unsure: SpanIndex[] = []
  let unknown = false
  for (const index of spans) {
    const span = spanAt(trace, index)
    const answers = plan.errors
      .map((one) => ({ rule: one.rule, answer: speaksOf(one, span, plan.reading.losses) }))
      .filter((one) => one.answer !== 'no')
    for (const { rule, answer } of answers) if (met.get(rule) !== 'yes') met.set(rule, answer)
    const sure = answers.filter((one) => one.answer === 'yes')
    const broken = sure.find((one) => one.rule.expect === 'forbidden')
    unknown ||= answers.some((one) => one.answer === 'unknown' && one.rule.expect === 'forbidden')
    if (sure.length > 0) spokenFor.push(index)
    if (sure.length < answers.length) unsure.push(index)
    if (broken !== undefined) forbidden.push({ rule: broken.rule, span: index })
    else if (sure.length === 0) {
      const excused = answers.length > 0 ? 'unknown' : isExcused(input, index)
      const isUnexpected = and(failed(span, plan.reading.losses), not(excused))
      if (isUnexpected === 'yes') unexpected.push(index)
      if (isUnexpected !== 'unknown') continue
      unknown = true
      unsure.push(index)
    }
  }
  const missing = missingOf(plan, met, open)
  const softened = plan.spec.unexpectedErrors.mode === 'report'
  const fails =
    forbidden.length > 0 ||
    (unexpected.length > 0 && !softened) ||
    missing.some((one) => one.status === 'fail')
  const claimsAbsence =
    !softened || plan.spec.errorConditions.some((rule) => rule.expect === 'forbidden')
  const isOpen = missing.length > 0 || ((open || unknown) && claimsAbsence)
  return {
    status: seenOrOpen(fails, isOpen),
    unexpected,
    forbidden,
    missing,
    spokenFor,
    unsure,
    open: isOpen,
  }
}

function isExcused({ plan, trace, judgedByStatus }: ErrorInput, index: SpanIndex): Tri {
  const silencing = plan.ignore.filter((rule) => rule.errors)
  return or(judgedByStatus(index), anyOf(silencing, spanAt(trace, index)))
}

/** The types of a span's exceptions: of its exception events, else its `error.type`. */
export function exceptionTypes(span: Span): readonly string[] {
  const types = exceptions(span)
    .map((event) => event.attributes.get('exception.type'))
    .filter((type) => typeof type === 'string')
  if (types.length > 0) return types
  const type = span.attributes.get('error.type')
  return typeof type === 'string' ? [type] : []
}

function speaksOf({ is, isType }: ErrorRule, span: Span, losses: Losses): Tri {
  const isError = failed(span, losses)
  if (isType === undefined) return isError === 'no' ? 'no' : and(isError, is(span))
  const mayHaveMore =
    losses.events === true ||
    span.droppedEventsCount > 0 ||
    (losses.droppedCounts && span.events.length >= LIMIT_OF_SDKS)
  if (isError === 'no' && !mayHaveMore && exceptions(span).length === 0) return 'no'
  const others = mayHaveMore || losses.attributes === true ? 'unknown' : 'no'
  const own = mayHaveMore ? withoutAttributes(span) : span
  const typed = or(hasType(own, isType, losses), others)
  const fails = or(isError, mayHaveMore ? 'unknown' : 'no')
  return and(is(span), and(typed, exceptions(span).length > 0 ? 'yes' : fails))
}

/** An exception that is not here would be asked before its `error.type`. */
function withoutAttributes(span: Span): Span {
  return { ...span, attributes: new Map() }
}

/** Whether one of its exceptions has a type: of its exception events, else its `error.type`. Types are texts. */
function hasType(span: Span, isType: MatchTest, losses: Losses): Tri {
  const events = exceptions(span)
  if (losses.eventAttributes && events.length > 0) return 'unknown'
  if (losses.types === 'kept') return surely(exceptionTypes(span).some(isType))
  const own = span.attributes.get('error.type')
  const read = events.flatMap(({ attributes }) => originals(attributes.get('exception.type')))
  const all = [...read, ...originals(own)]
  if (!all.flat().some((one) => typeof one === 'string' && isType(one))) return 'no'
  const isPlain = all.every((values) => values.every((one) => typeof one === 'string'))
  return isPlain ? surely(exceptionTypes(span).some(isType)) : 'unknown'

  function originals(value: AttributeValue | undefined): readonly (readonly AttributeValue[])[] {
    return value === undefined ? [] : [originalsOf(value, losses.types)]
  }
}

function exceptions(span: Span): Span['events'] {
  return span.events.filter((event) => event.name === 'exception')
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
