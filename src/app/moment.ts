import { nanosOf, type Nanos } from '../trace/time.ts'

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
}

export const durationUnits: readonly string[] = Object.keys(units)

/** A duration as `10m` or `1.5s`, exact whatever the fraction; undefined for what is none. */
export function durationIn(text: string): Nanos | undefined {
  const [, whole = '', part = '', unit = ''] =
    /^(\d{1,12})(?:\.(\d{1,9}))?([a-zµ]+)$/.exec(text) ?? []
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  if (factor === undefined) return undefined
  return nanosOf((BigInt(`${whole}${part}`) * factor) / 10n ** BigInt(part.length))
}

/**
 * A date, or a date and a time with its zone, for without one it would be another moment on another machine; undefined for anything
 * else.
 */
export function momentIn(text: string): Nanos | undefined {
  const isWhole = /^(?:19[7-9]\d|2[01]\d\d)-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text)
  const millis = isWhole ? Date.parse(text) : Number.NaN
  return Number.isNaN(millis) ? undefined : nanosOf(BigInt(millis) * 1_000_000n)
}
