declare const nanos: unique symbol

/** Nanoseconds: since the Unix epoch for a moment, elapsed for a duration. */
export type Nanos = bigint & { readonly [nanos]: true }

/** Brands a count of nanoseconds. */
export function nanosOf(count: bigint): Nanos {
  return count as Nanos
}

/** Milliseconds of a moment or duration, rounded to what a double holds; for display and never for a decision. */
export function millisOf(count: bigint): number {
  return Number(count) / 1e6
}
