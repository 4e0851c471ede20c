/** How often something passed, of the times that it was decided. */
export interface PassRate {
  readonly passed: number
  readonly decided: number
  /** Null when nothing was decided. */
  readonly rate: number | null
  /** Of 95 %: where the true rate lies, if the times are alike and independent. */
  readonly low: number | null
  readonly high: number | null
}

// The 97.5 % quantile of the normal distribution.
const Z = 1.959963984540054

/** The rate with its Wilson score interval (https://doi.org/10.1080/01621459.1927.10502953), which holds for few times too. */
export function passRate(passed: number, decided: number): PassRate {
  if (decided === 0) return { passed, decided, rate: null, low: null, high: null }
  const rate = passed / decided
  const square = Z ** 2
  const middle = (rate + square / (2 * decided)) / (1 + square / decided)
  const half =
    (Z / (1 + square / decided)) *
    Math.sqrt((rate * (1 - rate)) / decided + square / (4 * decided ** 2))
  return {
    passed,
    decided,
    rate,
    low: passed === 0 ? 0 : middle - half,
    high: passed === decided ? 1 : middle + half,
  }
}

/**
 * pass^k: how likely k times in a row all pass, without bias from those that were decided (https://arxiv.org/abs/2406.12045);
 * null for fewer than k.
 */
export function passAll(k: number, { passed, decided }: PassRate): number | null {
  if (decided < k) return null
  let likely = 1
  for (let at = 0; at < k; at += 1) likely *= Math.max(0, passed - at) / (decided - at)
  return likely
}
