import type { DatabaseSync } from 'node:sqlite'
import { parseTraceId } from '../trace/ids.ts'
import { spanMatches, summaryOf, type CountedAnswer, type TraceQuery } from '../trace/query.ts'
import { inSnapshot } from './database.ts'
import { columnsDecide, isAfter, pageOf, placeOf, within64Bits, type FoundTrace } from './found.ts'
import type { Condition, SpanReader } from './read-spans.ts'
import { bigintOf, bytesOf, damaged, numberOf, textOf, type Row } from './row.ts'
import { idsPerTrace } from './tables.ts'

/** Prepares the search: columns by SQL, all else by decoding the spans that are left, one at a time. */
export function searcher(
  database: DatabaseSync,
  reader: SpanReader,
): (query: TraceQuery) => CountedAnswer {
  return (query) =>
    inSnapshot(database, () => {
      const search = columnsDecide(query) ? byColumns : byContent
      const { found, total } = search(query, { database, reader })
      const { shown, cursor } = pageOf(found, query.limit)
      const items = shown.map(({ number, traceId, run }) =>
        summaryOf(reader.ofNumber(number), { traceId, runId: run === '' ? undefined : run }),
      )
      return { items, total, cursor, cutAt: undefined }
    })
}

interface Kept {
  readonly database: DatabaseSync
  readonly reader: SpanReader
}

/** In order, one more than is asked for when there are more. */
interface Found {
  readonly found: readonly FoundTrace[]
  readonly total: number
}

function byColumns(query: TraceQuery, { database }: Kept): Found {
  const { sql, values } = tracesWhere(query)
  const place = placeOf(query)
  const after =
    place === undefined
      ? []
      : [place.start, place.start, Buffer.from(place.traceId, 'hex'), place.number]
  const page = database.prepare(
    `SELECT t.* ${sql} ${place === undefined ? '' : afterPlace} ${inOrder} LIMIT ?`,
  )
  page.setReadBigInts(true)
  const found = page.all(...values, ...after, query.limit + 1).map(foundOf)
  const count = database.prepare(`SELECT count(*) AS total ${sql}`).get(...values) ?? {}
  return { found, total: numberOf(count, 'total') }
}

const afterPlace = 'AND (t.start < ? OR (t.start = ? AND (t.trace_id, t.number) > (?, ?)))'
const inOrder = 'ORDER BY t.start DESC, t.trace_id, t.number'

function byContent(query: TraceQuery, { database, reader }: Kept): Found {
  const { sql, values } = tracesWhere(query)
  const place = placeOf(query)
  const spansOf = reader.where(spansWhere(query))
  const candidates = database.prepare(`SELECT t.* ${sql} ${inOrder}`)
  candidates.setReadBigInts(true)
  const found: FoundTrace[] = []
  let total = 0
  for (const row of candidates.iterate(...values)) {
    const trace = foundOf(row)
    if (!spansOf(trace.number).some((span) => spanMatches(query, span))) continue
    total += 1
    if (found.length > query.limit || (place !== undefined && !isAfter(trace, place))) continue
    found.push(trace)
  }
  return { found, total }
}

function foundOf(row: Row): FoundTrace {
  const traceId = parseTraceId(Buffer.from(bytesOf(row, 'trace_id')).toString('hex'))
  return {
    start: bigintOf(row, 'start'),
    traceId: traceId ?? damaged('trace_id'),
    number: bigintOf(row, 'number'),
    run: textOf(row, 'run'),
  }
}

/** The traces of which one span meets all conditions on columns. */
function tracesWhere(query: TraceQuery): Condition {
  const { runId, to } = query
  const ofTrace: readonly Condition[] = [
    ...(runId === undefined ? [] : [{ sql: 't.run = ?', values: [runId] }]),
    // its first span starts no later than the one that is asked for
    ...(to === undefined ? [] : [{ sql: 't.start <= ?', values: [within64Bits(to)] }]),
  ]
  const ofSpan = spansWhere(query)
  const exists = `EXISTS (
    SELECT 1 FROM spans s JOIN scopes c ON c.id = s.scope JOIN resources r ON r.id = c.resource
    WHERE s.id BETWEEN t.number * ${idsPerTrace} AND (t.number + 1) * ${idsPerTrace} - 1 AND ${ofSpan.sql})`
  const all = [...ofTrace, ...(ofSpan.sql === anySpan ? [] : [{ ...ofSpan, sql: exists }])]
  return {
    sql: `FROM traces t WHERE ${['true', ...all.map(({ sql }) => sql)].join(' AND ')}`,
    values: all.flatMap(({ values }) => values),
  }
}

const anySpan = 'true'

/** What the columns of a span, its scope and its resource tell of a query; an attribute must at least be named in them. */
function spansWhere(query: TraceQuery): Condition {
  const { service, operation, from, to, minDuration, maxDuration, status, attributes } = query
  const conditions: readonly Condition[] = [
    ...(service === undefined ? [] : [{ sql: 'r.service = ?', values: [service] }]),
    ...(operation === undefined ? [] : [{ sql: 's.name = ?', values: [operation] }]),
    ...bound('s.start >= ?', from),
    ...bound('s.start <= ?', to),
    ...bound('s.duration >= ?', minDuration),
    ...bound('s.duration <= ?', maxDuration),
    ...(status === undefined
      ? []
      : [{ sql: 's.is_error = ?', values: [status === 'error' ? 1 : 0] }]),
    ...(attributes ?? []).map(({ name }) => {
      const bytes = Buffer.from(name)
      const sql = '(instr(s.bytes, ?) > 0 OR instr(c.bytes, ?) > 0 OR instr(r.bytes, ?) > 0)'
      return { sql, values: [bytes, bytes, bytes] }
    }),
  ]
  return {
    sql: conditions.length === 0 ? anySpan : conditions.map(({ sql }) => sql).join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  }
}

function bound(sql: string, value: bigint | undefined): readonly Condition[] {
  return value === undefined ? [] : [{ sql, values: [within64Bits(value)] }]
}
