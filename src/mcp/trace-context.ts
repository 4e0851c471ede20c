import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../trace/ids.ts'

/** Where a request stands in the trace of whoever made it. https://www.w3.org/TR/trace-context */
export interface TraceContext {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly isSampled: boolean
  readonly traceState: string | undefined
  /** https://www.w3.org/TR/baggage */
  readonly baggage: string | undefined
}

/** What carries a context: `_meta` of a request, headers, variables. */
export type Carrier = (name: 'traceparent' | 'tracestate' | 'baggage') => unknown

const MAX_STATE = 512
const MAX_BAGGAGE = 8192

/** The context that a carrier holds; undefined when it holds none that is valid. */
export function traceContextOf(carrier: Carrier): TraceContext | undefined {
  const parent = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:$|-)/.exec(
    textOf(carrier('traceparent'), 200) ?? '',
  )
  const [, trace = '', span = '', flags = ''] = parent ?? []
  const traceId = parseTraceId(trace)
  const spanId = parseSpanId(span)
  if (traceId === undefined || spanId === undefined) return undefined
  return {
    traceId,
    spanId,
    isSampled: Number.parseInt(flags, 16) % 2 === 1,
    traceState: textOf(carrier('tracestate'), MAX_STATE),
    baggage: textOf(carrier('baggage'), MAX_BAGGAGE),
  }
}

/** Printable ASCII, as headers and variables can carry it. */
function textOf(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value.length <= max && /^[\x20-\x7e]+$/.test(value)
    ? value
    : undefined
}
