import type { SpanId, TraceId } from './ids.ts'
import type { Nanos } from './time.ts'

/**
 * An OpenTelemetry value in the JavaScript type that keeps it exact: string, boolean, `bigint` for an int64,
 * `number` for a double, `Uint8Array` for bytes, an array, a map for a kvlist, and `null` for the empty value.
 */
export type AttributeValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AttributeValue[]
  | Attributes
  | null

export type Attributes = ReadonlyMap<string, AttributeValue>

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'
export type StatusCode = 'unset' | 'ok' | 'error'

export interface Resource {
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly schemaUrl: string
}

export interface Scope {
  readonly name: string
  readonly version: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly schemaUrl: string
}

export interface SpanEvent {
  readonly name: string
  readonly time: Nanos
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

export interface SpanLink {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly traceState: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly flags: number
}

export interface Span {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | undefined
  readonly traceState: string
  /** Bits 0-7 are the W3C trace flags; bit 8 says that bit 9 is known, bit 9 that the parent is remote. */
  readonly flags: number
  readonly name: string
  readonly kind: SpanKind
  readonly start: Nanos
  readonly end: Nanos
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly events: readonly SpanEvent[]
  readonly droppedEventsCount: number
  readonly links: readonly SpanLink[]
  readonly droppedLinksCount: number
  readonly status: { readonly code: StatusCode; readonly message: string }
  readonly resource: Resource
  readonly scope: Scope
}

/** The text of `service.name`; the empty string when the resource has none. */
export function serviceName(span: Span): string {
  const name = span.resource.attributes.get('service.name')
  return typeof name === 'string' ? name : ''
}
