declare const traceId: unique symbol
declare const spanId: unique symbol

/** 32 lower-case hex digits, not all zero. */
export type TraceId = string & { readonly [traceId]: true }
/** 16 lower-case hex digits, not all zero. */
export type SpanId = string & { readonly [spanId]: true }

/** A trace id from hex in any case; undefined when it is none. */
export function parseTraceId(text: string): TraceId | undefined {
  return /^(?!0{32}$)[0-9a-f]{32}$/i.test(text) ? (text.toLowerCase() as TraceId) : undefined
}

/** A span id from hex in any case; undefined when it is none. */
export function parseSpanId(text: string): SpanId | undefined {
  return /^(?!0{16}$)[0-9a-f]{16}$/i.test(text) ? (text.toLowerCase() as SpanId) : undefined
}
