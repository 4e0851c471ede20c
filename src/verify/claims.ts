import type { EvidenceReason } from '../trace/evidence.ts'
import type { SpanIndex } from '../trace/trace.ts'
import type { Division } from './cases.ts'
import type { Draft } from './draft.ts'
import { treesOf } from './forest.ts'
import { foreignFragment, holeReasons, lostParent } from './openness.ts'
import type { Plan } from './plan.ts'
import type { Finding, Status } from './result.ts'
import { atText, spanRef } from './shown.ts'
import { spanAt } from './span-at.ts'
import type { Observation } from './observation.ts'

/** What is claimed of the cases as a whole. */
export interface Claims {
  /** `traces.min` and `traces.max`. */
  readonly count: Status
  /** `pass` when there were no further cases, else `inconclusive`. */
  readonly noFurther: Status
  /** Why there may be further cases; without a run none where nothing speaks for them. */
  readonly mayBeMore: readonly EvidenceReason[]
  /** `pass` when it is decided that no case applies, else `inconclusive`. */
  readonly noCase: Status
  readonly drafts: readonly Draft[]
}

export interface ClaimsInput {
  readonly plan: Plan
  readonly observation: Observation
  readonly divisions: readonly Division[]
  readonly holes: readonly ReadonlySet<SpanIndex>[]
  /** How many cases there are surely, and how many there may be as far as what was seen goes. */
  readonly cases: { readonly sure: number; readonly possible: number }
}

/** Decides how many cases there are and may be, and lists the entries that none of them holds. */
export function judgeClaims(input: ClaimsInput): Claims {
  const ends = reasonsForMore(input)
  const hidden = [...ends, ...hidingPlaces(input)]
  const { run } = input.observation
  const isOver = run === undefined ? ends.length === 0 : run.complete
  const noFurther: Status = isOver ? 'pass' : 'inconclusive'
  const isDecided = isOver && hidden.length === 0 && !isEmpty(input.observation)
  const counted = judgeCount(input, { hidden, isDecided })
  const open = noFurther === 'inconclusive' && counted.status === 'pass' && input.cases.possible > 0
  const openDraft = open ? [undecided(input, 'traces', ends)] : []
  return {
    count: counted.status,
    noFurther,
    mayBeMore: isOver ? [] : ends,
    noCase: isDecided ? 'pass' : 'inconclusive',
    drafts: [...counted.drafts, ...openDraft, ...notJudged(input)],
  }
}

/** Why further cases may be unknown: a run decides it by how its processes ended, a file by its lost parents. */
function reasonsForMore({ plan, observation }: ClaimsInput): readonly EvidenceReason[] {
  const { traces, run } = observation
  if (run !== undefined) return run.complete ? [] : run.reasons
  return traces.flatMap((trace) =>
    treesOf(trace, plan.reading.losses).flatMap((tree) =>
      tree.lostId === undefined ? [] : lostParent(trace, tree),
    ),
  )
}

/** Where a span that opens a case could still be: in the place of a missing parent, or below a hole. */
function hidingPlaces({ plan, observation, holes }: ClaimsInput): readonly EvidenceReason[] {
  const { traces, run } = observation
  return traces.flatMap((trace, at) => [
    ...treesOf(trace, plan.reading.losses).flatMap((tree): readonly EvidenceReason[] => {
      if (run !== undefined) return tree.lostId === undefined ? [] : [lostParent(trace, tree)]
      return tree.foreignId === undefined ? [] : [foreignFragment(trace, tree)]
    }),
    ...holeReasons(trace, holes[at] ?? new Set()),
  ])
}

interface Known {
  readonly hidden: readonly EvidenceReason[]
  readonly isDecided: boolean
}

function judgeCount(
  input: ClaimsInput,
  { hidden, isDecided }: Known,
): { readonly status: Status; readonly drafts: readonly Draft[] } {
  const { plan, cases } = input
  const { min, max, at } = plan.spec.traces
  const facts = { at: atText(at), case: null, status: 'fail' as const }
  const open = (check: string): { readonly status: Status; readonly drafts: readonly Draft[] } => ({
    status: 'inconclusive',
    drafts: [undecided(input, check, hidden)],
  })
  if (max !== undefined && cases.sure > max && !mayJoin(input)) {
    const make = (): Finding => ({ ...facts, code: 'too_many_cases', max, observed: cases.sure })
    return {
      status: 'fail',
      drafts: [{ status: 'fail', code: 'too_many_cases', at, case: null, make }],
    }
  }
  if (min !== undefined && cases.sure < min) {
    if (!isDecided || cases.possible >= min) return open('traces.min')
    const make = (): Finding => ({ ...facts, code: 'too_few_cases', min, observed: cases.sure })
    return {
      status: 'fail',
      drafts: [{ status: 'fail', code: 'too_few_cases', at, case: null, make }],
    }
  }
  const mayExceed = max !== undefined && (!isDecided || cases.possible > max)
  return mayExceed ? open('traces.max') : { status: 'pass', drafts: [] }
}

/** Without a single span it is not known that the program has any telemetry. */
function isEmpty({ traces }: Observation): boolean {
  return traces.length === 0
}

/** Cases of one trace could turn out to be one: below a lost parent, below foreign ones, or on a run that lost spans. */
function mayJoin({ plan, observation }: ClaimsInput): boolean {
  const { traces, run } = observation
  if (run !== undefined && !run.complete) return true
  return traces.some((trace) => {
    const trees = treesOf(trace, plan.reading.losses)
    const foreign = run === undefined ? trees.filter((tree) => tree.foreignId !== undefined) : []
    return foreign.length > 1 || trees.some((tree) => tree.lostId !== undefined)
  })
}

/** More of them tell a reader nothing new. */
const MAX_REASONS = 20

function undecided(
  { plan }: ClaimsInput,
  check: string,
  reasons: readonly EvidenceReason[],
): Draft {
  const { at } = plan.spec.traces
  const make = (): Finding => ({
    code: 'undecided',
    status: 'inconclusive',
    at: atText(at),
    case: null,
    expectation: null,
    label: 'further traces',
    check,
    reasons: reasons.slice(0, MAX_REASONS),
  })
  return { status: 'inconclusive', code: 'undecided', open: check, at, case: null, make }
}

/** Without `applies_to`, entries that hold some required top-level expectation but not the first, and are part of no case. */
function notJudged({ plan, divisions }: ClaimsInput): readonly Draft[] {
  if (plan.spec.appliesTo !== undefined) return []
  const required = plan.top.members.filter((node) => node.expectation.count.min > 0)
  return divisions.flatMap(({ cases, entries }) => {
    const inCases = new Set(cases.flatMap((one) => [...one.members, ...one.fragments]))
    return entries.flatMap(({ trace, own }): readonly Draft[] => {
      const first = own[0]
      if (first === undefined || own.some((span) => inCases.has(span))) return []
      const held = required.filter((node) =>
        own.some((span) => node.is(spanAt(trace, span)) === 'yes'),
      )
      const { at } = plan.spec
      if (held.length === 0) return []
      const make = (): Finding => ({
        code: 'not_judged',
        status: 'info',
        at: atText(at),
        case: null,
        span: spanRef(spanAt(trace, first)),
        holds: held.map((node) => node.expectation.label),
      })
      return [{ status: 'info', code: 'not_judged', at, case: null, make }]
    })
  })
}
