import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../../src/trace/ids.ts'
import type { AttributeValue, Span, SpanKind } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import type { Trace } from '../../src/trace/trace.ts'
import type { SpanRef } from '../../src/verify/result.ts'

export function traceIdOf(text: string): TraceId {
  const id = parseTraceId(text)
  if (id === undefined) throw new Error(`no trace id: ${text}`)
  return id
}

/** The span id that ends in `number`. */
export function spanIdOf(number: number): SpanId {
  const id = parseSpanId(number.toString(16).padStart(16, '0'))
  if (id === undefined) throw new Error(`no span id: ${number}`)
  return id
}

export const TRACE_ID: TraceId = traceIdOf('4bf92f3577b34da6a3ce929d0e0e4736')

export interface Sketch {
  readonly id: number
  readonly parent?: number
  readonly name: string
  readonly service?: string
  readonly kind?: SpanKind
  /** Milliseconds from the start of the trace. */
  readonly from: number
  readonly to: number
  readonly error?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

const EPOCH = 1_790_000_000_000_000_000n

export function sketch(drawn: Sketch): Span {
  return {
    traceId: TRACE_ID,
    spanId: spanIdOf(drawn.id),
    parentSpanId: drawn.parent === undefined ? undefined : spanIdOf(drawn.parent),
    traceState: '',
    flags: 0x101,
    name: drawn.name,
    kind: drawn.kind ?? 'internal',
    start: nanosOf(EPOCH + BigInt(Math.round(drawn.from * 1e6))),
    end: nanosOf(EPOCH + BigInt(Math.round(drawn.to * 1e6))),
    attributes: new Map(Object.entries(drawn.attributes ?? {})),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: drawn.error === undefined ? 'unset' : 'error', message: drawn.error ?? '' },
    resource: {
      attributes: new Map([['service.name', drawn.service ?? 'shop']]),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: {
      name: 'shop',
      version: '1.0.0',
      attributes: new Map(),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  }
}

export function traceOf(...drawn: readonly Sketch[]): Trace {
  return buildTrace(drawn.map(sketch))
}

export function ref(id: number, name: string, service = 'shop'): SpanRef {
  return { trace_id: TRACE_ID, span_id: spanIdOf(id), name, service }
}
