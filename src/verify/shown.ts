import { serviceName, type Attributes, type AttributeValue, type Span } from '../trace/span.ts'
import type { SourceRange } from '../spec/spec.ts'
import type { Bounded, Shown, SpanRef } from './result.ts'

const MAX_TEXT = 200

/** A captured value as plain JSON: exact where a double can hold it, else as bounded text. */
export function shownValue(value: AttributeValue | undefined): Shown {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? null
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return cut(
    isArray(value) ? listText(value) : `{${[...value.keys()].slice(0, MAX_ITEMS).join(', ')}}`,
  )
}

const MAX_ITEMS = 10

function isArray(
  value: readonly AttributeValue[] | Attributes,
): value is readonly AttributeValue[] {
  return Array.isArray(value)
}

/** Lists in lists are told by their length, so that no depth of nesting is walked. */
function listText(values: readonly AttributeValue[]): string {
  const texts = values
    .slice(0, MAX_ITEMS)
    .map((value) => (Array.isArray(value) ? `[${value.length} values]` : String(shownValue(value))))
  return `[${texts.join(', ')}]`
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`
}

export function spanRef(span: Span): SpanRef {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    name: span.name,
    service: serviceName(span),
  }
}

/** `file:line:col`, as every finding gives it. */
export function atText(at: SourceRange): string {
  return `${at.file}:${at.line}:${at.column}`
}

/** The first `limit` of a list; `how` says how to get the rest when some are left out. */
export function bounded<T>(items: readonly T[], limit: number, how: string): Bounded<T> {
  const shown = items.slice(0, limit)
  const omitted = items.length - shown.length
  return {
    items: shown,
    shown: shown.length,
    omitted,
    total: items.length,
    how: omitted === 0 ? null : how,
  }
}

/** The first `limit` of a list that `--limit` makes longer. */
export function page<T>(items: readonly T[], limit: number): Bounded<T> {
  return bounded(items, limit, `--limit ${items.length}`)
}

/** How many findings and cases are shown unless more are asked for. */
export const DEFAULT_LIMIT = 50

/** How many spans one finding or expectation names: few, unless a longer list was asked for. */
export function refsOf(limit: number, few: number): number {
  return limit > DEFAULT_LIMIT ? limit : few
}
