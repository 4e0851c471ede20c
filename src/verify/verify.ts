import type { Spec } from '../spec/spec.ts'
import type { RunEvidence } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { casesOf, type Case, type Division, type Entry } from './cases.ts'
import { inOrder, type Draft } from './draft.ts'
import { findingsOf } from './findings.ts'
import { holesOf } from './holes.ts'
import { judgeCase, type JudgedCase } from './judged-case.ts'
import type { Observation, SpecFile, VerifyOptions } from './observation.ts'
import { nearestEntry, noCase } from './no-case.ts'
import {
  judgePercentiles,
  observedIn,
  type Observed,
  type PercentileJudgement,
} from './percentiles.ts'
import { planOf, type Plan } from './plan.ts'
import { reduce } from './reduce.ts'
import { lostFacts, type LostFactsOf } from './lost-facts.ts'
import type { Finding, SpecResult, Status } from './result.ts'
import { atText, DEFAULT_LIMIT, refsOf } from './shown.ts'
import { specResult } from './spec-result.ts'
import { judgeClaims, type Claims } from './claims.ts'
import { worst, best } from './three.ts'

/** Matches what was seen against a spec: the one verdict that every door shows. */
export function verify(
  file: SpecFile,
  observation: Observation,
  options: VerifyOptions = { limit: DEFAULT_LIMIT },
): SpecResult {
  return verifyAs('whole', file, { observation, options }).result
}

/** One of many captures: without the percentiles, which are judged over all of them. */
export interface Member {
  readonly result: SpecResult
  /** Of each percentile of the spec. */
  readonly observed: readonly (readonly Observed[])[]
}

/** Judges one of many captures, and takes down what it tells of the percentiles. */
export function verifyMember(
  file: SpecFile,
  observation: Observation,
  options: VerifyOptions = { limit: DEFAULT_LIMIT },
): Member {
  return verifyAs('member', file, { observation, options })
}

interface Asked {
  readonly observation: Observation
  readonly options: VerifyOptions
}

function verifyAs(part: Part, file: SpecFile, { observation, options }: Asked): Member {
  const decided = (losses: Losses): Verdict =>
    decide(file.spec, { ...observation, losses }, { ...options, part })
  const verdict = decided(observation.losses)
  const lost = lostFacts(observation.losses, (losses) => openChecks(decided(losses)))
  const drafts = inOrder(verdict.drafts).map((draft) => explained(draft, lost))
  const result = specResult({ file, observation, options, ...verdict, drafts })
  return { result, observed: verdict.observed }
}

/** Whether this is all that percentiles are judged over. */
type Part = 'whole' | 'member'

/** What a spec comes to, before it is put into facts. */
interface Verdict {
  readonly plan: Plan
  readonly status: SpecResult['status']
  readonly cases: readonly JudgedCase[]
  readonly percentiles: readonly PercentileJudgement[]
  readonly observed: Member['observed']
  readonly drafts: readonly Draft[]
}

interface DecideOptions extends VerifyOptions {
  readonly part: Part
}

function decide(spec: Spec, observation: Observation, options: DecideOptions): Verdict {
  const { traces, run, losses } = observation
  const plan = planOf(spec, losses)
  const holes = holesOf(traces, run, losses)
  const divisions = traces.map((trace) => casesOf(trace, plan))
  const judged = divisions.flatMap((division, index) =>
    judgeCases({ plan, run, division, holes: holes[index] ?? new Set() }),
  )
  const sure = judged.filter(({ one }) => one.certain).length
  const found = { sure, possible: judged.length }
  const claims = judgeClaims({ plan, observation, divisions, holes, cases: found })
  if (judged.length === 0)
    return withoutCase({ plan, observation, divisions, holes, claims, options })
  const cases = worstFirst(judged)
  const observed = observedIn(plan, cases)
  const further = { isOver: claims.noFurther === 'pass', reasons: claims.mayBeMore }
  const { sorted = [] } = observation
  const percentiles =
    options.part === 'whole' ? judgePercentiles(plan, { observed, further, sorted }) : []
  const status = worst([
    sure === 0 ? worst(['inconclusive', claims.count]) : statusOf(spec, cases, claims),
    ...percentiles.map(({ check }) => check.status),
  ])
  const refs = refsOf(options.limit, FEW)
  const ofCases = cases.flatMap((one, index) => {
    const drafts = findingsOf({ plan, judged: one, index, refs })
    return one.one.certain ? drafts : drafts.map(atMostOpen)
  })
  return {
    plan,
    status,
    cases,
    percentiles,
    observed,
    drafts: [
      ...claims.drafts,
      ...percentiles.flatMap(({ draft }) => draft ?? []),
      ...ofCases.map((draft) => weigh(draft, status)),
    ],
  }
}

function openChecks({ drafts }: Verdict): ReadonlySet<string> {
  return new Set(drafts.flatMap(checksOf))
}

/** The open checks of a finding, each with its place in the spec. */
function checksOf({ at, open }: Draft): readonly string[] {
  return open === undefined ? [] : open.split(', ').map((check) => `${atText(at)} ${check}`)
}

/** Names the lost facts that alone leave a check open. */
function explained(draft: Draft, lost: LostFactsOf): Draft {
  if (draft.open === undefined) return draft
  const make = (): Finding => {
    const finding = draft.make()
    if (finding.code !== 'undecided') return finding
    return { ...finding, reasons: [...finding.reasons, ...lost(checksOf(draft))] }
  }
  return { ...draft, make }
}

/** With `passing: any` a failing case that does not decide is only told of. */
function weigh(draft: Draft, status: Status): Draft {
  if (status === 'fail' || (status === 'inconclusive' && draft.status !== 'fail')) return draft
  return withStatus(draft, 'info')
}

/** How many spans a finding names. */
const FEW = 5

interface CasesInput {
  readonly plan: Plan
  readonly run: RunEvidence | undefined
  readonly division: Division
  readonly holes: ReadonlySet<SpanIndex>
}

function judgeCases({ plan, run, division, holes }: CasesInput): readonly JudgedCase[] {
  const { cases } = division
  const [first] = cases
  if (first === undefined) return []
  const reduced = reduce({ trace: first.trace, plan, holes, cases })
  return cases.map((one) => judgeCase({ plan, reduced, one, holes, run }))
}

const RANK: Readonly<Record<Status, number>> = { fail: 0, inconclusive: 1, pass: 2 }

function worstFirst(cases: readonly JudgedCase[]): readonly JudgedCase[] {
  return cases.toSorted((a, b) => RANK[a.status] - RANK[b.status])
}

function statusOf(spec: Spec, cases: readonly JudgedCase[], claims: Claims): Status {
  const statuses = cases.map((one) => one.status)
  if (spec.traces.passing === 'all') return worst([claims.count, worst(statuses), claims.noFurther])
  const reached = best(statuses)
  return worst([
    claims.count,
    reached === 'fail' ? best([reached, openOnly(claims.noFurther)]) : reached,
  ])
}

/** With `passing: any` a further case could pass only where it may still come to light. */
function openOnly(noFurther: Status): Status {
  return noFurther === 'pass' ? 'fail' : 'inconclusive'
}

interface WithoutCase {
  readonly plan: Plan
  readonly observation: Observation
  readonly divisions: readonly Division[]
  readonly holes: readonly ReadonlySet<SpanIndex>[]
  readonly claims: Claims
  readonly options: VerifyOptions
}

const noPercentiles = { percentiles: [], observed: [] } as const

/** No case applies: that is nothing to say, or a failure that is explained by the entry that comes nearest. */
function withoutCase(input: WithoutCase): Verdict {
  const { plan, observation, divisions, holes, claims, options } = input
  const { required, named, run } = observation
  if (!required && !named && claims.count === 'pass') {
    return { plan, status: 'not_exercised', cases: [], ...noPercentiles, drafts: claims.drafts }
  }
  const entry = nearestEntry(plan, divisions, named)
  const trace = entry?.trace
  const at = observation.traces.findIndex((one) => one === trace)
  const cases =
    entry === undefined ? [] : [judgeEntry(entry, { plan, run, holes: holes[at] ?? new Set() })]
  const status: Status = claims.noCase === 'pass' ? 'fail' : 'inconclusive'
  const drafts = [
    ...claims.drafts,
    noCase({ plan, traces: observation.traces, status }),
    ...findingsOfEntry(plan, cases, { status, refs: refsOf(options.limit, FEW) }),
  ]
  return { plan, status, cases, ...noPercentiles, drafts }
}

function judgeEntry(entry: Entry, { plan, run, holes }: Omit<CasesInput, 'division'>): JudgedCase {
  const one: Case = {
    ...entry,
    fragments: [],
    lostParents: entry.tree.lostId === undefined ? [] : [entry.tree],
    foreign: [],
    unplaced: [],
    certain: true,
  }
  const reduced = reduce({ trace: entry.trace, plan, holes, cases: [one] })
  return judgeCase({ plan, reduced, one, holes, run })
}

/** What is told of the nearest entry counts no more than that no case applies. */
function findingsOfEntry(
  plan: Plan,
  cases: readonly JudgedCase[],
  { status, refs }: { readonly status: Status; readonly refs: number },
): readonly Draft[] {
  const drafts = cases.flatMap((judged, index) => findingsOf({ plan, judged, index, refs }))
  if (status === 'fail') return drafts
  return drafts.map(atMostOpen)
}

function atMostOpen(draft: Draft): Draft {
  return draft.status === 'fail' ? withStatus(draft, 'inconclusive') : draft
}

function withStatus(draft: Draft, status: Draft['status']): Draft {
  return { ...draft, status, make: () => ({ ...draft.make(), status }) }
}
