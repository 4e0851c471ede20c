import { Fault } from '../trace/fault.ts'
import type { DurationQuery, DurationsAt } from '../trace/source.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { AskRows } from './clickhouse-client.ts'
import type { ClickHouseRow } from './clickhouse-columns.ts'
import { all, spanConditions, type Bound } from './clickhouse-conditions.ts'
import type { Table } from './clickhouse-table.ts'

interface Measuring {
  readonly ask: AskRows
  readonly table: Table
  readonly signal: AbortSignal | undefined
}

const ATTEMPTS = 3

/** The engine counts, then sorts; both until no trace came in between. */
export async function durationsAt(
  query: DurationQuery,
  ranksOf: (traces: number) => readonly number[],
  { ask, table, signal }: Measuring,
): Promise<DurationsAt> {
  const longest = longestSpans(query, table)
  let traces = numberIn((await ask(counted(longest), signal))[0], 'traces')
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const ranks = ranksOf(traces).filter((rank) => rank >= 1 && rank <= traces)
    const [row] = await ask(sorted(longest, ranks), signal)
    if (numberIn(row, 'traces') === traces) {
      return { traces, withSeveral: numberIn(row, 'several'), at: durationsIn(row, ranks) }
    }
    traces = numberIn(row, 'traces')
  }
  throw new Fault('SOURCE_UNAVAILABLE', 'traces come faster than ClickHouse measures them', {
    hint: 'name a time at which to end',
  })
}

/** The exporter may send a batch again, so that equal rows are one span. */
function longestSpans({ from, to, ...names }: DurationQuery, { name }: Table): Bound {
  const spans = spanConditions({ ...names, limit: 1 })
  const window = spanConditions({
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    limit: 1,
  })
  const inWindow: Bound =
    from === undefined && to === undefined
      ? window
      : {
          sql: `TraceId IN (SELECT TraceId FROM {table:Identifier} WHERE ${window.sql})`,
          values: window.values,
        }
  const where = all([spans, inWindow])
  return {
    sql: `SELECT max(toInt64(Duration)) AS longest, uniqExact(SpanId, ParentSpanId, Timestamp, Duration, SpanKind) AS spans
          FROM {table:Identifier} WHERE ${where.sql} GROUP BY TraceId`,
    values: { ...where.values, table: name },
  }
}

function counted({ sql, values }: Bound): Bound {
  return { sql: `SELECT toString(count()) AS traces FROM (${sql})`, values }
}

function sorted({ sql, values }: Bound, ranks: readonly number[]): Bound {
  return {
    sql: `SELECT toString(length(sorted)) AS traces, toString(several) AS several,
          arrayMap(rank -> toString(sorted[rank]), {ranks:Array(UInt64)}) AS durations
          FROM (SELECT arraySort(groupArray(longest)) AS sorted, countIf(spans > 1) AS several FROM (${sql}))`,
    values: { ...values, ranks },
  }
}

function durationsIn(
  row: ClickHouseRow | undefined,
  ranks: readonly number[],
): ReadonlyMap<number, Nanos> {
  const durations: readonly unknown[] = Array.isArray(row?.['durations']) ? row['durations'] : []
  return new Map(ranks.map((rank, at) => [rank, nanosOf(wholeOf(durations[at]))]))
}

function numberIn(row: ClickHouseRow | undefined, column: string): number {
  return Number(wholeOf(row?.[column]))
}

function wholeOf(value: unknown): bigint {
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value)
  throw new Fault('SOURCE_INVALID', 'ClickHouse answered with something else than durations')
}
