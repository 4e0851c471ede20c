import { isArray, isObject } from '../otlp/from-json.ts'
import type { Json, JsonObject } from '../otlp/json-text.ts'
import { parseSpanId, type SpanId, type TraceId } from '../trace/ids.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanLink,
} from '../trace/span.ts'
import type { SourceTrace } from '../trace/source.ts'
import {
  objectOf,
  objectsOf,
  readSegments,
  textOf,
  traceIdOfXray,
  type Segment,
} from './xray-segment.ts'

/** What X-Ray's model loses of any span. */
export const xrayLosses: Losses = {
  ...lossless,
  grainNanos: 1000,
  types: 'all',
  scopeAttributes: true,
  links: 'without_attributes',
  flags: true,
  droppedCounts: true,
  internalKind: true,
  statusMessage: true,
  kinds: 'lost',
  renamed: ['client', 'server'],
  statuses: 'errors',
  events: true,
  attributes: true,
}

/**
 * The spans of the documents of one trace. A segment is what a service did for a request, and has the service's name; a subsegment
 * is a call (`aws`, `remote`) or work within. What the Collector's exporter makes of OpenTelemetry's spans
 * (exporter/awsxrayexporter) decides what is lost: names of services and hosts take the place of those of spans, an HTTP status
 * from 400 on is an error, and what the AWS SDKs wrote themselves was never otherwise.
 */
export function spansOfXray(traceId: TraceId, documents: readonly string[]): SourceTrace {
  const segments = documents.flatMap(readSegments)
  const isNative = areNative(segments)
  const resources = resourcesOf(segments)
  const spans = segments.map((segment) =>
    spanOf(segment, { traceId, isNative, resource: resources(segment) }),
  )
  const open = segments.find(({ end }) => end === undefined)
  return {
    spans,
    losses: lossesOf(segments, isNative),
    cut: open === undefined ? undefined : `the segment ${JSON.stringify(open.name)} is in progress`,
  }
}

/** Whether SDKs of X-Ray wrote them all, as each segment says. */
function areNative(segments: readonly Segment[]): boolean {
  const sdks = segments.map((segment) => textOf(objectOf(awsOf(segment)['xray'])['sdk']))
  const told = sdks.filter((sdk) => sdk !== '')
  return told.length > 0 && told.every((sdk) => /^x-ray/i.test(sdk))
}

function lossesOf(segments: readonly Segment[], isNative: boolean): Losses {
  const untimed = segments.some(({ end }) => end === undefined) && { unknownDurations: true }
  const { kinds, renamed, statuses, ...always } = xrayLosses
  if (isNative) return { ...always, statuses: 'ok', ...untimed }
  const isDoubtful = segments.some((one) => one.failed && Number(responseOf(one)['status']) >= 400)
  return {
    ...always,
    ...(kinds !== undefined && { kinds }),
    ...(renamed !== undefined && { renamed }),
    ...(statuses !== undefined && { statuses: isDoubtful ? statuses : 'ok' }),
    ...untimed,
  }
}

/** The resource of each segment is that of the service whose segment stands above it. */
function resourcesOf(segments: readonly Segment[]): (segment: Segment) => Resource {
  const byId = new Map(segments.map((segment) => [segment.id, segment]))
  const known = new Map<SpanId | undefined, Resource>()
  return (segment) => {
    const service = serviceOf(segment, byId)
    const resource = known.get(service?.id) ?? resourceOf(service)
    known.set(service?.id, resource)
    return resource
  }
}

function serviceOf(segment: Segment, byId: ReadonlyMap<SpanId, Segment>): Segment | undefined {
  const seen = new Set<SpanId>()
  let at: Segment | undefined = segment
  while (at?.isSubsegment === true && !seen.has(at.id)) {
    seen.add(at.id)
    at = at.parentId === undefined ? undefined : byId.get(at.parentId)
  }
  return at?.isSubsegment === true ? undefined : at
}

const resourcePrefix = 'otel.resource.'

function resourceOf(segment: Segment | undefined): Resource {
  const told = segment === undefined ? [] : metadataOf(segment)
  const own = told
    .filter(([name]) => name.startsWith(resourcePrefix))
    .map(([name, value]) => [name.slice(resourcePrefix.length), value] as const)
  const service = segment === undefined ? [] : [['service.name', segment.name] as const]
  return { attributes: new Map([...service, ...own]), droppedAttributesCount: 0, schemaUrl: '' }
}

const noScope: Scope = {
  name: '',
  version: '',
  attributes: new Map(),
  droppedAttributesCount: 0,
  schemaUrl: '',
}

interface Around {
  readonly traceId: TraceId
  readonly isNative: boolean
  readonly resource: Resource
}

function spanOf(segment: Segment, { traceId, isNative, resource }: Around): Span {
  const { id, parentId, name, start, end = start, failed } = segment
  const thrown = exceptionsOf(segment)
  return {
    traceId,
    spanId: id,
    parentSpanId: parentId,
    traceState: '',
    flags: 0,
    name,
    kind: kindOf(segment),
    start,
    end: end < start ? start : end,
    attributes: attributesOf(segment, isNative),
    droppedAttributesCount: 0,
    events: thrown.filter(({ type }) => type !== '').map((one) => eventOf(one, end)),
    droppedEventsCount: 0,
    links: objectsOf(segment.fields['links']).flatMap(linkOf),
    droppedLinksCount: 0,
    status: failed
      ? { code: 'error', message: thrown.find(({ type }) => type === '')?.message ?? '' }
      : { code: 'unset', message: '' },
    resource,
    scope: noScope,
  }
}

function kindOf({ isSubsegment, namespace }: Segment): Span['kind'] {
  if (!isSubsegment) return 'server'
  return namespace === 'aws' || namespace === 'remote' ? 'client' : 'internal'
}

interface Thrown {
  readonly type: string
  readonly message: string
}

/** Without those that caused another; a message without a type is that of the status. */
function exceptionsOf({ fields }: Segment): readonly Thrown[] {
  const all = objectsOf(objectOf(fields['cause'])['exceptions'])
  const causes = new Set(all.map((one) => textOf(one['cause'])))
  return all
    .filter((one) => !causes.has(textOf(one['id'])) || textOf(one['id']) === '')
    .map((one) => ({ type: textOf(one['type']), message: textOf(one['message']) }))
}

/** When it was thrown is not told. */
function eventOf({ type, message }: Thrown, time: Span['end']): SpanEvent {
  const attributes = new Map([['exception.type', type]])
  if (message !== '') attributes.set('exception.message', message)
  return { name: 'exception', time, attributes, droppedAttributesCount: 0 }
}

function linkOf(json: JsonObject): readonly SpanLink[] {
  const traceId = traceIdOfXray(textOf(json['trace_id']))
  const spanId = parseSpanId(textOf(json['id'] ?? json['span_id']))
  if (traceId === undefined || spanId === undefined) return []
  const owner = { traceState: '', attributes: new Map(), droppedAttributesCount: 0, flags: 0 }
  return [{ traceId, spanId, ...owner }]
}

function awsOf({ fields }: Segment): JsonObject {
  return objectOf(fields['aws'])
}

function responseOf({ fields }: Segment): JsonObject {
  return objectOf(objectOf(fields['http'])['response'])
}

/** Annotations and metadata under their names, and what X-Ray keeps in places of its own under those of OpenTelemetry. */
function attributesOf(segment: Segment, isNative: boolean): Attributes {
  const { fields } = segment
  const request = objectOf(objectOf(fields['http'])['request'])
  const response = responseOf(segment)
  const sql = objectOf(fields['sql'])
  const aws = awsOf(segment)
  const places: readonly (readonly [string, Json | undefined])[] = [
    ['http.request.method', request['method']],
    // the exporter composes it of what the span had
    ['url.full', isNative ? request['url'] : undefined],
    ['user_agent.original', request['user_agent']],
    ['client.address', isNative ? request['client_ip'] : undefined],
    ['http.response.status_code', response['status']],
    ['http.response.body.size', response['content_length']],
    ['db.query.text', sql['sanitized_query']],
    ['db.system.name', sql['database_type']],
    ['enduser.id', fields['user']],
    ['aws.operation', aws['operation']],
    ['aws.region', aws['region']],
    ['aws.request_id', aws['request_id']],
    ['aws.queue_url', aws['queue_url']],
    ['aws.table_name', aws['table_name']],
  ]
  const told = places.flatMap(([name, json]) =>
    json === undefined || json === null || json === '' ? [] : [[name, valueOf(json)] as const],
  )
  const own = metadataOf(segment).filter(([name]) => !name.startsWith(resourcePrefix))
  return new Map([...told, ...own])
}

/** Metadata of the default namespace has plain names, as the exporter writes them. */
function metadataOf({ fields }: Segment): readonly (readonly [string, AttributeValue])[] {
  const spaces = Object.entries(objectOf(fields['metadata']))
  const metadata = spaces.flatMap(([space, members]) =>
    Object.entries(objectOf(members)).map(
      ([name, value]) => [space === 'default' ? name : `${space}.${name}`, value] as const,
    ),
  )
  return [...metadata, ...Object.entries(objectOf(fields['annotations']))].flatMap(([name, json]) =>
    json === undefined ? [] : [[name, valueOf(json)] as const],
  )
}

/** Whole numbers are integers: JSON does not tell them from doubles. */
function valueOf(json: Json): AttributeValue {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json
  if (isObject(json)) {
    return new Map(
      Object.entries(json).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, valueOf(value)] as const],
      ),
    )
  }
  return typeof json === 'object' && json !== null && isArray(json) ? json.map(valueOf) : json
}
