import { Fault } from '../trace/fault.ts'
import type { AskRows } from './clickhouse-client.ts'

/** A table of spans, as its columns tell. */
export interface Table {
  readonly name: string
  /** The scope has columns of its own. */
  readonly hasScope: boolean
  /** Beside it stands when each trace was. */
  readonly hasTimes: boolean
}

const needed = [
  'Timestamp',
  'TraceId',
  'SpanId',
  'SpanName',
  'ResourceAttributes',
  'SpanAttributes',
  'Duration',
]

/** Looks the table up. A Fault SOURCE_INVALID when it is not there or another's, UNSUPPORTED for attributes of type JSON. */
export async function tableOf(
  name: string,
  ask: AskRows,
  signal: AbortSignal | undefined,
): Promise<Table> {
  const rows = await ask(
    {
      sql: `SELECT table, name, type FROM system.columns
            WHERE database = currentDatabase() AND table IN {tables:Array(String)}`,
      values: { tables: [name, `${name}_trace_id_ts`] },
    },
    signal,
  )
  const of = Map.groupBy(rows, (row) => String(row['table']))
  const types = new Map(
    (of.get(name) ?? []).map((row) => [String(row['name']), String(row['type'])]),
  )
  if (types.size === 0) {
    throw new Fault('SOURCE_INVALID', `ClickHouse has no table ${name} in this database`, {
      hint: 'name the database that the OpenTelemetry exporter writes to, as database: otel of the backend',
    })
  }
  const missing = needed.filter((column) => !types.has(column))
  if (missing.length > 0) {
    throw new Fault('SOURCE_INVALID', `the table ${name} has no column ${missing.join(', ')}`, {
      hint: 'read are the tables of the OpenTelemetry exporter',
    })
  }
  if (!types.get('SpanAttributes')?.startsWith('Map(')) {
    throw new Fault(
      'UNSUPPORTED',
      `the table ${name} keeps attributes as ${types.get('SpanAttributes') ?? ''}`,
      {
        hint: 'read are the tables that the exporter writes with json: false',
      },
    )
  }
  return { name, hasScope: types.has('ScopeName'), hasTimes: of.has(`${name}_trace_id_ts`) }
}
