import type { RunEvidence } from '../trace/evidence.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { bind, type Binding } from './bind.ts'
import type { Case } from './cases.ts'
import {
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
import type { Reduced } from './reduce.ts'
import type { Status } from './result.ts'
import { spanAt } from './span-at.ts'
import { seenOrOpen, worst } from './three.ts'

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
  const openness = opennessOf(one, run, holes)
  const open = openness.everywhere || openness.holes.size > 0
  const spans = [...one.members, ...below(trace, one.fragments)].toSorted((a, b) => a - b)
  const binding = bind({ reduced, one, openness })
  const expectations = judge(plan, trace, binding)
  const forbidden = judgeForbidden(plan, trace, { spans, open })
  const errors = judgeErrors({
    plan,
    trace,
    spans,
    judgedByStatus: judgedByStatus(expectations),
    open,
  })
  const counted = spans.filter((span) => !isIgnored(plan, trace, span))
  const durationNs = totalDuration(trace, counted)
  const total = judgeTotal(plan, durationNs, open)
  const spoken = spokenFor({ one, binding, forbidden, errors, plan })
  const unexpected = judgeUnexpected({
    plan,
    one,
    open,
    spans: counted.filter((span) => !spoken.has(span)),
  })
  const status = worst([
    ...expectations.map((one) => one.status),
    ...forbidden.map((rule) => rule.status),
    errors.status,
    total?.status ?? 'pass',
    unexpected.status,
  ])
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

/** A condition on the status judges a span itself, whether it asks for an error or for none. */
function judgedByStatus(expectations: readonly Judgement[]): ReadonlySet<SpanIndex> {
  const asking = expectations.filter(({ node }) => node.expectation.status !== undefined)
  return new Set(asking.flatMap(({ places }) => places.flatMap((place) => place.spans)))
}

const NANOS_PER_MS = 1e6

function judgeTotal(plan: Plan, durationNs: bigint, open: boolean): JudgedCase['total'] {
  const bound = plan.spec.maxTotalDurationMs
  if (bound === undefined) return undefined
  const exceeded = durationNs > bound.value * NANOS_PER_MS
  return { status: seenOrOpen(exceeded, open), maxMs: bound.value }
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
  readonly spans: readonly SpanIndex[]
}

/** On partial evidence a span that some expectation is about, or that leads on to others, may still be matched. */
function judgeUnexpected({ plan, one, open, spans }: UnexpectedInput): UnexpectedJudgement {
  const isOpen = (index: SpanIndex): boolean => {
    const span = spanAt(one.trace, index)
    const leadsOn = span.kind === 'client' || span.kind === 'producer'
    return open && (leadsOn || plan.nodes.some((node) => node.is(span) !== 'no'))
  }
  const certain = spans.filter((span) => !isOpen(span))
  if (plan.spec.unexpectedSpans.mode !== 'fail') return { status: 'pass', certain: spans, open: [] }
  return { status: seenOrOpen(certain.length > 0, open), certain, open: spans.filter(isOpen) }
}
