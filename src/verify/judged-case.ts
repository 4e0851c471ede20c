import type { RunEvidence } from '../trace/evidence.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { bind, type Binding } from './bind.ts'
import type { Case } from './cases.ts'
import {
  anyOf,
  isIgnored,
  judgeForbidden,
  totalDuration,
  type ForbiddenJudgement,
} from './closed-world.ts'
import { judgeErrors, type ErrorJudgement } from './error-spans.ts'
import { below } from './forest.ts'
import { judge, type Judgement } from './judge.ts'
import { opennessOf, type Openness } from './openness.ts'
import type { Plan } from './plan.ts'
import type { Reduced, Token } from './reduce.ts'
import type { Status } from './result.ts'
import { hasKind, isCaller } from './shown-facts.ts'
import { spanAt } from './span-at.ts'
import { seenOrOpen, surely, worst, type Tri } from './three.ts'
import { isAtMost, type Range } from './times.ts'
import { totalRange } from './total-range.ts'

/** Everything that a spec says of one case. */
export interface JudgedCase {
  readonly one: Case
  readonly openness: Openness
  readonly binding: Binding
  readonly expectations: readonly Judgement[]
  readonly forbidden: readonly ForbiddenJudgement[]
  readonly errors: ErrorJudgement
  /** Undefined when the spec does not bound it. */
  readonly total: { readonly status: Status; readonly maxMs: number } | undefined
  /** Latest end less earliest start of the spans that are not ignored, in nanoseconds. */
  readonly durationNs: bigint
  readonly unexpected: UnexpectedJudgement
  readonly status: Status
  /** The spans of the case and of the fragments that count for it, in ascending order. */
  readonly spans: readonly SpanIndex[]
  /** `spans` without the ignored ones. */
  readonly counted: readonly SpanIndex[]
}

export interface UnexpectedJudgement {
  readonly status: Status
  /** Nothing speaks for them, whatever may still come. */
  readonly certain: readonly SpanIndex[]
  /** Further spans could bring them into a match. */
  readonly open: readonly SpanIndex[]
}

export interface JudgeInput {
  readonly plan: Plan
  readonly reduced: Reduced
  readonly one: Case
  readonly holes: ReadonlySet<SpanIndex>
  readonly run: RunEvidence | undefined
}

/** Judges one case by every part of the spec. */
export function judgeCase({ plan, reduced, one, holes, run }: JudgeInput): JudgedCase {
  const { trace } = one
  const { losses } = plan.reading
  const openness = opennessOf(one, run, { holes, losses })
  const open = openness.everywhere || openness.holes.size > 0
  const spans = [...one.members, ...below(trace, one.fragments)].toSorted((a, b) => a - b)
  const binding = bind({ reduced, one, openness })
  const isFirm = spans.every((span) => isSettled(reduced.classes[span]?.token))
  const expectations = judge(plan, trace, binding)
  const forbidden = judgeForbidden(plan, trace, { spans, open })
  const errors = judgeErrors({
    plan,
    trace,
    spans,
    judgedByStatus: judgedByStatus(expectations, { reduced, isFirm }),
    open,
  })
  const ignored = new Map(spans.map((span) => [span, isIgnored(plan, trace, span)]))
  const counted = spans.filter((span) => ignored.get(span) !== 'yes')
  const durationNs = totalDuration(trace, counted)
  const surelyCounted = counted.filter((span) => ignored.get(span) === 'no')
  const range = totalRange(trace, { surelyCounted, counted, losses })
  const total = judgeTotal(plan, range, open)
  const spoken = spokenFor({ one, binding, forbidden, errors, plan })
  const unexpected = judgeUnexpected({
    plan,
    one,
    open: open || !isFirm,
    unsure: new Set([...errors.unsure, ...counted.filter((span) => ignored.get(span) !== 'no')]),
    spans: counted.filter((span) => !spoken.has(span)),
  })
  const found = worst([
    ...expectations.map((one) => one.status),
    ...forbidden.map((rule) => rule.status),
    errors.status,
    total?.status ?? 'pass',
    unexpected.status,
  ])
  const status = one.certain ? found : unlessCase(plan, found)
  return {
    one,
    openness,
    binding,
    expectations,
    forbidden,
    errors,
    total,
    durationNs,
    unexpected,
    status,
    spans,
    counted,
  }
}

/** What is found in what may be no case; with `passing: any` also a pass counts only in a case. */
function unlessCase(plan: Plan, found: Status): Status {
  return found === 'pass' && plan.spec.traces.passing === 'all' ? 'pass' : 'inconclusive'
}

/** Whether all that the spec asks of a span is answered, so that nothing unknown decides what it is bound to. */
function isSettled(token: Token | undefined): boolean {
  if (token === undefined || token.ignored === 'unknown') return false
  return [...token.about.values()].every(({ is, unknown }) => is === 'yes' && unknown === 0)
}

/**
 * A condition on the status judges a span itself, whether it asks for an error or for none. Where something unknown may decide
 * what a span is bound to, it is only known that the others are not.
 */
function judgedByStatus(
  expectations: readonly Judgement[],
  { reduced, isFirm }: { readonly reduced: Reduced; readonly isFirm: boolean },
): (span: SpanIndex) => Tri {
  const asking = expectations.filter(({ node }) => node.expectation.status !== undefined)
  const bound = new Set(asking.flatMap(({ places }) => places.flatMap((place) => place.spans)))
  if (isFirm) return (span) => surely(bound.has(span))
  return (span) => {
    const about = reduced.classes[span]?.token.about
    return asking.some(({ node }) => about?.has(node.index) === true) ? 'unknown' : 'no'
  }
}

const NANOS_PER_MS = 1e6

function judgeTotal(plan: Plan, range: Range, open: boolean): JudgedCase['total'] {
  const bound = plan.spec.maxTotalDurationMs
  if (bound === undefined) return undefined
  const holds = isAtMost(range, bound.value * NANOS_PER_MS)
  return { status: seenOrOpen(holds === 'no', open || holds === 'unknown'), maxMs: bound.value }
}

interface SpeakingParts {
  readonly plan: Plan
  readonly one: Case
  readonly binding: Binding
  readonly forbidden: readonly ForbiddenJudgement[]
  readonly errors: ErrorJudgement
}

/** The spans that some part of the spec has to do with; `applies_to` speaks for the root of its case. */
function spokenFor({
  plan,
  one,
  binding,
  forbidden,
  errors,
}: SpeakingParts): ReadonlySet<SpanIndex> {
  const told = plan.spec.unexpectedErrors.mode === 'fail' ? errors.unexpected : []
  const spoken = new Set<SpanIndex>([...binding.lookedThrough, ...errors.spokenFor, ...told])
  for (const { spans, leftOver } of binding.places) {
    for (const span of spans) spoken.add(span)
    for (const span of leftOver) spoken.add(span)
  }
  for (const { spans } of forbidden) for (const span of spans) spoken.add(span)
  if (plan.spec.appliesTo !== undefined && one.root !== undefined) spoken.add(one.root)
  return spoken
}

interface UnexpectedInput {
  readonly plan: Plan
  readonly one: Case
  readonly open: boolean
  /** Ignored or spoken for, unless a fact that was lost or dropped says otherwise. */
  readonly unsure: ReadonlySet<SpanIndex>
  readonly spans: readonly SpanIndex[]
}

/** On partial evidence a span that some expectation is about, or that leads on to others, may still be matched. */
function judgeUnexpected(input: UnexpectedInput): UnexpectedJudgement {
  const { plan, one, open, unsure, spans } = input
  const isOpen = (index: SpanIndex): boolean => {
    const span = spanAt(one.trace, index)
    const leadsOn = hasKind(span, plan.reading.losses, isCaller) !== 'no'
    const isForbidden = anyOf(plan.forbidden, span) === 'unknown'
    if (unsure.has(index) || isForbidden) return true
    return open && (leadsOn || anyOf(plan.nodes, span) !== 'no')
  }
  const certain = spans.filter((span) => !isOpen(span))
  if (plan.spec.unexpectedSpans.mode !== 'fail') return { status: 'pass', certain: spans, open: [] }
  const mayBe = spans.filter(isOpen)
  return { status: seenOrOpen(certain.length > 0, open || mayBe.length > 0), certain, open: mayBe }
}
