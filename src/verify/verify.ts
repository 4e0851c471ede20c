import type { Spec } from '../spec/spec.ts'
import type { RunEvidence } from '../trace/evidence.ts'
import type { SpanIndex } from '../trace/trace.ts'
import { casesOf, type Case, type Division, type Entry } from './cases.ts'
import { inOrder, type Draft } from './draft.ts'
import { findingsOf } from './findings.ts'
import { holesOf } from './holes.ts'
import { judgeCase, type JudgedCase } from './judged-case.ts'
import type { Observation, SpecFile, VerifyOptions } from './observation.ts'
import { nearestEntry, noCase } from './no-case.ts'
import { planOf, type Plan } from './plan.ts'
import { reduce } from './reduce.ts'
import type { SpecResult, Status } from './result.ts'
import { DEFAULT_LIMIT, refsOf } from './shown.ts'
import { specResult } from './spec-result.ts'
import { judgeClaims, type Claims } from './claims.ts'
import { worst, best } from './three.ts'

/** Matches what was seen against a spec: the one verdict that every door shows. */
export function verify(
  file: SpecFile,
  observation: Observation,
  options: VerifyOptions = { limit: DEFAULT_LIMIT },
): SpecResult {
  const plan = planOf(file.spec)
  const { traces, run } = observation
  const holes = holesOf(traces, run)
  const divisions = traces.map((trace) => casesOf(trace, plan))
  const judged = divisions.flatMap((division, index) =>
    judgeCases({ plan, run, division, holes: holes[index] ?? new Set() }),
  )
  const claims = judgeClaims({ plan, observation, divisions, holes, cases: judged.length })
  if (judged.length === 0)
    return withoutCase(file, { plan, observation, divisions, holes, claims, options })
  const cases = worstFirst(judged)
  const status = statusOf(file.spec, cases, claims)
  const refs = refsOf(options.limit, FEW)
  const ofCases = cases.flatMap((one, index) => findingsOf({ plan, judged: one, index, refs }))
  const drafts = [...claims.drafts, ...ofCases.map((draft) => weigh(draft, status))]
  return specResult({ file, plan, observation, options, status, cases, drafts: inOrder(drafts) })
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

/** No case applies: that is nothing to say, or a failure that is explained by the entry that comes nearest. */
function withoutCase(file: SpecFile, input: WithoutCase): SpecResult {
  const { plan, observation, divisions, holes, claims, options } = input
  const { required, named, run } = observation
  const common = { file, plan, observation, options }
  const drafts: Draft[] = [...claims.drafts]
  if (!required && !named && claims.count === 'pass') {
    return specResult({ ...common, status: 'not_exercised', cases: [], drafts: inOrder(drafts) })
  }
  const entry = nearestEntry(plan, divisions, named)
  const trace = entry?.trace
  const at = observation.traces.findIndex((one) => one === trace)
  const cases =
    entry === undefined ? [] : [judgeEntry(entry, { plan, run, holes: holes[at] ?? new Set() })]
  const status: Status = claims.noCase === 'pass' ? 'fail' : 'inconclusive'
  drafts.push(
    noCase({ plan, traces: observation.traces, status }),
    ...findingsOfEntry(plan, cases, { status, refs: refsOf(options.limit, FEW) }),
  )
  return specResult({ ...common, status, cases, drafts: inOrder(drafts) })
}

function judgeEntry(entry: Entry, { plan, run, holes }: Omit<CasesInput, 'division'>): JudgedCase {
  const one: Case = {
    ...entry,
    fragments: [],
    lostParents: entry.tree.lostId === undefined ? [] : [entry.tree],
    foreign: [],
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
  return drafts.map((draft) =>
    draft.status === 'fail' ? withStatus(draft, 'inconclusive') : draft,
  )
}

function withStatus(draft: Draft, status: Draft['status']): Draft {
  return { ...draft, status, make: () => ({ ...draft.make(), status }) }
}
