import { Fault } from '../trace/fault.ts'
import { parseSpanId, type SpanId, type TraceId } from '../trace/ids.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import type { Resource, Scope, Span } from '../trace/span.ts'
import type { SourceTrace } from '../trace/source.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

/** What version 1 of Cloud Trace loses of any span. */
export const cloudTraceLosses: Losses = {
  ...lossless,
  types: 'all',
  scopeAttributes: true,
  resourceLevel: true,
  links: 'lost',
  flags: true,
  droppedCounts: true,
  internalKind: true,
  statusMessage: true,
  kinds: 'calls',
  statuses: 'lost',
  events: true,
  attributes: true,
}

/** `TraceSpan` of https://cloud.google.com/trace/docs/reference/v1/rest/v1/projects.traces. */
export interface CloudTraceSpan {
  readonly spanId?: string | null
  readonly parentSpanId?: string | null
  readonly name?: string | null
  readonly kind?: string | null
  readonly startTime?: string | null
  readonly endTime?: string | null
  readonly labels?: Readonly<Record<string, string>> | null
}

/** The most that one answer holds (https://cloud.google.com/trace/docs/quotas). */
const maxSpans = 10_000

/** The spans of one trace; a Fault SOURCE_INVALID for what is none. */
export function spansOfCloudTrace(traceId: TraceId, given: readonly CloudTraceSpan[]): SourceTrace {
  const resources = new Map<string, Resource>()
  const spans = given.map((span) => spanOf(span, traceId, resources))
  const isOpen = given.some(({ endTime }) => isEmpty(endTime))
  const isRenamed = spans.some(({ name }) => Buffer.byteLength(name) >= maxNameBytes)
  const full =
    given.length >= maxSpans ? `Cloud Trace gives no more than ${maxSpans} spans` : undefined
  return {
    spans,
    losses: {
      ...cloudTraceLosses,
      ...(isRenamed && { renamed: ['internal', 'server', 'client'] as const }),
      ...(isOpen && { unknownDurations: true }),
    },
    cut: full ?? (isOpen ? 'a span has no end yet' : undefined),
  }
}

/** Longer names are cut. */
const maxNameBytes = 127
/** Exporters cut longer values. */
const maxValueBytes = 256

const noScope: Scope = {
  name: '',
  version: '',
  attributes: new Map(),
  droppedAttributesCount: 0,
  schemaUrl: '',
}

function spanOf(given: CloudTraceSpan, traceId: TraceId, resources: Map<string, Resource>): Span {
  const spanId = spanIdOf(given.spanId)
  if (spanId === undefined) throw invalid('a span without a valid spanId')
  const start = timeOf(given.startTime)
  if (start === undefined) throw invalid('a span without a startTime')
  const end = timeOf(given.endTime) ?? start
  const labels = new Map(Object.entries(given.labels ?? {}))
  const message = labels.get('/error/message') ?? ''
  const hasFailed = labels.has('/error/message') || labels.has('/error/name')
  const service = labels.get('service.name') ?? ''
  labels.delete('service.name')
  return {
    traceId,
    spanId,
    parentSpanId: spanIdOf(given.parentSpanId),
    traceState: '',
    flags: 0,
    name: given.name ?? '',
    kind: kinds.get(given.kind ?? '') ?? 'internal',
    start,
    end: end < start ? start : end,
    attributes: new Map(
      [...labels].filter(isWhole).map(([name, value]) => [otelName(name), value]),
    ),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: hasFailed ? { code: 'error', message } : { code: 'unset', message: '' },
    resource: resourceOf(service, resources),
    scope: noScope,
  }
}

function resourceOf(service: string, resources: Map<string, Resource>): Resource {
  const known = resources.get(service)
  if (known !== undefined) return known
  const attributes = new Map(service === '' ? [] : [['service.name', service]])
  const resource = { attributes, droppedAttributesCount: 0, schemaUrl: '' }
  resources.set(service, resource)
  return resource
}

const kinds: ReadonlyMap<string, Span['kind']> = new Map([
  ['RPC_SERVER', 'server'],
  ['RPC_CLIENT', 'client'],
])

/** Decimal digits of an unsigned 64-bit number; undefined for none and for zero. */
function spanIdOf(text: string | null | undefined): SpanId | undefined {
  if (isEmpty(text)) return undefined
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n)
    throw invalid('an id that is no uint64')
  return parseSpanId(BigInt(text).toString(16).padStart(16, '0'))
}

/** RFC 3339 in UTC with up to nine digits of a second. */
function timeOf(text: string | null | undefined): Nanos | undefined {
  if (isEmpty(text)) return undefined
  const [, seconds = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? []
  const millis = Date.parse(`${seconds}Z`)
  if (Number.isNaN(millis)) throw invalid('a time of another form than RFC 3339')
  return nanosOf(BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0')))
}

function isEmpty(text: string | null | undefined): text is '' | null | undefined {
  return text === undefined || text === null || text === ''
}

/** A value that may have been cut says nothing sure. */
function isWhole([, value]: readonly [string, string]): boolean {
  return typeof value === 'string' && Buffer.byteLength(value) < maxValueBytes
}

/** https://cloud.google.com/trace/docs/trace-labels: the keys that exporters put in the place of OpenTelemetry's. */
function otelName(label: string): string {
  return otelNames.get(label) ?? label
}

const otelNames: ReadonlyMap<string, string> = new Map([
  ['/http/method', 'http.request.method'],
  ['/http/status_code', 'http.response.status_code'],
  ['/http/route', 'http.route'],
  ['/http/url', 'url.full'],
  ['/http/user_agent', 'user_agent.original'],
  ['/http/request/size', 'http.request.body.size'],
  ['/http/response/size', 'http.response.body.size'],
])

function invalid(what: string): Fault {
  return new Fault('SOURCE_INVALID', `Google Cloud Trace answered with ${what}`)
}
