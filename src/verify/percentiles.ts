import type { PercentileBound } from '../spec/spec.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import { millisOf } from '../trace/time.ts'
import type { Draft } from './draft.ts'
import type { JudgedCase } from './judged-case.ts'
import type { Node, Plan } from './plan.ts'
import {
  estimateRank,
  isQuantileAtMost,
  observationsNeeded,
  quantileRanks,
} from './quantile-interval.ts'
import type { Check, Finding, Status } from './result.ts'
import { atText } from './shown.ts'
import { sortedFor, type SortedDurations } from './sorted-durations.ts'
import { spanAt } from './span-at.ts'
import type { Tri } from './three.ts'
import { durationOf, type Range } from './times.ts'

/** One bound of a percentile over all cases. */
export interface PercentileJudgement {
  readonly node: Node
  readonly check: Check
  readonly draft: Draft | undefined
}

/** What one case tells of a percentile. */
export interface Observed {
  /** The same of a case that is read twice. */
  readonly key: string
  readonly range: Range
}

/** What was observed, as far as it is all. */
export interface Sampling {
  /** Of each percentile, in the order of the spec. */
  readonly observed: readonly (readonly Observed[])[]
  /** Whether there are no further cases, and why there may be. */
  readonly further: { readonly isOver: boolean; readonly reasons: readonly EvidenceReason[] }
  /** By the source itself, of more than was read. */
  readonly sorted: readonly SortedDurations[]
}

const NANOS_PER_MS = 1e6

/**
 * What the cases tell of each percentile. Each case is one observation, by the longest of the spans that have the identity; what
 * stands in one case depends on each other, so that its spans are no observations of their own.
 */
export function observedIn(
  { spec, nodes, reading }: Plan,
  cases: readonly JudgedCase[],
): readonly (readonly Observed[])[] {
  return spec.percentiles.map((bound) => {
    const node = nodeOf(bound, nodes)
    return cases.flatMap((one) => {
      const range = node && longestIn(one, node, reading.losses)
      return range === undefined ? [] : [{ key: keyOf(one), range }]
    })
  })
}

/** Judges percentiles by what was observed of them, where that was cut by what the source itself sorted. */
export function judgePercentiles(
  { spec, nodes, reading: { losses } }: Plan,
  { observed, further, sorted }: Sampling,
): readonly PercentileJudgement[] {
  return spec.percentiles.flatMap((bound, at) => {
    const node = nodeOf(bound, nodes)
    if (node === undefined) return []
    const isLeftOut = further.reasons.some(isCut)
    const bySource = isLeftOut ? sortedFor(bound, { spec, losses, sorted }) : undefined
    const sample = bySource === undefined ? sampleOf(observed[at] ?? []) : sampleFrom(bySource)
    return [judgeBound(bound, { node, sample, doubts: doubtsOf(further, bySource) })]
  })
}

function nodeOf(bound: PercentileBound, nodes: readonly Node[]): Node | undefined {
  return nodes.find(({ expectation }) => expectation.id === bound.span)
}

function keyOf({ one: { trace, root, members } }: JudgedCase): string {
  const { spanId, start } = spanAt(trace, root ?? members[0] ?? 0)
  return `${trace.traceId} ${spanId} ${start}`
}

/** Undefined where the case surely has no such span; without an end where it is not sure which spans are meant, or that these are all. */
function longestIn(
  { one, expectations }: JudgedCase,
  node: Node,
  losses: Losses,
): Range | undefined {
  const judged = expectations.find((each) => each.node === node)
  const places = judged?.places ?? []
  const mayGain = judged?.mayGain === true
  const spans = places.flatMap((place) => place.spans)
  if (spans.length === 0) return mayGain ? { from: 0n, to: undefined } : undefined
  const ranges = spans.map((span) => durationOf(spanAt(one.trace, span), losses))
  const from = ranges.map((range) => range.from).reduce(larger)
  const to = ranges
    .map((range) => range.to)
    .reduce((a, b) => (a === undefined || b === undefined ? undefined : larger(a, b)))
  const isSure =
    one.certain && places.every(({ certain, unsure }) => certain && unsure.length === 0)
  if (!isSure) return { from: 0n, to: undefined }
  return mayGain ? { from, to: undefined } : { from, to }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** Sorted observations: the least and the most that the one of a rank, from 1 on, may be. */
interface Sample {
  readonly runs: number
  readonly least: (rank: number) => bigint | undefined
  readonly most: (rank: number) => bigint | undefined
}

function sampleOf(observed: readonly Observed[]): Sample {
  const lows = observed.map(({ range }) => range.from).toSorted(ascending)
  const highs = observed.map(({ range }) => range.to).toSorted(ascending)
  return {
    runs: observed.length,
    least: (rank) => lows[rank - 1],
    most: (rank) => highs[rank - 1],
  }
}

/** By rank, for the ranks that were asked for. */
function sampleFrom({ traces, at }: SortedDurations): Sample {
  const ofRank = (rank: number): bigint | undefined => at.get(rank)
  return { runs: traces, least: ofRank, most: ofRank }
}

/** Why a verdict of the observations is none of the spec. */
interface Doubts {
  /** Cases may be lost, the slow ones rather than the fast. */
  readonly isPartial: boolean
  /** Only the newest were read: others may be faster as well. */
  readonly isCut: boolean
  readonly reasons: readonly EvidenceReason[]
}

function doubtsOf(
  { isOver, reasons }: Sampling['further'],
  bySource: SortedDurations | undefined,
): Doubts {
  if (bySource === undefined) return { isPartial: !isOver, isCut: reasons.some(isCut), reasons }
  const rest = reasons.filter((reason) => !isCut(reason))
  const { source, traces } = bySource
  return {
    isPartial: rest.length > 0,
    isCut: false,
    reasons: [{ code: 'sorted_by_source', source, traces }, ...rest],
  }
}

function isCut({ code }: EvidenceReason): boolean {
  return code === 'window_cut'
}

interface Judging {
  readonly node: Node
  readonly sample: Sample
  readonly doubts: Doubts
}

function judgeBound(
  bound: PercentileBound,
  { node, sample, doubts }: Judging,
): PercentileJudgement {
  const quantile = bound.percentile / 100
  const { runs } = sample
  const ranks = quantileRanks(runs, quantile)
  const needed = Math.max(bound.minRuns ?? 0, observationsNeeded(quantile))
  const lower = sample.least(ranks?.lower ?? 0)
  const upper = sample.most(ranks?.upper ?? 0)
  const estimate = sample.least(estimateRank(runs, quantile))
  const condition = `p${bound.percentile}_ms`
  const isTooFew = lower === undefined || runs < needed
  const seen = isTooFew
    ? 'inconclusive'
    : statusOf(isQuantileAtMost({ lower, upper }, bound.maxMs * NANOS_PER_MS))
  const status = doubted(seen, doubts)
  const observedMs = estimate === undefined ? null : millisOf(estimate)
  const why: readonly EvidenceReason[] = isTooFew
    ? [{ code: 'too_few_runs', runs, needed }]
    : [intervalReason(runs, lower, upper)]
  const facts = {
    at: atText(bound.at),
    case: null,
    expectation: node.expectation.id,
    label: node.expectation.label,
  }
  const check = { condition, expected: bound.maxMs, observed: observedMs, status }
  if (status === 'pass') return { node, check, draft: undefined }
  const make = (): Finding =>
    status === 'inconclusive'
      ? {
          ...facts,
          code: 'undecided',
          status,
          check: condition,
          reasons: [...(seen === 'inconclusive' ? why : []), ...few(doubts.reasons)],
        }
      : {
          ...facts,
          code: 'percentile_exceeded',
          status,
          percentile: bound.percentile,
          max_ms: bound.maxMs,
          observed_ms: observedMs ?? 0,
          from_ms: millisOf(lower ?? 0n),
          to_ms: upper === undefined ? null : millisOf(upper),
          runs,
        }
  const code = status === 'fail' ? 'percentile_exceeded' : 'undecided'
  const open = status === 'inconclusive' ? { open: condition } : {}
  const isSlow = status === 'fail'
  return { node, check, draft: { status, code, isSlow, ...open, at: bound.at, case: null, make } }
}

function intervalReason(runs: number, lower: bigint, upper: bigint | undefined): EvidenceReason {
  return {
    code: 'interval_holds_bound',
    runs,
    from_ms: millisOf(lower),
    to_ms: upper === undefined ? null : millisOf(upper),
  }
}

// More of them tell a reader nothing new.
const MAX_REASONS = 20

function few(reasons: readonly EvidenceReason[]): readonly EvidenceReason[] {
  return reasons.slice(0, MAX_REASONS)
}

/** What is lost makes nothing that was seen faster; what was left out may. */
function doubted(seen: Status, { isPartial, isCut: isLeftOut }: Doubts): Status {
  const isOpen = isLeftOut || (isPartial && seen === 'pass')
  return isOpen ? 'inconclusive' : seen
}

function statusOf(isAtMost: Tri): Status {
  if (isAtMost === 'unknown') return 'inconclusive'
  return isAtMost === 'yes' ? 'pass' : 'fail'
}

/** What has no end comes last. */
function ascending(a: bigint | undefined, b: bigint | undefined): number {
  if (a === b) return 0
  if (a === undefined) return 1
  return b !== undefined && a > b ? 1 : -1
}
