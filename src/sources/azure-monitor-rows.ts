import { isArray, isObject } from '../otlp/from-json.ts'
import { parseJsonDocuments, type Json } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../trace/ids.ts'
import { lossless, type Losses } from '../trace/losses.ts'
import type { SourceTrace } from '../trace/source.ts'
import type {
  AttributeValue,
  Resource,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
} from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

/** What the classic tables of Application Insights lose of any span. */
export const azureLosses: Losses = {
  ...lossless,
  grainNanos: 1_000_000,
  types: 'all',
  scopeAttributes: true,
  resourceLevel: true,
  links: 'without_attributes',
  flags: true,
  droppedCounts: true,
  internalKind: true,
  statusMessage: true,
  kinds: 'sides',
  renamed: ['client', 'server'],
  statuses: 'errors',
  events: true,
  attributes: true,
}

/** What OTelSpans loses, where events stand in another table and resources may. */
const otelLosses: Losses = {
  ...lossless,
  grainNanos: 1000,
  types: 'all',
  scopeAttributes: true,
  links: 'lost',
  flags: true,
  events: true,
  attributes: true,
}

/** One row by the names of its columns. */
export type Row = ReadonlyMap<string, unknown>

/** The traces that rows tell of. A Fault SOURCE_INVALID for ids that are none of the W3C. */
export function tracesOfAzure(rows: readonly Row[]): ReadonlyMap<TraceId, SourceTrace> {
  const byTrace = Map.groupBy(rows, (row) => {
    const id = parseTraceId(textOf(row, 'TraceId'))
    if (id === undefined) throw invalid('the id of an operation that is no trace id')
    return id
  })
  return new Map(
    [...byTrace].flatMap(([traceId, all]) => {
      const trace = traceOf(traceId, all)
      return trace.spans.length === 0 ? [] : [[traceId, trace] as const]
    }),
  )
}

/** A span that stands in both generations of tables is read from the newer one. */
function traceOf(traceId: TraceId, rows: readonly Row[]): SourceTrace {
  const kindOfRow = (row: Row): string => textOf(row, 'Row')
  const newer = rows.filter((row) => kindOfRow(row) === 'span')
  const known = new Set(newer.map((row) => spanIdIn(row)))
  const classic = rows.filter(
    (row) => ['request', 'dependency'].includes(kindOfRow(row)) && !known.has(spanIdIn(row)),
  )
  const events = Map.groupBy(
    rows.filter((row) => ['exception', 'event'].includes(kindOfRow(row))),
    (row) => parseSpanId(textOf(row, 'ParentId')),
  )
  const resources = new Map<string, Resource>()
  const spans = [...newer, ...classic].map((row) =>
    spanOf(row, { traceId, events: events.get(spanIdIn(row)) ?? [], resources }),
  )
  return {
    spans,
    losses: classic.length === 0 ? otelLosses : lossesOf(classic),
    cut: undefined,
  }
}

/** Exporters give calls over HTTP names of their own and take a status from 400 on for an error. */
function lossesOf(rows: readonly Row[]): Losses {
  const { renamed: _, ...always } = azureLosses
  const isHttp = (row: Row): boolean =>
    /^http/i.test(textOf(row, 'Kind')) || /^https?:/i.test(textOf(row, 'Data'))
  const renamed: readonly SpanKind[] = [
    ...(rows.some((row) => textOf(row, 'Row') === 'dependency' && isHttp(row))
      ? ['client' as const]
      : []),
    ...(rows.some((row) => textOf(row, 'Row') === 'request' && isHttp(row))
      ? ['server' as const]
      : []),
  ]
  const isDoubtful = rows.some((row) => hasFailed(row) && Number(textOf(row, 'ResultCode')) >= 400)
  return {
    ...always,
    ...(renamed.length > 0 && { renamed }),
    statuses: isDoubtful ? 'errors' : 'ok',
  }
}

interface Around {
  readonly traceId: TraceId
  readonly events: readonly Row[]
  readonly resources: Map<string, Resource>
}

function spanOf(row: Row, { traceId, events, resources }: Around): Span {
  const start = timeIn(row)
  const properties = new Map(membersOf(textOf(row, 'Properties')))
  const links = linksOf(properties.get('_MS.links'))
  for (const name of properties.keys()) if (name.startsWith('_MS.')) properties.delete(name)
  const parent = textOf(row, 'ParentId')
  const isTop = parent === '' || parent.toLowerCase() === traceId
  const parentSpanId = parseSpanId(parent)
  if (!isTop && parentSpanId === undefined) throw invalid('a parent of another form than the W3C’s')
  const isNewer = textOf(row, 'Row') === 'span'
  return {
    traceId,
    spanId: spanIdIn(row),
    parentSpanId: isTop ? undefined : parentSpanId,
    traceState: '',
    flags: 0,
    name: textOf(row, 'Name'),
    kind: kindOf(row),
    start,
    end: nanosOf(start + durationIn(row)),
    attributes: new Map([...(isNewer ? [] : ownAttributes(row)), ...properties]),
    droppedAttributesCount: countIn(row, 'DroppedAttributes'),
    events: events.map(eventOf).toSorted((a, b) => Number(a.time - b.time)),
    droppedEventsCount: countIn(row, 'DroppedEvents'),
    links,
    droppedLinksCount: countIn(row, 'DroppedLinks'),
    status: statusOf(row),
    resource: resourceOf(row, resources),
    scope: {
      name: textOf(row, 'Scope'),
      version: textOf(row, 'Version'),
      attributes: new Map(),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  }
}

function kindOf(row: Row): SpanKind {
  const kind = textOf(row, 'Kind')
  switch (textOf(row, 'Row')) {
    case 'span':
      return kinds.find((one) => one === kind.toLowerCase()) ?? 'unspecified'
    case 'request':
      return 'server'
    default:
      if (/^inproc/i.test(kind)) return 'internal'
      return /^queue/i.test(kind) ? 'producer' : 'client'
  }
}

const kinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const

function statusOf(row: Row): Span['status'] {
  if (textOf(row, 'Row') !== 'span') {
    return { code: hasFailed(row) ? 'error' : 'unset', message: '' }
  }
  const code = (['ok', 'error'] as const).find(
    (one) => one === textOf(row, 'ResultCode').toLowerCase(),
  )
  return { code: code ?? 'unset', message: textOf(row, 'Data') }
}

function hasFailed(row: Row): boolean {
  return row.get('Success') === false
}

/** What exporters move out of the attributes, where its value stayed what it was. */
function ownAttributes(row: Row): readonly (readonly [string, AttributeValue])[] {
  const code = textOf(row, 'ResultCode')
  const isHttp = /^https?:/i.test(textOf(row, 'Data')) || /^http/i.test(textOf(row, 'Kind'))
  return isHttp && /^[1-5]\d\d$/.test(code) ? [['http.response.status_code', BigInt(code)]] : []
}

/** A role may be `namespace.name`, so that one with a dot does not tell the service. */
function resourceOf(row: Row, resources: Map<string, Resource>): Resource {
  const [role, told] = [textOf(row, 'Role'), textOf(row, 'Resource')]
  const isNewer = textOf(row, 'Row') === 'span'
  const key = `${String(isNewer)} ${role} ${told}`
  const known = resources.get(key)
  if (known !== undefined) return known
  const isService = role !== '' && (isNewer || !/[./[\]]/.test(role))
  const attributes = new Map<string, AttributeValue>([
    ...(isService ? [['service.name', role] as const] : []),
    ...(isService || role === '' ? [] : [['azure.role.name', role] as const]),
    ...membersOf(told),
  ])
  const resource = { attributes, droppedAttributesCount: 0, schemaUrl: '' }
  resources.set(key, resource)
  return resource
}

function eventOf(row: Row): SpanEvent {
  const properties = membersOf(textOf(row, 'Properties'))
  const [name, message] = [textOf(row, 'Name'), textOf(row, 'Data')]
  const isException = textOf(row, 'Row') === 'exception'
  const told = isException
    ? [['exception.type', name] as const, ['exception.message', message] as const]
    : []
  return {
    name: isException ? 'exception' : name,
    time: timeIn(row),
    attributes: new Map([...told.filter(([, value]) => value !== ''), ...properties]),
    droppedAttributesCount: 0,
  }
}

function linksOf(text: AttributeValue | undefined): readonly SpanLink[] {
  const json = typeof text === 'string' ? jsonOf(text) : []
  if (typeof json !== 'object' || json === null || !isArray(json)) return []
  return json.filter(isObject).flatMap(({ operation_Id, id }) => {
    const traceId = typeof operation_Id === 'string' ? parseTraceId(operation_Id) : undefined
    const spanId = typeof id === 'string' ? parseSpanId(id) : undefined
    if (traceId === undefined || spanId === undefined) return []
    const rest = { traceState: '', attributes: new Map(), droppedAttributesCount: 0, flags: 0 }
    return [{ traceId, spanId, ...rest }]
  })
}

/** The members of a JSON object; none of an empty text. */
function membersOf(text: string): readonly (readonly [string, AttributeValue])[] {
  const json = text === '' ? {} : jsonOf(text)
  if (!isObject(json)) return []
  return Object.entries(json).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, valueOf(value)] as const],
  )
}

function jsonOf(text: string): Json {
  try {
    return parseJsonDocuments(text)[0] ?? null
  } catch (cause) {
    throw new Fault('SOURCE_INVALID', 'Azure Monitor answered with properties that are no JSON', {
      cause,
    })
  }
}

function valueOf(json: Json): AttributeValue {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json
  if (isObject(json)) return new Map(membersOf(JSON.stringify(json, withBigints)))
  return typeof json === 'object' && json !== null && isArray(json) ? json.map(valueOf) : json
}

function withBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

function spanIdIn(row: Row): SpanId {
  const id = parseSpanId(textOf(row, 'Id'))
  if (id === undefined) throw invalid('a span whose id is of another form than the W3C’s')
  return id
}

function durationIn(row: Row): bigint {
  const millis = Number(row.get('DurationMs') ?? 0)
  if (!(millis >= 0 && millis < 1e12)) throw invalid('a duration that is no number of milliseconds')
  return BigInt(Math.round(millis * 1e6))
}

/** `format_datetime` has seven digits of a second. */
function timeIn(row: Row): Nanos {
  const [, seconds = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{7})$/.exec(textOf(row, 'Start')) ?? []
  const millis = Date.parse(`${seconds}Z`)
  if (Number.isNaN(millis)) throw invalid('a time of another form')
  return nanosOf(BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0')))
}

function countIn(row: Row, name: string): number {
  const count = Number(row.get(name) ?? 0)
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}

/** A text; empty for null and all else. */
export function textOf(row: Row, name: string): string {
  const value = row.get(name)
  return typeof value === 'string' ? value : ''
}

function invalid(what: string): Fault {
  return new Fault('SOURCE_INVALID', `Azure Monitor answered with ${what}`)
}
