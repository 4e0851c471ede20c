/** Larger first, for sorting nanoseconds; sorts are stable, so equals stay in the order that they had. */
export function descending(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a > b ? -1 : 1
}

export function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** A part of a whole as 0 to 1, to four decimals; 0 of nothing. */
export function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Math.round((Number(part) / Number(whole)) * 1e4) / 1e4
}
