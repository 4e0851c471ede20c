import { parseSpanId, parseTraceId } from '../trace/ids.ts'
import type { Losses } from '../trace/losses.ts'
import { runAttribute } from '../trace/run-attribute.ts'
import type { Attributes, Span, SpanKind, StatusCode } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

// The tables of the OpenTelemetry Collector's exporter:
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.161.0/exporter/clickhouseexporter/internal/sqltemplates/traces_table.sql
// filled by exporter_traces.go beside it; before v0.92 kinds and codes were those of `SpanKindStr` and `StatusCodeStr`
// (SPAN_KIND_SERVER, STATUS_CODE_ERROR), durations Int64, and before v0.79 the scope stood among the attributes of the span:
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.70.0/exporter/clickhouseexporter/exporter_traces.go

/** Every value is a text (`AttributesToMap`), and what has no column is gone. */
export const clickHouseLosses: Losses = {
  nameCase: false,
  grainNanos: 1,
  types: 'all',
  scopeAttributes: true,
  resourceLevel: false,
  eventAttributes: false,
  links: 'kept',
  flags: true,
  droppedCounts: true,
  internalKind: false,
  statusMessage: false,
}

/** What a column of an answer is in SQL; numbers of 64 bits come as texts. */
type Columns = Readonly<Record<string, string>>

/** Enough to tell a trace in one line. */
export const summaryColumns: Columns = {
  traceId: 'TraceId',
  spanId: 'SpanId',
  parentId: 'ParentSpanId',
  name: 'toString(SpanName)',
  service: 'toString(ServiceName)',
  start: 'toString(toUnixTimestamp64Nano(Timestamp))',
  duration: 'toString(toInt64(Duration))',
  status: 'toString(StatusCode)',
  run: `ResourceAttributes['${runAttribute}']`,
}

/** What filters on attributes need beside. */
export const attributeColumns: Columns = {
  attributes: 'SpanAttributes',
  resource: 'ResourceAttributes',
}

/** All that there is. */
export const spanColumns: Columns = {
  ...summaryColumns,
  ...attributeColumns,
  traceState: 'TraceState',
  kind: 'toString(SpanKind)',
  message: 'StatusMessage',
  eventTimes: 'arrayMap(at -> toString(toUnixTimestamp64Nano(at)), Events.Timestamp)',
  eventNames: 'Events.Name',
  eventAttributes: 'Events.Attributes',
  linkTraces: 'Links.TraceId',
  linkSpans: 'Links.SpanId',
  linkStates: 'Links.TraceState',
  linkAttributes: 'Links.Attributes',
}

/** Where the table has the scope in columns of its own. */
export const scopeColumns: Columns = { scopeName: 'ScopeName', scopeVersion: 'ScopeVersion' }

const kinds: ReadonlyMap<string, SpanKind> = new Map([
  ['Internal', 'internal'],
  ['Server', 'server'],
  ['Client', 'client'],
  ['Producer', 'producer'],
  ['Consumer', 'consumer'],
  ['SPAN_KIND_INTERNAL', 'internal'],
  ['SPAN_KIND_SERVER', 'server'],
  ['SPAN_KIND_CLIENT', 'client'],
  ['SPAN_KIND_PRODUCER', 'producer'],
  ['SPAN_KIND_CONSUMER', 'consumer'],
])

/** Both ways to write a status. */
export const statusCodes: Readonly<Record<StatusCode, readonly string[]>> = {
  ok: ['Ok', 'STATUS_CODE_OK'],
  error: ['Error', 'STATUS_CODE_ERROR'],
  unset: ['Unset', 'STATUS_CODE_UNSET', ''],
}

/** A row of an answer, as JSON holds it. */
export type ClickHouseRow = Readonly<Record<string, unknown>>

/** The span of a row with any of the columns above; undefined when it has no valid ids or times. */
export function spanOfRow(row: ClickHouseRow): Span | undefined {
  const traceId = parseTraceId(textOf(row, 'traceId'))
  const spanId = parseSpanId(textOf(row, 'spanId'))
  const [start, duration] = [nanosIn(row['start']), nanosIn(row['duration'])]
  if (traceId === undefined || spanId === undefined) return undefined
  if (start === undefined || duration === undefined) return undefined
  const { attributes, scope } = scopeApart(attributesIn(row['attributes']), row)
  return {
    traceId,
    spanId,
    parentSpanId: parseSpanId(textOf(row, 'parentId')),
    traceState: textOf(row, 'traceState'),
    flags: 0,
    name: textOf(row, 'name'),
    kind: kinds.get(textOf(row, 'kind')) ?? 'unspecified',
    start,
    end: nanosOf(start + duration),
    attributes,
    droppedAttributesCount: 0,
    events: eventsIn(row),
    droppedEventsCount: 0,
    links: linksIn(row),
    droppedLinksCount: 0,
    status: { code: statusIn(textOf(row, 'status')), message: textOf(row, 'message') },
    resource: {
      attributes: row['resource'] === undefined ? serviceAlone(row) : attributesIn(row['resource']),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope,
  }
}

function statusIn(text: string): StatusCode {
  if (statusCodes.error.includes(text)) return 'error'
  return statusCodes.ok.includes(text) ? 'ok' : 'unset'
}

/** Of a row that has no resource: what a summary tells of it. */
function serviceAlone(row: ClickHouseRow): Attributes {
  const known = [
    ['service.name', textOf(row, 'service')],
    [runAttribute, textOf(row, 'run')],
  ] as const
  return new Map(known.filter(([, value]) => value !== ''))
}

const scopeNames = [
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
]

/** The scope from its columns; where there are none, from the attributes that stand for it. */
function scopeApart(all: Attributes, row: ClickHouseRow): Pick<Span, 'attributes' | 'scope'> {
  const inColumns = row['scopeName'] !== undefined
  const old = (part: string): string =>
    [`otel.scope.${part}`, `otel.library.${part}`]
      .map((name) => all.get(name))
      .find((value) => typeof value === 'string') ?? ''
  return {
    attributes: inColumns ? all : new Map([...all].filter(([name]) => !scopeNames.includes(name))),
    scope: {
      name: inColumns ? textOf(row, 'scopeName') : old('name'),
      version: inColumns ? textOf(row, 'scopeVersion') : old('version'),
      attributes: new Map(),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  }
}

function eventsIn(row: ClickHouseRow): Span['events'] {
  const [names, attributes] = [listIn(row['eventNames']), listIn(row['eventAttributes'])]
  return listIn(row['eventTimes']).map((time, at) => ({
    name: textIn(names[at]),
    time: nanosIn(time) ?? nanosOf(0n),
    attributes: attributesIn(attributes[at]),
    droppedAttributesCount: 0,
  }))
}

function linksIn(row: ClickHouseRow): Span['links'] {
  const [spans, states] = [listIn(row['linkSpans']), listIn(row['linkStates'])]
  const attributes = listIn(row['linkAttributes'])
  return listIn(row['linkTraces']).flatMap((trace, at) => {
    const [traceId, spanId] = [parseTraceId(textIn(trace)), parseSpanId(textIn(spans[at]))]
    if (traceId === undefined || spanId === undefined) return []
    return {
      traceId,
      spanId,
      traceState: textIn(states[at]),
      attributes: attributesIn(attributes[at]),
      droppedAttributesCount: 0,
      flags: 0,
    }
  })
}

function attributesIn(value: unknown): Attributes {
  if (typeof value !== 'object' || value === null) return new Map()
  return new Map(Object.entries(value).map(([name, text]) => [name, textIn(text)]))
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(row: ClickHouseRow, column: string): string {
  return textIn(row[column])
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function nanosIn(value: unknown): Nanos | undefined {
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value)
    ? nanosOf(BigInt(value))
    : undefined
}
