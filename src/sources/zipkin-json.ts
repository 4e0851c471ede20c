import { isArray, isObject } from '../otlp/from-json.ts'
import type { Json, JsonObject } from '../otlp/json-text.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import { by } from '../trace/order.ts'
import type { AttributeValue, Resource, Scope, Span, SpanLink } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { collectorLink, eventOf } from './zipkin-events.ts'
import { placeSpans, type PlacedSpan } from './zipkin-halves.ts'
import { invalid, readZipkinSpan, type ZipkinSpan } from './zipkin-span.ts'
import { isZipkinV1, readZipkinV1Span } from './zipkin-v1.ts'

// https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/, and what the Collector's exporter does instead.

/** What Zipkin's model loses of any span, whoever wrote it. */
export const zipkinLosses: Losses = {
  ...lossless,
  nameCase: true,
  grainNanos: 1000,
  types: 'all',
  scopeAttributes: true,
  resourceLevel: true,
  eventAttributes: true,
  links: 'lost',
  flags: true,
  droppedCounts: true,
  internalKind: true,
  unknownDurations: true,
}

/** Spans of Zipkin JSON, with what may be lost of these. */
export interface ZipkinTraces {
  readonly spans: readonly Span[]
  readonly losses: Losses
}

/**
 * The spans of Zipkin JSON, v2 or v1: lists of spans, lists of such lists, or single spans. Ids, the halves of calls and several
 * records of one span are as `placeSpans` says; a span without a duration begins and ends at once, and the losses say that this
 * means nothing. Throws a Fault TRACE_INVALID for what is no span.
 */
export function decodeZipkin(documents: readonly Json[]): ZipkinTraces {
  const records = documents.flatMap(spanObjects).flatMap(recordsOf)
  const owners = ownersOnce()
  const placed = placeSpans(records)
  const earliest = earliestStarts(placed)
  return {
    spans: placed.map((each) => spanOf(each, { owners, earliest })),
    losses: lossesOf(placed),
  }
}

/** Objects in arrays of any depth, in their order. */
function spanObjects(document: Json): readonly JsonObject[] {
  const found: JsonObject[] = []
  const waiting: Json[] = [document]
  for (let json = waiting.pop(); json !== undefined; json = waiting.pop()) {
    if (isArray(json)) for (const member of json.toReversed()) waiting.push(member)
    else if (isObject(json)) found.push(json)
    else throw invalid('something else than spans')
  }
  return found
}

function recordsOf(json: JsonObject): readonly ZipkinSpan[] {
  return isZipkinV1(json) ? readZipkinV1Span(json) : [readZipkinSpan(json)]
}

/** Servers, and many tracers, write names in lower case; where one is not, none was changed. */
function lossesOf(placed: readonly PlacedSpan[]): Losses {
  return {
    ...zipkinLosses,
    nameCase: !placed.some(({ span: { name, local } }) => /\p{Lu}/u.test(name + local.serviceName)),
    unknownDurations: placed.some(({ span }) => !hasTimes(span)),
  }
}

function hasTimes({ start, duration }: ZipkinSpan): boolean {
  return start !== undefined && duration !== undefined
}

/** Of each trace; where a span began that does not say it. */
function earliestStarts(placed: readonly PlacedSpan[]): ReadonlyMap<string, Nanos> {
  const earliest = new Map<string, Nanos>()
  for (const { span } of placed) {
    const start = span.start ?? span.annotations[0]?.time
    const before = earliest.get(span.traceId)
    if (start !== undefined && (before === undefined || start < before)) {
      earliest.set(span.traceId, start)
    }
  }
  return earliest
}

interface Around {
  readonly owners: Owners
  readonly earliest: ReadonlyMap<string, Nanos>
}

function spanOf({ span, spanId, parentSpanId }: PlacedSpan, { owners, earliest }: Around): Span {
  const tags = new Map(span.tags)
  const status = takeStatus(tags)
  const start = span.start ?? earliestOf(span) ?? earliest.get(span.traceId) ?? nanosOf(0n)
  return {
    traceId: span.traceId,
    spanId,
    parentSpanId,
    traceState: take(tags, 'w3c.tracestate') ?? '',
    flags: 0,
    name: span.name,
    // Local spans have no kind, and nearly all are INTERNAL.
    kind: span.kind ?? 'internal',
    start,
    end: hasTimes(span) ? nanosOf(start + (span.duration ?? 0n)) : start,
    droppedAttributesCount: takeCount(tags, 'otel.dropped_attributes_count'),
    events: span.annotations.map(eventOf),
    droppedEventsCount: takeCount(tags, 'otel.dropped_events_count'),
    links: takeLinks(tags),
    droppedLinksCount: takeCount(tags, 'otel.dropped_links_count'),
    status,
    resource: owners.resource(takeResource(tags, span)),
    scope: owners.scope(
      take(tags, 'otel.scope.name', 'otel.library.name') ?? '',
      take(tags, 'otel.scope.version', 'otel.library.version') ?? '',
    ),
    attributes: attributesOf(tags, span),
  }
}

function earliestOf({ annotations }: ZipkinSpan): Nanos | undefined {
  return annotations.map(({ time }) => time).toSorted(by((time) => time))[0]
}

type Tags = Map<string, string>

/** Takes all of these out, and answers the first that was there. */
function take(tags: Tags, ...names: readonly string[]): string | undefined {
  const values = names.map((name) => tags.get(name))
  for (const name of names) tags.delete(name)
  return values.find((value) => value !== undefined)
}

function takeCount(tags: Tags, name: string): number {
  const value = tags.get(name)
  if (value === undefined || !/^\d{1,9}$/.test(value)) return 0
  tags.delete(name)
  return Number(value)
}

/**
 * OpenTelemetry writes its status and, of an error, its message as `error`. Without a status it is Zipkin's own tag, which says by
 * being there that the span failed, and stays: `false` is written by bridges from OpenTracing.
 */
function takeStatus(tags: Tags): Span['status'] {
  const code = statusCodes.get((tags.get('otel.status_code') ?? '').toUpperCase())
  const error = tags.get('error')
  const message = error === undefined || error === 'true' ? '' : error
  if (code === undefined) {
    const isError = error !== undefined && error !== 'false'
    return isError ? { code: 'error', message } : { code: 'unset', message: '' }
  }
  tags.delete('otel.status_code')
  const description = take(tags, 'otel.status_description')
  if (code !== 'error') return { code, message: description ?? '' }
  tags.delete('error')
  return { code, message: description ?? message }
}

const statusCodes: ReadonlyMap<string, Span['status']['code']> = new Map([
  ['OK', 'ok'],
  ['STATUS_CODE_OK', 'ok'],
  ['ERROR', 'error'],
  ['STATUS_CODE_ERROR', 'error'],
  ['UNSET', 'unset'],
  ['STATUS_CODE_UNSET', 'unset'],
])

function takeLinks(tags: Tags): readonly SpanLink[] {
  const links: SpanLink[] = []
  for (let at = 0; ; at += 1) {
    const link = collectorLink(tags.get(`otlp.link.${at}`))
    if (link === undefined) return links
    tags.delete(`otlp.link.${at}`)
    links.push(link)
  }
}

/** What tracespec writes on resources is none of the span's. */
function takeResource(tags: Tags, span: ZipkinSpan): readonly (readonly [string, string])[] {
  const service = takeService(tags, span)
  const own = [...tags].filter(([name]) => name.startsWith('tracespec.'))
  for (const [name] of own) tags.delete(name)
  return [...(service === '' ? [] : [['service.name', service] as const]), ...own]
}

/** Exporters write the name as a tag too, which no server lowers. */
function takeService(tags: Tags, { local: { serviceName } }: ZipkinSpan): string {
  const written = tags.get('service.name')
  if (written === undefined) return serviceName
  if (serviceName !== '' && written.toLowerCase() !== serviceName.toLowerCase()) return serviceName
  tags.delete('service.name')
  return written
}

/** The tags that are left, and the addresses of both sides under OpenTelemetry's names. */
function attributesOf(tags: Tags, span: ZipkinSpan): Span['attributes'] {
  const { local, remote, kind } = span
  // the Collector's exporter says so where Zipkin has no kind
  if (kind === undefined && tags.get('span.kind') === 'internal') tags.delete('span.kind')
  const told: readonly (readonly [string, AttributeValue | undefined])[] = [
    ['peer.service', nonEmpty(remote.serviceName)],
    ['network.peer.address', nonEmpty(remote.address)],
    ['network.peer.port', remote.port === undefined ? undefined : BigInt(remote.port)],
    ['network.local.address', nonEmpty(local.address)],
    ['network.local.port', local.port === undefined ? undefined : BigInt(local.port)],
  ]
  const attributes = new Map<string, AttributeValue>(tags)
  for (const [name, value] of told) {
    if (value !== undefined && !attributes.has(name)) attributes.set(name, value)
  }
  return attributes
}

function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text
}

interface Owners {
  resource(attributes: readonly (readonly [string, string])[]): Resource
  scope(name: string, version: string): Scope
}

/** Equal owners are one object, as in what OTLP gives. */
function ownersOnce(): Owners {
  const resources = new Map<string, Resource>()
  const scopes = new Map<string, Scope>()
  const plain = { droppedAttributesCount: 0, schemaUrl: '' }
  return {
    resource: (attributes) => {
      const key = JSON.stringify(attributes)
      const resource = resources.get(key) ?? { ...plain, attributes: new Map(attributes) }
      resources.set(key, resource)
      return resource
    },
    scope: (name, version) => {
      const key = JSON.stringify([name, version])
      const scope = scopes.get(key) ?? { ...plain, name, version, attributes: new Map() }
      scopes.set(key, scope)
      return scope
    },
  }
}
