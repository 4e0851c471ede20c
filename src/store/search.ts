import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { parseTraceId } from '../trace/ids.ts'
import { spanMatches, summaryOf, type TraceQuery, type CountedAnswer } from '../trace/query.ts'
import type { Span } from '../trace/span.ts'
import type { SpanReader } from './read-spans.ts'
import { bytesOf, numberOf, textOf } from './row.ts'
import { idsPerTrace } from './tables.ts'

/** Prepares the search: columns by SQL, attributes by decoding the traces that are left. */
export function searcher(
  database: DatabaseSync,
  reader: SpanReader,
): (query: TraceQuery) => CountedAnswer {
  return (query) => {
    const { sql, values } = statementOf(query)
    const rows = database
      .prepare(sql)
      .all(...values)
      .map((row) => ({ number: numberOf(row, 'number'), run: textOf(row, 'run'), row }))
    const found = rows.filter(({ number }) => holds(query, () => reader.ofNumber(number)))
    const items = found.slice(0, query.limit).map(({ number, run, row }) => {
      const traceId = parseTraceId(Buffer.from(bytesOf(row, 'trace_id')).toString('hex'))
      if (traceId === undefined) throw new RangeError('a kept trace without a valid id')
      return summaryOf(reader.ofNumber(number), { traceId, runId: run === '' ? undefined : run })
    })
    return { items, total: found.length, cursor: undefined, cutAt: undefined }
  }
}

/** The traces of which one span meets all conditions on columns, newest first. */
function statementOf(query: TraceQuery): {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
} {
  const ofSpan: readonly (readonly [string, SQLInputValue | undefined])[] = [
    ['r.service = ?', query.service],
    ['s.name = ?', query.operation],
    ['s.start >= ?', query.from],
    ['s.start <= ?', query.to],
    ['s.duration >= ?', query.minDuration],
    ['s.duration <= ?', query.maxDuration],
    ['s.is_error = ?', query.status === 'error' ? 1 : undefined],
  ]
  const used = ofSpan.flatMap(([condition, value]) =>
    value === undefined ? [] : [{ condition, value }],
  )
  const ofRun = query.runId === undefined ? [] : [query.runId]
  const sql = `
    SELECT t.number, t.run, t.trace_id FROM traces t
    WHERE ${ofRun.length > 0 ? 't.run = ? AND' : ''} EXISTS (
      SELECT 1 FROM spans s JOIN scopes c ON c.id = s.scope JOIN resources r ON r.id = c.resource
      WHERE s.id BETWEEN t.number * ${idsPerTrace} AND (t.number + 1) * ${idsPerTrace} - 1
      ${used.map(({ condition }) => `AND ${condition}`).join(' ')}
    )
    ORDER BY t.start DESC, t.trace_id, t.number`
  return { sql, values: [...ofRun, ...used.map(({ value }) => value)] }
}

/** Whether one span meets the whole query; only asked for what the columns do not tell. */
function holds(query: TraceQuery, spans: () => readonly Span[]): boolean {
  const { attributes = [], status } = query
  if (attributes.length === 0 && (status === undefined || status === 'error')) return true
  return spans().some((span) => spanMatches(query, span))
}
