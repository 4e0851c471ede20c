import type { SpanId, TraceId } from '../../src/trace/ids.ts'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import type { Span } from '../../src/trace/span.ts'
import type { SpecResult } from '../../src/verify/result.ts'

/** New ids for old ones, one for one. */
export interface Renaming {
  trace(id: TraceId): TraceId
  span(id: SpanId): SpanId
}

/** A multiplication by an odd number is a bijection of 64-bit numbers, and leaves the order of ids nothing to hold on to. */
export function renaming(factor: bigint): Renaming {
  const odd = factor | 1n
  const turned = (hex: string): string => {
    const number = BigInt.asUintN(64, BigInt(`0x${hex}`) * odd)
    return number.toString(16).padStart(16, '0')
  }
  return {
    trace: (id) => traceIdOf(turned(id.slice(0, 16)) + turned(id.slice(16))),
    span: (id) => spanIdOf(turned(id)),
  }
}

export function renamed(spans: readonly Span[], by: Renaming): readonly Span[] {
  return spans.map((span) => ({
    ...span,
    traceId: by.trace(span.traceId),
    spanId: by.span(span.spanId),
    parentSpanId: span.parentSpanId === undefined ? undefined : by.span(span.parentSpanId),
  }))
}

/** The verdict as JSON in which every id that a span of the sample has reads as its new one, in commands too. */
export function jsonUnderNewIds(result: SpecResult, spans: readonly Span[], by: Renaming): unknown {
  const names = new Map<string, string>()
  for (const span of spans) {
    names.set(span.traceId, by.trace(span.traceId))
    names.set(span.spanId, by.span(span.spanId))
    if (span.parentSpanId !== undefined) names.set(span.parentSpanId, by.span(span.parentSpanId))
  }
  const text = JSON.stringify(result)
  return JSON.parse(
    text.replaceAll(/\b(?:[0-9a-f]{32}|[0-9a-f]{16})\b/g, (id) => names.get(id) ?? id),
  )
}

export function traceIdOf(text: string): TraceId {
  const id = parseTraceId(text)
  if (id === undefined) throw new Error(`no trace id: ${text}`)
  return id
}

export function spanIdOf(text: string): SpanId {
  const id = parseSpanId(text)
  if (id === undefined) throw new Error(`no span id: ${text}`)
  return id
}
