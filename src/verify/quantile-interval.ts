import type { Tri } from './three.ts'

/** A rank from 1 on; the observation of that rank is an end of an interval. */
export interface Ranks {
  readonly lower: number
  readonly upper: number
}

const CONFIDENCE = 0.95

/**
 * Between which ranks of n sorted observations the quantile of their distribution, whatever it is, lies with 95 % confidence:
 * the narrowest such pair, of which the one that is surest, then the lower. Undefined when n observations cannot tell.
 * The number of observations below the quantile is binomial; David, Nagaraja: Order Statistics, 7.1.
 */
export function quantileRanks(n: number, quantile: number): Ranks | undefined {
  const cumulative = cumulativeBinomial(n, quantile)
  const covered = (lower: number, upper: number): number =>
    (cumulative[upper - 1] ?? 1) - (cumulative[lower - 1] ?? 0)
  let best: (Ranks & { readonly coverage: number }) | undefined
  let upper = 1
  for (let lower = 1; lower < n; lower += 1) {
    upper = Math.max(upper, lower + 1)
    while (upper < n && covered(lower, upper) < CONFIDENCE) upper += 1
    const coverage = covered(lower, upper)
    if (coverage < CONFIDENCE) break
    const wider = best === undefined ? Infinity : best.upper - best.lower
    const isBetter =
      upper - lower < wider || (upper - lower === wider && coverage > (best?.coverage ?? 0))
    if (isBetter) best = { lower, upper, coverage }
  }
  return best === undefined ? undefined : { lower: best.lower, upper: best.upper }
}

/** Which of n sorted observations is the quantile as a single number. */
export function estimateRank(n: number, quantile: number): number {
  return Math.ceil(quantile * n)
}

/** P(B <= k) for k = 0..n; each probability by its logarithm, so that none of them is lost for large n. */
function cumulativeBinomial(n: number, p: number): Float64Array {
  const cumulative = new Float64Array(n + 1)
  let logarithm = n * Math.log1p(-p)
  let sum = 0
  for (let k = 0; k <= n; k += 1) {
    sum += Math.exp(logarithm)
    cumulative[k] = Math.min(1, sum)
    logarithm += Math.log(n - k) - Math.log(k + 1) + Math.log(p) - Math.log1p(-p)
  }
  return cumulative
}

/** From how many observations on an interval of the quantile has two ends: 6 for the median, 59 for the 95th percentile. */
export function observationsNeeded(quantile: number): number {
  let n = 2
  while (1 - quantile ** n - (1 - quantile) ** n < CONFIDENCE) n += 1
  return n
}

/** Ends of an interval, as the observations of its ranks; `upper` is undefined without an end. */
export interface QuantileInterval<T extends number | bigint> {
  readonly lower: T
  readonly upper: T | undefined
}

/** Whether a quantile is at most a bound: only where the whole interval says so. */
export function isQuantileAtMost<T extends number | bigint>(
  { lower, upper }: QuantileInterval<T>,
  bound: number,
): Tri {
  if (upper !== undefined && upper <= bound) return 'yes'
  return lower > bound ? 'no' : 'unknown'
}
