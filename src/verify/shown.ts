import { serviceName, type AttributeValue, type Span } from '../trace/span.ts'
import type { SourceRange } from '../spec/spec.ts'
import type { Bounded, Shown, SpanRef } from './result.ts'

const MAX_TEXT = 200

/** A captured value as plain JSON: exact where a double can hold it, else as bounded text. */
export function shownValue(value: AttributeValue | undefined): Shown {
  if (value === undefined || value === null) return null
  switch (typeof value) {
    case 'string':
      return cut(value)
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'object':
      return cut(shownObject(value))
  }
}

function shownObject(
  value: Exclude<AttributeValue, string | boolean | number | bigint | null>,
): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Map) return `{${[...value.keys()].slice(0, 10).join(', ')}}`
  return Array.isArray(value)
    ? `[${value
        .slice(0, 10)
        .map((item) => String(shownValue(item)))
        .join(', ')}]`
    : ''
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
