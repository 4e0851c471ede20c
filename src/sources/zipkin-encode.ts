import { base64Text } from '../otlp/scalars.ts'
import { textOf } from '../trace/canonical.ts'
import { countLosses, type FormatLoss, type LostFact } from '../trace/format-loss.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import { serviceName, type Attributes, type AttributeValue, type Span } from '../trace/span.ts'
import { eventOf } from './zipkin-events.ts'

/** Spans in another form, and what of them it could not hold. */
export interface Encoded {
  readonly text: string
  readonly lost: readonly FormatLoss[]
}

/**
 * Spans as one list of Zipkin's v2 JSON, one span a line, as OpenTelemetry maps them
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/). A duration that `known` says to be none is left out.
 */
export function encodeZipkin(spans: readonly Span[], known: Losses = lossless): Encoded {
  const lines = spans.map((span) => JSON.stringify(zipkinSpanOf(span, known)))
  return { text: `[${lines.join(',\n')}]\n`, lost: countLosses(spans.map(lostOf)) }
}

function zipkinSpanOf(span: Span, { unknownDurations }: Losses): object {
  const service = serviceName(span)
  const peer = span.attributes.get('peer.service')
  const duration = span.end - span.start
  const isTimed = duration > 0n || (duration === 0n && unknownDurations !== true)
  return {
    traceId: span.traceId,
    ...(span.parentSpanId !== undefined && { parentId: span.parentSpanId }),
    id: span.spanId,
    ...(hasKind(span) && { kind: span.kind.toUpperCase() }),
    name: span.name,
    timestamp: Number(span.start / 1000n),
    // Zipkin has no 0: it takes it for no duration
    ...(isTimed && { duration: Math.max(1, Number(duration / 1000n)) }),
    ...(service !== '' && { localEndpoint: { serviceName: service } }),
    ...(typeof peer === 'string' && { remoteEndpoint: { serviceName: peer } }),
    ...(span.events.length > 0 && { annotations: span.events.map(annotationOf) }),
    tags: Object.fromEntries(tagsOf(span)),
  }
}

function hasKind({ kind }: Span): boolean {
  return kind !== 'internal' && kind !== 'unspecified'
}

function annotationOf({ name, time, attributes }: Span['events'][number]): object {
  const timestamp = Number(time / 1000n)
  const plain = eventOf({ time, value: name })
  const isPlain = attributes.size === 0 && plain.name === name
  return {
    timestamp,
    value: isPlain ? name : `${JSON.stringify(name)}: ${jsonOf(attributes)}`,
  }
}

/** An attribute `error` of a span that is no error would make it one. */
function tagsOf(span: Span): ReadonlyMap<string, string> {
  const { status, scope } = span
  const isNative = hasNativeError(span)
  const told: readonly (readonly [string, string])[] = [
    ['otel.scope.name', scope.name],
    ['otel.scope.version', scope.version],
    ['otel.status_code', status.code === 'unset' || isNative ? '' : status.code.toUpperCase()],
    ['otel.dropped_attributes_count', countText(span.droppedAttributesCount)],
    ['otel.dropped_events_count', countText(span.droppedEventsCount)],
    ['otel.dropped_links_count', countText(span.droppedLinksCount)],
  ]
  return new Map([
    ...[...span.resource.attributes, ...span.attributes]
      .filter(([name]) => name !== 'error' || status.code === 'error')
      .map(([name, value]) => [name, tagText(value)] as const),
    ...told.filter(([, value]) => value !== ''),
    ...(status.code === 'error' && !isNative ? [['error', status.message] as const] : []),
  ])
}

/** An error as Zipkin's own tag says it, without a status of OpenTelemetry beside. */
function hasNativeError({ status, attributes }: Span): boolean {
  const error = attributes.get('error')
  if (status.code !== 'error' || typeof error !== 'string' || error === 'false') return false
  return status.message === (error === 'true' ? '' : error)
}

function countText(count: number): string {
  return count === 0 ? '' : String(count)
}

function tagText(value: AttributeValue): string {
  return textOf(value) ?? (value === null ? '' : jsonValueOf(value, 'tag'))
}

function jsonOf(attributes: Attributes): string {
  return jsonValueOf(attributes, 'inside')
}

/** https://opentelemetry.io/docs/specs/otel/common/#anyvalue-representation-for-non-otlp-protocols */
function jsonValueOf(value: AttributeValue, place: 'tag' | 'inside'): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    return Number.isFinite(value) ? String(value) : JSON.stringify(String(value))
  }
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) {
    const text = base64Text(value)
    return place === 'tag' ? text : JSON.stringify(text)
  }
  if (isMap(value)) {
    const members = [...value].map(
      ([name, inner]) => `${JSON.stringify(name)}:${jsonValueOf(inner, 'inside')}`,
    )
    return `{${members.join(',')}}`
  }
  return `[${value.map((inner) => jsonValueOf(inner, 'inside')).join(',')}]`
}

function isMap(value: Attributes | readonly AttributeValue[]): value is Attributes {
  return value instanceof Map
}

function lostOf(span: Span): readonly LostFact[] {
  return losses.filter(([, isLost]) => isLost(span)).map(([fact]) => fact)
}

/** Microseconds are JSON numbers, which are doubles. */
const latestExact = BigInt(Number.MAX_SAFE_INTEGER) * 1000n

const losses: readonly (readonly [fact: LostFact, isLost: (span: Span) => boolean])[] = [
  ['dropped_counts', hasDropped],
  ['flags', ({ flags }) => flags !== 0],
  ['links', ({ links }) => links.length > 0],
  ['nanoseconds', hasNanoseconds],
  ['overwritten_attributes', hasOverwritten],
  [
    'reserved_names',
    ({ status, attributes }) => status.code !== 'error' && attributes.has('error'),
  ],
  ['resource_level', hasResourceLevel],
  ['schema_urls', ({ resource, scope }) => resource.schemaUrl !== '' || scope.schemaUrl !== ''],
  ['scope_attributes', ({ scope }) => scope.attributes.size > 0],
  ['span_kinds', ({ kind }) => kind === 'unspecified'],
  [
    'status_messages',
    ({ status: { code, message } }) => (code === 'error' ? message === 'true' : message !== ''),
  ],
  ['times', ({ start, end }) => end < start || start < 1000n || end > latestExact],
  ['trace_states', ({ traceState }) => traceState !== ''],
  ['value_types', hasTypes],
]

function hasDropped({ resource, scope, events }: Span): boolean {
  return [resource, scope, ...events].some(
    ({ droppedAttributesCount }) => droppedAttributesCount > 0,
  )
}

function hasResourceLevel(span: Span): boolean {
  return span.resource.attributes.size > (serviceName(span) === '' ? 0 : 1)
}

const ownTags = [
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
  'otel.status_code',
  'otel.status_description',
  'otel.dropped_attributes_count',
  'otel.dropped_events_count',
  'otel.dropped_links_count',
  'service.name',
  'w3c.tracestate',
  'error',
]

/** Names that both the resource and the span have, and those that say something else in Zipkin. */
function hasOverwritten(span: Span): boolean {
  const { attributes, resource } = span
  const own = hasNativeError(span) ? ownTags.filter((name) => name !== 'error') : ownTags
  return (
    own.some((name) => attributes.has(name)) ||
    ownTags.some((name) => name !== 'service.name' && resource.attributes.has(name)) ||
    [...attributes.keys()].some((name) => resource.attributes.has(name))
  )
}

function hasNanoseconds({ start, end, events }: Span): boolean {
  return (
    start % 1000n !== 0n ||
    end % 1000n !== 0n ||
    start === end ||
    events.some(({ time }) => time % 1000n !== 0n)
  )
}

/** Values of events are JSON, which has all types but bytes, and does not tell a whole double from an int. */
function hasTypes({ attributes, resource, events }: Span): boolean {
  const isText = (value: AttributeValue): boolean => typeof value === 'string'
  return (
    ![...attributes.values(), ...resource.attributes.values()].every(isText) ||
    events.some((event) => [...event.attributes.values()].some(losesType))
  )
}

function losesType(value: AttributeValue): boolean {
  if (value === null || typeof value !== 'object') {
    return typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value))
  }
  if (value instanceof Uint8Array) return true
  return [...value.values()].some(losesType)
}
