import { base64Text } from '../otlp/scalars.ts'
import type { TraceId } from '../trace/ids.ts'
import type {
  Attributes,
  AttributeValue,
  Resource,
  Span,
  SpanEvent,
  SpanLink,
} from '../trace/span.ts'
import { isStandIn, noServiceName } from './jaeger-unnamed.ts'

/** A sort of fact that Jaeger's JSON has no place for. */
export type JaegerLoss =
  | 'nanoseconds'
  | 'composite_values'
  | 'scope_attributes'
  | 'link_details'
  | 'parent_or_link'
  | 'flags'
  | 'dropped_counts'
  | 'schema_urls'
  | 'reserved_names'

export interface JaegerDocument {
  /** `{"data": [...]}`, one trace behind the other, which the page of Jaeger and `decodeJaegerText` read. */
  readonly text: string
  /** What it does not hold, and of how many spans; in the order of `JaegerLoss`. */
  readonly lost: readonly { readonly fact: JaegerLoss; readonly spans: number }[]
}

/** Spans as Jaeger's JSON, in the order of the first span of each trace; microseconds are cut, not rounded, as Jaeger does. */
export function jaegerJsonOf(spans: readonly Span[]): JaegerDocument {
  const traces = [...Map.groupBy(spans, (span) => span.traceId)].map(([id, members]) =>
    traceOf(id, members),
  )
  const lost = losses
    .map(([fact, isLost]) => ({ fact, spans: spans.filter(isLost).length }))
    .filter((loss) => loss.spans > 0)
  return { text: JSON.stringify({ data: traces }), lost }
}

const losses: readonly (readonly [fact: JaegerLoss, isLost: (span: Span) => boolean])[] = [
  ['nanoseconds', hasNanoseconds],
  ['composite_values', (span) => attributesIn(span).some(hasComposite)],
  ['scope_attributes', ({ scope }) => scope.attributes.size > 0],
  [
    'link_details',
    ({ links }) =>
      links.some((link) => link.traceState !== '' || link.flags !== 0 || saysMore(link.attributes)),
  ],
  ['parent_or_link', isMisread],
  ['flags', ({ flags }) => flags > 1],
  ['dropped_counts', hasDropped],
  ['schema_urls', ({ resource, scope }) => resource.schemaUrl !== '' || scope.schemaUrl !== ''],
  ['reserved_names', ({ attributes }) => [...attributes.keys()].some((name) => reserved.has(name))],
]

function hasNanoseconds({ start, end, events }: Span): boolean {
  return [start, end, ...events.map(({ time }) => time)].some((time) => time % 1000n !== 0n)
}

function attributesIn({ attributes, resource, events }: Span): readonly Attributes[] {
  return [attributes, resource.attributes, ...events.map((event) => event.attributes)]
}

function hasComposite(attributes: Attributes): boolean {
  return [...attributes.values()].some(
    (value) => typeof value === 'object' && !(value instanceof Uint8Array),
  )
}

/** The type of a reference is told by this attribute of its link. */
function saysMore(attributes: Attributes): boolean {
  return attributes.size > (attributes.get(referenceType) === 'child_of' ? 1 : 0)
}

const referenceType = 'opentracing.ref_type'

function hasDropped({ resource, scope, links, events, ...span }: Span): boolean {
  const owners = [resource, scope, span, ...links, ...events]
  return (
    owners.some((owner) => owner.droppedAttributesCount > 0) ||
    span.droppedEventsCount > 0 ||
    span.droppedLinksCount > 0
  )
}

/** Links within the trace, or to the parent, of which the references do not tell whether they are the parent. */
function isMisread(span: Span): boolean {
  const { traceId, parentSpanId, links } = span
  const within = links.filter((link) => link.traceId === traceId)
  if (parentSpanId === undefined) return within.length > 0
  const toParent = within.filter((link) => link.spanId === parentSpanId)
  const [follows] = toParent
  const isChildOf = (link: SpanLink): boolean => link.attributes.get(referenceType) === 'child_of'
  return (
    toParent.length > 1 ||
    toParent.some(isChildOf) ||
    (follows !== undefined && within.some(isChildOf))
  )
}

function traceOf(traceID: TraceId, spans: readonly Span[]): object {
  const ids = new Map<Resource, string>()
  for (const { resource } of spans) {
    if (!ids.has(resource)) ids.set(resource, `p${ids.size + 1}`)
  }
  const processes = [...ids].map(([resource, id]) => [id, processOf(resource)] as const)
  return {
    traceID,
    spans: spans.map((span) => spanOf(span, ids.get(span.resource) ?? '')),
    processes: Object.fromEntries(processes),
    warnings: null,
  }
}

function processOf({ attributes }: Resource): object {
  const name = attributes.get('service.name')
  if (typeof name !== 'string' || name === '' || isStandIn(name)) {
    return { serviceName: noServiceName, tags: tagsOf(attributes) }
  }
  const others = [...attributes].filter(([key]) => key !== 'service.name')
  return { serviceName: name, tags: tagsOf(others) }
}

function spanOf(span: Span, processID: string): object {
  return {
    traceID: span.traceId,
    spanID: span.spanId,
    flags: span.flags & 1,
    operationName: span.name,
    references: referencesOf(span),
    startTime: microsOf(span.start),
    duration: microsOf(span.end - span.start),
    tags: tagsOf([...scopeTags(span), ...ownAttributes(span), ...stateTags(span)]),
    logs: span.events.map(logOf),
    processID,
    warnings: null,
  }
}

/** A link to the parent stands for both, as Jaeger has it. */
function referencesOf({ traceId, parentSpanId, links }: Span): readonly object[] {
  const toParent = links.find((link) => link.traceId === traceId && link.spanId === parentSpanId)
  const parent = { traceId, spanId: parentSpanId, attributes: toParent?.attributes }
  const others = links.filter((link) => link.traceId !== traceId || link.spanId !== parentSpanId)
  return [...(parentSpanId === undefined ? [] : [parent]), ...others].map((to) => ({
    refType:
      to.attributes === undefined || to.attributes.get(referenceType) === 'child_of'
        ? 'CHILD_OF'
        : 'FOLLOWS_FROM',
    traceID: to.traceId,
    spanID: to.spanId,
  }))
}

type Pair = readonly [key: string, value: AttributeValue]

/** Without a scope it must still be told that this is OpenTelemetry: an `error` is no status, a `message` no name. */
function scopeTags({ scope }: Span): readonly Pair[] {
  const format: Pair[] = scope.name === '' ? [['internal.span.format', 'otlp']] : []
  return [
    ...format,
    ...textPair('otel.scope.name', scope.name),
    ...textPair('otel.scope.version', scope.version),
  ]
}

/** Attributes that would be read as something else are left out. */
function ownAttributes({ attributes }: Span): readonly Pair[] {
  return [...attributes].filter(([key]) => !reserved.has(key))
}

const reserved: ReadonlySet<string> = new Set([
  'span.kind',
  'otel.status_code',
  'otel.status_description',
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
  'w3c.tracestate',
  'internal.span.format',
  '@jaeger@warnings',
  '@jaeger@format',
  '@jaeger@hash',
])

function stateTags({ kind, status, traceState }: Span): readonly Pair[] {
  const error: Pair[] = status.code === 'error' ? [['error', true]] : []
  return [
    ...textPair('span.kind', kind === 'unspecified' ? '' : kind),
    ...textPair('otel.status_code', status.code === 'unset' ? '' : status.code.toUpperCase()),
    ...error,
    ...textPair('otel.status_description', status.message),
    ...textPair('w3c.tracestate', traceState),
  ]
}

function textPair(key: string, text: string): readonly Pair[] {
  return text === '' ? [] : [[key, text]]
}

/** The name comes first, also an empty one where an attribute would be read as the name. */
function logOf({ name, time, attributes }: SpanEvent): object {
  const isNamed = name !== '' || attributes.has('event')
  const fields: readonly Pair[] = [...(isNamed ? [['event', name] as const] : []), ...attributes]
  return { timestamp: microsOf(time), fields: tagsOf(fields) }
}

function tagsOf(pairs: Iterable<Pair>): readonly object[] {
  return [...pairs].map(([key, value]) => ({ key, ...typedOf(value) }))
}

function typedOf(value: AttributeValue): { readonly type: string; readonly value: unknown } {
  if (typeof value === 'string') return { type: 'string', value }
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'bigint') return { type: 'int64', value: safeNumber(value) }
  if (typeof value === 'number') {
    return { type: 'float64', value: isSayable(value) ? value : doubleText(value) }
  }
  return value instanceof Uint8Array
    ? { type: 'binary', value: base64Text(value) }
    : { type: 'string', value: compositeText(value) }
}

function isSayable(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Arrays and maps as JSON, the absence of a value as an empty text, as Jaeger has them. */
export function compositeText(value: AttributeValue): string {
  return value === null ? '' : jsonText(value)
}

function jsonText(value: AttributeValue): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number')
    return isSayable(value) ? String(value) : JSON.stringify(doubleText(value))
  if (value instanceof Uint8Array) return JSON.stringify(base64Text(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (!isMap(value)) return `[${value.map(jsonText).join(',')}]`
  const members = [...value].map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`)
  return `{${members.join(',')}}`
}

function isMap(value: Attributes | readonly AttributeValue[]): value is Attributes {
  return value instanceof Map
}

/** Cut to whole microseconds towards the past. */
function microsOf(nanos: bigint): number | string {
  return safeNumber((nanos - (((nanos % 1000n) + 1000n) % 1000n)) / 1000n)
}

/** Numbers beyond 2^53 are texts, as Jaeger writes them. */
function safeNumber(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}
