import type { PercentileBound } from '../spec/spec.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import { millisOf } from '../trace/time.ts'
import type { Draft } from './draft.ts'
import type { JudgedCase } from './judged-case.ts'
import type { Node, Plan } from './plan.ts'
import { isQuantileAtMost, observationsNeeded, quantileRanks } from './quantile-interval.ts'
import type { Check, Finding, Status } from './result.ts'
import { atText } from './shown.ts'
import { spanAt } from './span-at.ts'
import type { Tri } from './three.ts'
import { durationOf, type Range } from './times.ts'

/** One bound of a percentile over all cases. */
export interface PercentileJudgement {
  readonly node: Node
  readonly check: Check
  readonly draft: Draft | undefined
}

const NANOS_PER_MS = 1e6

/**
 * Judges percentiles over the cases. Each case is one observation, by the longest of the spans that have the identity; what
 * stands in one case depends on each other, so that its spans are no observations of their own.
 */
export function judgePercentiles(
  { spec, nodes, reading }: Plan,
  cases: readonly JudgedCase[],
): readonly PercentileJudgement[] {
  return spec.percentiles.flatMap((bound) => {
    const node = nodes.find(({ expectation }) => expectation.id === bound.span)
    if (node === undefined) return []
    const observed = cases.flatMap((one) => longestIn(one, node, reading.losses) ?? [])
    return [judgeBound(bound, node, observed)]
  })
}

/** Undefined where the case has no such span; without an end where it is not sure which spans are meant. */
function longestIn(
  { one, expectations }: JudgedCase,
  node: Node,
  losses: Losses,
): Range | undefined {
  const places = expectations.find((judged) => judged.node === node)?.places ?? []
  const spans = places.flatMap((place) => place.spans)
  if (spans.length === 0) return undefined
  const ranges = spans.map((span) => durationOf(spanAt(one.trace, span), losses))
  const from = ranges.map((range) => range.from).reduce(larger)
  const to = ranges
    .map((range) => range.to)
    .reduce((a, b) => (a === undefined || b === undefined ? undefined : larger(a, b)))
  const isSure =
    one.certain && places.every(({ certain, unsure }) => certain && unsure.length === 0)
  return isSure ? { from, to } : { from: 0n, to: undefined }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function judgeBound(
  bound: PercentileBound,
  node: Node,
  observed: readonly Range[],
): PercentileJudgement {
  const quantile = bound.percentile / 100
  const runs = observed.length
  const lows = observed.map(({ from }) => from).toSorted(ascending)
  const highs = observed.map(({ to }) => to).toSorted(ascending)
  const ranks = quantileRanks(runs, quantile)
  const needed = Math.max(bound.minRuns ?? 0, observationsNeeded(quantile))
  const lower = lows[(ranks?.lower ?? 0) - 1]
  const upper = highs[(ranks?.upper ?? 0) - 1]
  const estimate = lows[Math.ceil(quantile * runs) - 1]
  const condition = `p${bound.percentile}_ms`
  const status =
    lower === undefined || runs < needed
      ? 'inconclusive'
      : statusOf(isQuantileAtMost({ lower, upper }, bound.maxMs * NANOS_PER_MS))
  const observedMs = estimate === undefined ? null : millisOf(estimate)
  const reason: EvidenceReason =
    lower === undefined || runs < needed
      ? { code: 'too_few_runs', runs, needed }
      : {
          code: 'interval_holds_bound',
          runs,
          from_ms: millisOf(lower),
          to_ms: upper === undefined ? null : millisOf(upper),
        }
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
      ? { ...facts, code: 'undecided', status, check: condition, reasons: [reason] }
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
