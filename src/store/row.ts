import type { SQLOutputValue } from 'node:sqlite'
import { Fault } from '../trace/fault.ts'

export type Row = Readonly<Record<string, SQLOutputValue>>

/** A column that the tables declare as text. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : damaged(column)
}

/** A column that the tables declare as a whole number below 2^53. */
export function numberOf(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : damaged(column)
}

/** A column that the tables declare as a number with a fraction. */
export function realOf(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : damaged(column)
}

/** A column that holds a JSON array of texts. */
export function textsOf(row: Row, column: string): readonly string[] {
  const texts: unknown = JSON.parse(textOf(row, column))
  const isList = Array.isArray(texts) && texts.every((text) => typeof text === 'string')
  return isList ? texts : damaged(column)
}

/** A column that holds nanoseconds; its statement must read big integers. */
export function bigintOf(row: Row, column: string): bigint {
  const value = row[column]
  return typeof value === 'bigint' ? value : damaged(column)
}

/** A column that the tables declare as bytes. */
export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column]
  return value instanceof Uint8Array ? value : damaged(column)
}

/** The column by one of the readers above; undefined where it is null. */
export function optional<T>(
  read: (row: Row, column: string) => T,
  row: Row,
  column: string,
): T | undefined {
  return row[column] === null ? undefined : read(row, column)
}

/** The store's own file holds what it never wrote. */
export function damaged(column: string): never {
  throw new Fault('STORE_UNAVAILABLE', `the store is damaged: no valid ${column}`)
}
