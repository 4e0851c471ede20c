import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../trace/ids.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from '../trace/span.ts'
import { nanosOf } from '../trace/time.ts'
import { isStandIn } from './jaeger-unnamed.ts'

// Jaeger's own model of spans, which its JSON and its gRPC of version 2 share, and how OpenTelemetry is written in it:
// https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/ and
// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.140.1/pkg/translator/jaeger

export interface JaegerSpan {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly name: string
  readonly references: readonly JaegerReference[]
  /** Jaeger's own: bit 0 is sampled, the others are not those of W3C. */
  readonly flags: number
  /** Nanoseconds. */
  readonly start: bigint
  /** Nanoseconds. */
  readonly duration: bigint
  readonly tags: Tags
  readonly logs: readonly JaegerLog[]
  readonly process: JaegerProcess | undefined
  readonly warnings: readonly string[]
}

export interface JaegerReference {
  readonly type: 'child_of' | 'follows_from'
  readonly traceId: TraceId
  readonly spanId: SpanId
}

export interface JaegerLog {
  /** Nanoseconds. */
  readonly time: bigint
  readonly fields: Tags
}

export interface JaegerProcess {
  readonly serviceName: string
  readonly tags: Tags
}

/** In their order; a key may come twice. */
export type Tags = readonly (readonly [key: string, value: AttributeValue])[]

/**
 * What Jaeger's model cannot hold. Beyond these: schema URLs, the trace state and flags of links, two links to one parent, whether a
 * root with a link into its own trace is a child of that span, the absence of a value (an empty text), the name of an event with an
 * attribute `event`, and attributes that are called like the tags that stand for something else.
 */
export const jaegerModelLosses: Losses = {
  ...lossless,
  types: 'composites',
  scopeAttributes: true,
  links: 'without_attributes',
  flags: true,
  droppedCounts: true,
}

/** Makes spans of Jaeger's; those of one process share a resource, and those of one scope below it the scope. */
export function jaegerReader(): (span: JaegerSpan) => Span {
  const resources = new Map<JaegerProcess | undefined, Resource>()
  const scopes = new Map<Resource, Map<string, Scope>>()
  return (jaeger) => {
    const resource = resources.get(jaeger.process) ?? resourceOf(jaeger.process)
    resources.set(jaeger.process, resource)
    const ofResource = scopes.get(resource) ?? new Map<string, Scope>()
    scopes.set(resource, ofResource)
    return spanOf(jaeger, resource, ofResource)
  }
}

function resourceOf(process: JaegerProcess | undefined): Resource {
  const attributes = new Map<string, AttributeValue>()
  const { serviceName = '', tags = [] } = process ?? {}
  if (serviceName !== '' && !isStandIn(serviceName)) {
    attributes.set('service.name', serviceName)
  }
  for (const [key, value] of tags) attributes.set(key, value)
  return { attributes, droppedAttributesCount: 0, schemaUrl: '' }
}

function spanOf(jaeger: JaegerSpan, resource: Resource, scopes: Map<string, Scope>): Span {
  const attributes = ownTags(jaeger.tags)
  const isOtel = isOfOtel(attributes)
  const status = takeStatus(attributes, isOtel)
  const scope = scopeOf(attributes, scopes)
  for (const name of serverTags) attributes.delete(name)
  const parent = parentOf(jaeger)
  return {
    traceId: jaeger.traceId,
    spanId: jaeger.spanId,
    parentSpanId: parent?.spanId,
    traceState: takeText(attributes, 'w3c.tracestate') ?? '',
    flags: jaeger.flags & 1,
    name: jaeger.name,
    kind: takeKind(attributes),
    start: nanosOf(jaeger.start),
    end: nanosOf(jaeger.start + jaeger.duration),
    attributes,
    droppedAttributesCount: 0,
    events: jaeger.logs.map((log) => eventOf(log, isOtel)),
    droppedEventsCount: 0,
    links: jaeger.references
      .filter((reference) => reference !== parent || reference.type === 'follows_from')
      .map(linkOf),
    droppedLinksCount: 0,
    status,
    resource,
    scope,
  }
}

/** What Jaeger itself writes among the tags of spans. */
export const serverTags: readonly string[] = [
  'internal.span.format',
  '@jaeger@warnings',
  '@jaeger@format',
  '@jaeger@hash',
]

/** Jaeger's own rule: the first CHILD_OF within the trace, else the first FOLLOWS_FROM within it. */
function parentOf({ traceId, references }: JaegerSpan): JaegerReference | undefined {
  const within = references.filter((reference) => reference.traceId === traceId)
  return within.find(({ type }) => type === 'child_of') ?? within[0]
}

const noAttributes: Attributes = new Map()
/** A link without this attribute is a FOLLOWS_FROM. */
const childOf: Attributes = new Map([['opentracing.ref_type', 'child_of']])

function linkOf({ type, traceId, spanId }: JaegerReference): SpanLink {
  return {
    traceId,
    spanId,
    traceState: '',
    attributes: type === 'child_of' ? childOf : noAttributes,
    droppedAttributesCount: 0,
    flags: 0,
  }
}

function scopeOf(attributes: Map<string, AttributeValue>, scopes: Map<string, Scope>): Scope {
  const part = (name: string): string => {
    const old = takeText(attributes, `otel.library.${name}`)
    return takeText(attributes, `otel.scope.${name}`) ?? old ?? ''
  }
  const [name, version] = [part('name'), part('version')]
  const key = JSON.stringify([name, version])
  const known = scopes.get(key)
  if (known !== undefined) return known
  const scope = {
    name,
    version,
    attributes: noAttributes,
    droppedAttributesCount: 0,
    schemaUrl: '',
  }
  scopes.set(key, scope)
  return scope
}

const kinds: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']

function takeKind(attributes: Map<string, AttributeValue>): SpanKind {
  const value = attributes.get('span.kind')
  const kind = kinds.find((known) => known === value)
  if (kind !== undefined) attributes.delete('span.kind')
  return kind ?? 'unspecified'
}

/** Without the `error` that an ERROR of OpenTelemetry is written with; an attribute of that name stands before it. */
function ownTags(tags: Tags): Map<string, AttributeValue> {
  const isError = tags.some(
    ([key, value]) => key === 'otel.status_code' && codeOf(value) === 'error',
  )
  const written = isError
    ? tags.findLastIndex(([key, value]) => key === 'error' && value === true)
    : -1
  return new Map(tags.filter((_, index) => index !== written))
}

function isOfOtel(attributes: Attributes): boolean {
  return attributes.has('otel.scope.name') || attributes.get('internal.span.format') === 'otlp'
}

/**
 * What writes `otel.scope.name` also writes `otel.status_code` unless the status is unset, so that `error` is then an attribute
 * like any other. Elsewhere `error` is the status.
 */
function takeStatus(attributes: Map<string, AttributeValue>, isOtel: boolean): Span['status'] {
  const code = codeOf(attributes.get('otel.status_code') ?? null)
  const error = attributes.get('error')
  const isError = code === undefined && !isOtel && (error === true || error === 'true')
  if (code !== undefined) attributes.delete('otel.status_code')
  if (isError) attributes.delete('error')
  const message = takeText(attributes, 'otel.status_description') ?? ''
  return { code: isError ? 'error' : (code ?? 'unset'), message }
}

function codeOf(value: AttributeValue): StatusCode | undefined {
  return typeof value === 'string' ? statusCodes.get(value.toUpperCase()) : undefined
}

const statusCodes: ReadonlyMap<string, StatusCode> = new Map([
  ['UNSET', 'unset'],
  ['OK', 'ok'],
  ['ERROR', 'error'],
])

function takeText(attributes: Map<string, AttributeValue>, name: string): string | undefined {
  const value = attributes.get(name)
  if (typeof value !== 'string') return undefined
  attributes.delete(name)
  return value
}

/** The name is the first field `event`; older writers put it into `message`. */
function eventOf({ time, fields }: JaegerLog, isOtel: boolean): SpanEvent {
  const at = (isOtel ? ['event'] : ['event', 'message'])
    .map((name) => fields.findIndex(([key, value]) => key === name && typeof value === 'string'))
    .find((index) => index >= 0)
  const name = at === undefined ? undefined : fields[at]?.[1]
  return {
    time: nanosOf(time),
    name: typeof name === 'string' ? name : '',
    attributes: new Map(fields.filter((_, index) => index !== at)),
    droppedAttributesCount: 0,
  }
}

/** Jaeger's words for it when it gives only a part of a trace because of its `max_trace_size`. */
export function cutOf(warnings: readonly string[]): string | undefined {
  return warnings.find((warning) =>
    /\btrace (?:has more than|size exceeded|was truncated)/.test(warning),
  )
}

/** A trace id of up to 32 hex digits, of which leading zeros may be missing; undefined when it is none. */
export function jaegerTraceId(text: string): TraceId | undefined {
  return parseTraceId(text.padStart(32, '0'))
}

/** A span id of up to 16 hex digits, of which leading zeros may be missing; undefined when it is none. */
export function jaegerSpanId(text: string): SpanId | undefined {
  return parseSpanId(text.padStart(16, '0'))
}
