import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openClickHouse } from '../../src/sources/clickhouse.ts'
import { clickHouseLosses } from '../../src/sources/clickhouse-columns.ts'
import { textOf } from '../../src/trace/canonical.ts'
import type { TraceSource } from '../../src/trace/source.ts'
import type { Attributes, Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { comparable } from '../conformance/sources/comparable.ts'
import { describeSource } from '../conformance/sources/suite.ts'
import { resource, span, traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { endpointOf, urlOf } from './servers.ts'

// The rows of these tables are written here, after the exporter's source; only the newest tables have rows of the exporter itself.

interface Generation {
  readonly name: string
  readonly ddl: string
  readonly row: (span: Span) => object
  /** With the exporter's table of when each trace was. */
  readonly hasTimes: boolean
}

const nested = `
  Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)),
  Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String))`
const engine = `ENGINE MergeTree() PARTITION BY toDate(Timestamp)
  ORDER BY (ServiceName, SpanName, toUnixTimestamp(Timestamp), TraceId)`

const generations: readonly Generation[] = [
  {
    // https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.70.0/exporter/clickhouseexporter/exporter_traces.go
    name: 'v0.70, without columns of the scope',
    ddl: `Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
      SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
      ResourceAttributes Map(LowCardinality(String), String), SpanAttributes Map(LowCardinality(String), String),
      Duration Int64, StatusCode LowCardinality(String), StatusMessage String, ${nested}`,
    row: (one) => {
      const { ScopeName: name, ScopeVersion: version, SpanAttributes: own, ...rest } = rowOf(one)
      const scope = { 'otel.scope.name': name, 'otel.scope.version': version }
      return { ...rest, ...spelled(one), SpanAttributes: { ...own, ...scope } }
    },
    hasTimes: false,
  },
  {
    // https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.88.0/exporter/clickhouseexporter/exporter_traces.go
    name: 'v0.88, with old kinds and columns of the scope',
    ddl: `Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
      SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
      ResourceAttributes Map(LowCardinality(String), String), ScopeName String, ScopeVersion String,
      SpanAttributes Map(LowCardinality(String), String), Duration Int64, StatusCode LowCardinality(String),
      StatusMessage String, ${nested}`,
    row: (one) => ({ ...rowOf(one), ...spelled(one) }),
    hasTimes: true,
  },
]

function spelled({ kind, status }: Span): object {
  return {
    SpanKind: `SPAN_KIND_${kind.toUpperCase()}`,
    StatusCode: `STATUS_CODE_${status.code.toUpperCase()}`,
  }
}

const time = (nanos: bigint): string =>
  `${nanos / 10n ** 9n}.${String(nanos % 10n ** 9n).padStart(9, '0')}`
const texts = (attributes: Attributes): object =>
  Object.fromEntries([...attributes].map(([name, value]) => [name, textOf(value) ?? '[]']))

function rowOf(one: Span): Readonly<Record<string, unknown>> & { readonly SpanAttributes: object } {
  return {
    Timestamp: time(one.start),
    TraceId: one.traceId,
    SpanId: one.spanId,
    ParentSpanId: one.parentSpanId ?? '',
    TraceState: one.traceState,
    SpanName: one.name,
    ServiceName: one.resource.attributes.get('service.name') ?? '',
    ResourceAttributes: texts(one.resource.attributes),
    ScopeName: one.scope.name,
    ScopeVersion: one.scope.version,
    SpanAttributes: texts(one.attributes),
    Duration: String(one.end - one.start),
    StatusMessage: one.status.message,
    'Events.Timestamp': one.events.map((event) => time(event.time)),
    'Events.Name': one.events.map((event) => event.name),
    'Events.Attributes': one.events.map((event) => texts(event.attributes)),
    'Links.TraceId': one.links.map((link) => link.traceId),
    'Links.SpanId': one.links.map((link) => link.spanId),
    'Links.TraceState': one.links.map((link) => link.traceState),
    'Links.Attributes': one.links.map((link) => texts(link.attributes)),
  }
}

async function query(sql: string, rows = ''): Promise<void> {
  const url = urlOf('CLICKHOUSE_URL')
  url.searchParams.set('query', sql)
  const answer = await fetch(url, { method: 'POST', body: rows })
  if (!answer.ok) throw new Error(await answer.text())
}

interface Made extends AsyncDisposable {
  readonly source: TraceSource
  readonly write: (spans: readonly Span[]) => Promise<void>
}

async function made({ ddl, row, hasTimes }: Generation): Promise<Made> {
  const database = `tracespec_${randomBytes(6).toString('hex')}`
  await query(`CREATE DATABASE ${database}`)
  await query(`CREATE TABLE ${database}.spans (${ddl}) ${engine}`)
  if (hasTimes) {
    await query(`CREATE TABLE ${database}.spans_trace_id_ts
      (TraceId String, Start DateTime64(9), End DateTime64(9)) ENGINE MergeTree() ORDER BY (TraceId)`)
    await query(`CREATE MATERIALIZED VIEW ${database}.spans_trace_id_ts_mv TO ${database}.spans_trace_id_ts
      AS SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM ${database}.spans
      WHERE TraceId != '' GROUP BY TraceId`)
  }
  const source = openClickHouse(endpointOf('CLICKHOUSE_URL'), { database, table: 'spans' })
  return {
    source,
    write: (spans) =>
      query(
        `INSERT INTO ${database}.spans FORMAT JSONEachRow`,
        spans.map((one) => JSON.stringify(row(one))).join('\n'),
      ),
    async [Symbol.asyncDispose]() {
      source[Symbol.dispose]()
      await query(`DROP DATABASE ${database}`)
    },
  }
}

for (const generation of generations) {
  describeSource(`ClickHouse, tables of the exporter ${generation.name}`, () => made(generation))
}

const second = 1_000_000_000n
const start = nanosOf(1_787_000_000n * second)
const sent: readonly Span[] = [
  { ...span({ id: 1, name: 'GET /a', kind: 'server' }), start, end: nanosOf(start + 7n) },
  {
    ...span({ id: 2, parent: 1, name: 'query', kind: 'client', resource: resource('cart') }),
    start: nanosOf(start + 1n),
    end: nanosOf(start - 1n),
    status: { code: 'error', message: 'lost' },
    attributes: new Map([['n', '7']]),
  },
]

test.for(generations)(
  '$name: spans are read exactly, a batch that came twice once',
  async (generation) => {
    verifies('P-22')
    await using subject = await made(generation)
    await subject.write(sent)
    await subject.write(sent)
    const read = await subject.source.trace(traceId(1))
    const losses = clickHouseLosses
    expect(comparable(read?.spans ?? [], { losses, sent })).toEqual(
      comparable(sent, { losses, sent }),
    )
    const { items, total } = await subject.source.search({ status: 'error', limit: 1 })
    expect([items.map(({ spans, errors }) => [spans, errors]), total]).toEqual([[[2, 1]], 1])
  },
)

test('a table of when traces were that has no row for one does not hide it', async () => {
  const [, withTimes = generations[0]] = generations
  if (withTimes === undefined) throw new Error('no generation')
  await using subject = await made({ ...withTimes, hasTimes: false })
  await subject.write(sent)
  expect((await subject.source.trace(traceId(1)))?.spans).toHaveLength(2)
})

test('tables with attributes of type JSON, of others and none at all are told apart', async () => {
  const database = `tracespec_${randomBytes(6).toString('hex')}`
  await query(`CREATE DATABASE ${database}`)
  try {
    const [old] = generations
    const json = old?.ddl.replace(
      /(\w+Attributes) Map\(LowCardinality\(String\), String\)/g,
      '$1 JSON',
    )
    await query(`CREATE TABLE ${database}.json (${json}) ${engine}`)
    await query(`CREATE TABLE ${database}.other (a String) ENGINE MergeTree() ORDER BY a`)
    const faults = ['json', 'other', 'none'].map(async (table) => {
      using source = openClickHouse(endpointOf('CLICKHOUSE_URL'), { database, table })
      return await source.trace(traceId(1)).catch((cause: unknown) => cause)
    })
    expect(await Promise.all(faults)).toEqual([
      expect.objectContaining({ name: 'Fault', code: 'UNSUPPORTED' }),
      expect.objectContaining({ name: 'Fault', code: 'SOURCE_INVALID' }),
      expect.objectContaining({ name: 'Fault', code: 'SOURCE_INVALID' }),
    ])
  } finally {
    await query(`DROP DATABASE ${database}`)
  }
})

test('an unknown database and a name that is SQL are Faults without the question', async () => {
  const asked = (options: object): Promise<unknown> => {
    const source = openClickHouse(endpointOf('CLICKHOUSE_URL'), options)
    return source.trace(traceId(1)).catch((cause: unknown) => cause)
  }
  const faults = await Promise.all([
    asked({ database: 'there_is_none' }),
    asked({ database: 'otel', table: "x' OR 1=1 --" }),
  ])
  expect(faults).toEqual([
    expect.objectContaining({ code: 'SOURCE_INVALID', message: expect.stringContaining('81') }),
    expect.objectContaining({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('no table'),
    }),
  ])
})
