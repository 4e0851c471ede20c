import { areDisjoint, prepareIdentity } from '../spec/disjoint.ts'
import type { Matcher, PercentileBound, Spec } from '../spec/spec.ts'
import type { Losses } from '../trace/losses.ts'
import type { DurationQuery, DurationsAt } from '../trace/source.ts'
import { estimateRank, quantileRanks } from './quantile-interval.ts'

/** Which spans a source is asked to sort. */
export type MeasuredSpan = Required<Pick<DurationQuery, 'operation'>> &
  Pick<DurationQuery, 'service'>

/** What a source sorted of all traces of a time, of each trace its only such span. */
export interface SortedDurations extends DurationsAt {
  readonly measured: MeasuredSpan
  /** As the user calls it. */
  readonly source: string
}

export interface Measurable {
  readonly spec: Spec
  readonly losses: Losses
}

/**
 * The span of a percentile that a source can be asked for so that its only such span in a trace is the one observation of the one
 * case there: it opens the case, is wanted once, by names alone, and no expectation beside it may take it. Else undefined.
 */
export function measuredSpan(
  bound: PercentileBound,
  { spec, losses }: Measurable,
): MeasuredSpan | undefined {
  const opener = spec.expected.find(({ count }) => count.min > 0)
  if (opener?.id !== bound.span || spec.appliesTo !== undefined || !areNamesSure(losses)) {
    return undefined
  }
  const { identity, count } = opener
  const isAlone = spec.expected.every(
    (other) =>
      other === opener || areDisjoint(prepareIdentity(identity), prepareIdentity(other.identity)),
  )
  const isByName = identity.kind === undefined && identity.where.length === 0
  const operation = textOf(identity.operationName)
  const service = textOf(identity.serviceName)
  if (!isAlone || !isByName || count.min !== 1 || count.max !== 1) return undefined
  if (operation === undefined || (identity.serviceName !== undefined && service === undefined)) {
    return undefined
  }
  return service === undefined ? { operation } : { operation, service }
}

/** Whether names, kinds and times are those that were sent. */
function areNamesSure(losses: Losses): boolean {
  const { nameCase, grainNanos, unknownDurations, kinds, renamed, attributes } = losses
  const isTimed = grainNanos === 1 && unknownDurations !== true
  return !nameCase && isTimed && kinds === undefined && renamed === undefined && attributes !== true
}

function textOf(matcher: Matcher | undefined): string | undefined {
  if (matcher?.kind !== 'eq' || typeof matcher.value !== 'string') return undefined
  return matcher.value === '' ? undefined : matcher.value
}

/** Every rank that a percentile of a spec reads of so many observations. */
export function ranksRead(spec: Spec, runs: number): readonly number[] {
  const quantiles = new Set(spec.percentiles.map(({ percentile }) => percentile / 100))
  const ranks = [...quantiles].flatMap((quantile) => {
    const ends = quantileRanks(runs, quantile)
    return [estimateRank(runs, quantile), ...(ends === undefined ? [] : [ends.lower, ends.upper])]
  })
  return [...new Set(ranks)].toSorted((a, b) => a - b)
}

/** What was sorted for a percentile; undefined where a trace has several such spans, of which it is not told which case has which. */
export function sortedFor(
  bound: PercentileBound,
  { sorted, ...of }: Measurable & { readonly sorted: readonly SortedDurations[] },
): SortedDurations | undefined {
  const wanted = measuredSpan(bound, of)
  if (wanted === undefined) return undefined
  return sorted.find(({ measured, withSeveral }) => {
    const isMeant = measured.operation === wanted.operation && measured.service === wanted.service
    return isMeant && withSeveral === 0
  })
}
