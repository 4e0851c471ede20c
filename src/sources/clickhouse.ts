import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import { runAttribute } from '../trace/run-attribute.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import { connectTo, type AskRows } from './clickhouse-client.ts'
import {
  attributeColumns,
  clickHouseLosses,
  scopeColumns,
  spanColumns,
  spanOfRow,
  summaryColumns,
  type ClickHouseRow,
} from './clickhouse-columns.ts'
import { all, isExact, spanConditions, type Bound } from './clickhouse-conditions.ts'
import { durationsAt } from './clickhouse-durations.ts'
import { tableOf, type Table } from './clickhouse-table.ts'
import type { Endpoint } from './endpoint.ts'
import { chosen, placeOf } from './found-traces.ts'
import { shownUrl } from './http-faults.ts'

export interface ClickHouseOptions {
  /** The server's own for the user when not given. */
  readonly database?: string | undefined
  /** `otel_traces` when not given. */
  readonly table?: string | undefined
}

/**
 * Traces in ClickHouse as the OpenTelemetry Collector's exporter writes them, in tables of both generations. A Fault UNSUPPORTED for
 * its tables with columns of type JSON.
 */
export function openClickHouse(
  endpoint: Endpoint,
  { database, table = 'otel_traces' }: ClickHouseOptions = {},
): TraceSource & Disposable {
  const connection = connectTo(endpoint, database)
  const { ask } = connection
  let known: Table | undefined
  const reading = async (signal: AbortSignal | undefined): Promise<Reading> => {
    known ??= await tableOf(table, ask, signal)
    return { ask, endpoint, table: known, signal }
  }
  return {
    capabilities: {
      kind: 'clickhouse',
      losses: clickHouseLosses,
      pushesDown: ['service', 'operation', 'time', 'duration', 'status', 'attributes'],
      needsService: false,
    },
    trace: async (id, signal) => readTrace(id, await reading(signal)),
    search: async (query, signal) => search(query, await reading(signal)),
    durations: async (query, ranksOf, signal) => durationsAt(query, ranksOf, await reading(signal)),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  }
}

interface Reading {
  readonly ask: AskRows
  readonly endpoint: Endpoint
  readonly table: Table
  readonly signal: AbortSignal | undefined
}

/** Where the exporter keeps when each trace was, only that time is looked through; an hour more, for the view may be younger. */
async function readTrace(id: TraceId, reading: Reading): Promise<SourceTrace | undefined> {
  const { ask, table, signal } = reading
  const columns = table.hasScope ? { ...spanColumns, ...scopeColumns } : spanColumns
  const ofTrace: Bound = { sql: 'TraceId = {trace:String}', values: { trace: id } }
  const when = table.hasTimes ? await timesOf(id, reading) : undefined
  const where = all([ofTrace, ...(when === undefined ? [] : [when])])
  const rows = await ask(select(columns, table, { ...where, sql: `WHERE ${where.sql}` }), signal)
  const spans = spansOf(rows, reading)
  return spans.length === 0 ? undefined : { spans, losses: clickHouseLosses, cut: undefined }
}

async function timesOf(id: TraceId, { ask, table, signal }: Reading): Promise<Bound | undefined> {
  const [row] = await ask(
    {
      sql: `SELECT toString(toUnixTimestamp(min(Start))) AS first, toString(toUnixTimestamp(max(End))) AS last
            FROM {times:Identifier} WHERE TraceId = {trace:String} HAVING count() > 0`,
      values: { times: `${table.name}_trace_id_ts`, trace: id },
    },
    signal,
  )
  if (row === undefined) return undefined
  return {
    sql: `Timestamp >= toDateTime({first:Int64}) - INTERVAL 1 HOUR
          AND Timestamp <= toDateTime({last:Int64}) + INTERVAL 1 HOUR`,
    values: { first: row['first'], last: row['last'] },
  }
}

/** More than this are not fetched to choose from here. */
const CHOICE = 200

/** The newest traces that may match, of which one line is told and, where attributes are asked for, what decides is read here. */
async function search(query: TraceQuery, reading: Reading): Promise<TraceSearchAnswer> {
  const { ask, table, signal } = reading
  const exact = isExact(query)
  const most = query.limit + (exact ? 1 : CHOICE)
  const where = tracesWhere(query)
  const columns = exact ? summaryColumns : { ...summaryColumns, ...attributeColumns }
  const { sql, values } = newest(query, { where, most, table })
  const ofThem = { sql: `WHERE TraceId IN (SELECT traceId FROM (${sql}))`, values }
  const rows = await ask(select(columns, table, ofThem), signal)
  const candidates = [...Map.groupBy(spansOf(rows, reading), (span) => span.traceId)]
  const answer = chosen(
    candidates.map(([traceId, spans]) => ({ traceId, spans })),
    query,
    { ...(exact && { matches: () => true }), given: givenBy(query, candidates.length === most) },
  )
  if (!exact) return answer
  const [counted] = await ask(count(where, table), signal)
  return { ...answer, total: Number(counted?.['total']), cutAt: undefined }
}

function givenBy(query: TraceQuery, isFull: boolean): 'all' | 'rest' | 'part' {
  if (isFull) return 'part'
  return query.cursor === undefined ? 'all' : 'rest'
}

/** The traces of which one span may match. */
function tracesWhere(query: TraceQuery): Bound {
  const spans = spanConditions(query)
  const { runId } = query
  const ofRun: readonly Bound[] =
    runId === undefined
      ? []
      : [
          {
            sql: `TraceId IN (SELECT TraceId FROM {table:Identifier}
                  WHERE ResourceAttributes['${runAttribute}'] = {run:String})`,
            values: { run: runId },
          },
        ]
  return all([spans, ...ofRun])
}

interface Newest {
  readonly where: Bound
  readonly most: number
  readonly table: Table
}

/** By the start of the whole trace, of which not all spans need to match. */
function newest(query: TraceQuery, { where, most, table }: Newest): Bound {
  const after = query.cursor === undefined ? undefined : placeOf(query.cursor)
  return {
    sql: `SELECT TraceId AS traceId
          FROM {table:Identifier}
          WHERE TraceId IN (SELECT TraceId FROM {table:Identifier} WHERE ${where.sql})
          GROUP BY TraceId
          ${after === undefined ? '' : `HAVING (-min(toUnixTimestamp64Nano(Timestamp)), TraceId) > (-{start:Int64}, {after:String})`}
          ORDER BY min(Timestamp) DESC, TraceId LIMIT {most:UInt32}`,
    values: {
      ...where.values,
      table: table.name,
      most,
      ...(after !== undefined && { start: String(after.start), after: after.traceId }),
    },
  }
}

function count(where: Bound, table: Table): Bound {
  return {
    sql: `SELECT toString(uniqExact(TraceId)) AS total FROM {table:Identifier} WHERE ${where.sql}`,
    values: { ...where.values, table: table.name },
  }
}

function select(columns: Readonly<Record<string, string>>, { name }: Table, rest: Bound): Bound {
  const list = Object.entries(columns).map(([column, sql]) => `${sql} AS ${column}`)
  return {
    sql: `SELECT ${list.join(', ')} FROM {table:Identifier} ${rest.sql}`,
    values: { ...rest.values, table: name },
  }
}

/** The exporter may send a batch again, so that equal rows are one span. A Fault for a row that is none. */
function spansOf(rows: readonly ClickHouseRow[], { endpoint }: Reading): readonly Span[] {
  const seen = new Set<string>()
  return rows.flatMap((row) => {
    const text = JSON.stringify(row)
    if (seen.has(text)) return []
    seen.add(text)
    const span = spanOfRow(row)
    if (span !== undefined) return span
    throw new Fault('SOURCE_INVALID', `${shownUrl(endpoint.url)} has a span without valid ids`, {
      hint: 'is the table one of the OpenTelemetry exporter?',
    })
  })
}
