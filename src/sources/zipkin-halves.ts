import { createHash } from 'node:crypto'
import { parseSpanId, type SpanId } from '../trace/ids.ts'
import { by, inTurn } from '../trace/order.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { nowhere, type ZipkinEndpoint, type ZipkinSpan } from './zipkin-span.ts'

/** A span with the ids that OpenTelemetry would have given it. */
export interface PlacedSpan {
  readonly span: ZipkinSpan
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | undefined
}

/**
 * Records of any traces as spans with an id each, in no order that says anything. Zipkin gives both halves of a call one id: here
 * the client's half keeps it, and the server's has one derived from the trace, the id and its service, with the client's as its
 * parent. What names the shared id as its parent is below the server's half, unless only the client's is of its service. Several
 * records of one half (its begin and its end) are one span. All that does not depend on the order of the records.
 */
export function placeSpans(records: readonly ZipkinSpan[]): readonly PlacedSpan[] {
  return [...Map.groupBy(records, ({ traceId }) => traceId).values()].flatMap(placeTrace)
}

function placeTrace(records: readonly ZipkinSpan[]): readonly PlacedSpan[] {
  const spans = mergeRecords(markShared(records))
  const calls = callsOf(spans)
  return spans.map((span) => ({
    span,
    spanId: spanIdOf(span, calls),
    parentSpanId: parentOf(span, calls),
  }))
}

/** Not all tracers mark the server's half. */
function markShared(records: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const called = new Set(records.flatMap(({ id, kind }) => (kind === 'client' ? [id] : [])))
  return records.map((record) =>
    record.kind === 'server' && called.has(record.id) ? { ...record, shared: true } : record,
  )
}

/** What has one id. */
interface Call {
  /** Of the client's half, and of spans that share their id with nobody. */
  readonly services: Set<string>
  /** The server's halves by their service. */
  readonly servers: Map<string, ZipkinSpan>
}

type Calls = ReadonlyMap<SpanId, Call>

function callsOf(spans: readonly ZipkinSpan[]): Calls {
  const calls = new Map<SpanId, Call>()
  for (const span of spans) {
    const call = calls.get(span.id) ?? { services: new Set(), servers: new Map() }
    calls.set(span.id, call)
    if (span.shared) call.servers.set(serviceOf(span), span)
    else call.services.add(serviceOf(span))
  }
  return calls
}

/** A server that shares its id with nobody, and names no parent, is a root: a proxy may mark every server. */
function spanIdOf(span: ZipkinSpan, calls: Calls): SpanId {
  return hasClient(span, calls) ? derivedId(span) : span.id
}

function hasClient({ shared, id, parentId }: ZipkinSpan, calls: Calls): boolean {
  return shared && (parentId !== undefined || (calls.get(id)?.services.size ?? 0) > 0)
}

function derivedId(span: ZipkinSpan): SpanId {
  const text = `zipkin.server ${span.traceId} ${span.id} ${serviceOf(span)}`
  const derived = parseSpanId(createHash('sha256').update(text).digest('hex').slice(0, 16))
  if (derived === undefined) throw new RangeError('an id of zeros')
  return derived
}

function parentOf(span: ZipkinSpan, calls: Calls): SpanId | undefined {
  if (hasClient(span, calls)) return span.id
  if (span.parentId === undefined) return undefined
  const call = calls.get(span.parentId)
  const server = call === undefined ? undefined : serverAbove(serviceOf(span), call)
  return server === undefined ? span.parentId : spanIdOf(server, calls)
}

function serverAbove(service: string, { services, servers }: Call): ZipkinSpan | undefined {
  const own = servers.get(service)
  if (own !== undefined || services.has(service)) return own
  const [first] = servers.values()
  return first
}

/** The records of each half as one, in the order of id and service. */
function mergeRecords(records: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const halves = Map.groupBy(records, ({ id, shared }) => `${id} ${shared}`)
  return [...halves.keys()]
    .toSorted()
    .flatMap((key) => [...Map.groupBy(withServices(halves.get(key) ?? []), serviceOf).values()])
    .flatMap(mergeHalf)
}

function serviceOf({ local }: ZipkinSpan): string {
  return local.serviceName
}

/** A record that does not say whose it is belongs to the one service that does. */
function withServices(half: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const sorted = half.toSorted(recordOrder)
  const [only, other] = new Set(sorted.map(serviceOf).filter((service) => service !== ''))
  if (only === undefined || other !== undefined) return sorted
  return sorted.map((record) =>
    serviceOf(record) === ''
      ? { ...record, local: { ...record.local, serviceName: only } }
      : record,
  )
}

const recordOrder = inTurn<ZipkinSpan>(
  by((record) => serviceOf(record)),
  by(({ start }) => start ?? nanosOf(0n)),
  by((record) => contentOf(record)),
)

function contentOf(record: ZipkinSpan): string {
  return JSON.stringify(
    { ...record, tags: [...record.tags].toSorted(by(([name]) => name)) },
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  )
}

/** Complete records are spans of their own; what is not complete adds to the first of them. */
function mergeHalf(half: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const complete = half.filter(isComplete)
  const partial = half.filter((record) => !isComplete(record))
  const [first, ...others] = complete.length > 0 ? [...complete, ...partial] : partial
  if (first === undefined) return []
  return [partial.reduce(merged, first), ...others.filter(isComplete)]
}

function isComplete({ start, duration }: ZipkinSpan): boolean {
  return start !== undefined && duration !== undefined
}

function merged(a: ZipkinSpan, b: ZipkinSpan): ZipkinSpan {
  return {
    ...a,
    parentId: a.parentId ?? b.parentId,
    kind: a.kind ?? b.kind,
    name: a.name === '' ? b.name : a.name,
    start: earliest(a.start, b.start),
    duration: longest(a.duration, b.duration),
    local: joined(a.local, b.local),
    remote: a.remote === nowhere ? b.remote : joined(a.remote, b.remote),
    annotations: distinct([...a.annotations, ...b.annotations]),
    tags: new Map([...b.tags, ...a.tags]),
  }
}

function earliest(a: Nanos | undefined, b: Nanos | undefined): Nanos | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

function longest(a: Nanos | undefined, b: Nanos | undefined): Nanos | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}

function joined(a: ZipkinEndpoint, b: ZipkinEndpoint): ZipkinEndpoint {
  return {
    serviceName: a.serviceName === '' ? b.serviceName : a.serviceName,
    address: a.address === '' ? b.address : a.address,
    port: a.port ?? b.port,
  }
}

function distinct(annotations: ZipkinSpan['annotations']): ZipkinSpan['annotations'] {
  return [
    ...new Map(annotations.map((each) => [`${each.time} ${each.value}`, each])).values(),
  ].toSorted(
    inTurn<ZipkinSpan['annotations'][number]>(
      by(({ time }) => time),
      by(({ value }) => value),
    ),
  )
}
