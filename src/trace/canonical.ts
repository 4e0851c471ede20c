import type { AttributeValue } from './span.ts'

/** A value as people write it: a `bigint` when it is an integer beyond 2^53, else a double. */
export type Scalar = string | number | bigint | boolean

/** The number that a value is, also as a text in canonical form ("201", never "201.0"). */
export function numberOf(value: AttributeValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value !== 'string' || value.length > MAX_NUMBER_LENGTH) return undefined
  if (/^(?:0|-?[1-9]\d{0,19})$/.test(value)) return BigInt(value)
  const number = Number(value)
  return Number.isFinite(number) && String(number) === value ? number : undefined
}

/** No double has a longer canonical text. */
const MAX_NUMBER_LENGTH = 25

/** The text that patterns read: numbers and booleans in canonical form; undefined for what is no scalar. */
export function textOf(value: AttributeValue): string | undefined {
  if (typeof value === 'string') return value
  const isScalar =
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
  return isScalar ? String(value) : undefined
}

/** A written number or boolean equals a text of its canonical form; a written text equals only that text. */
export function equals(written: Scalar, value: AttributeValue): boolean {
  if (typeof written === 'string') return value === written
  if (typeof written === 'boolean') return value === written || value === String(written)
  const number = numberOf(value)
  return number !== undefined && compareNumbers(number, written) === 0
}

/** Exact for any mix of int64 and double; undefined when one is NaN. */
export function compareNumbers(a: number | bigint, b: number | bigint): number | undefined {
  if (a < b) return -1
  if (a > b) return 1
  return a >= b ? 0 : undefined
}

/** Numbers compare with numbers and canonical texts of numbers, texts with texts by code units; else undefined. */
export function compare(
  value: AttributeValue,
  bound: number | bigint | string,
): number | undefined {
  if (typeof bound === 'string') {
    if (typeof value !== 'string') return undefined
    if (value === bound) return 0
    return value < bound ? -1 : 1
  }
  const number = numberOf(value)
  return number === undefined ? undefined : compareNumbers(number, bound)
}
