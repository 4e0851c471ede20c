import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { parseTraceId } from '../trace/ids.ts'
import type { TraceQuery, TraceSearchAnswer, TraceSummary } from '../trace/ports.ts'
import { type AttributeValue, serviceName, type Span } from '../trace/span.ts'
import { nanosOf } from '../trace/time.ts'
import { buildTrace } from '../trace/tree.ts'
import type { SpanReader } from './read-spans.ts'
import { bytesOf, numberOf, textOf } from './row.ts'
import { idsPerTrace } from './tables.ts'

/** Prepares the search: columns by SQL, attributes by decoding the traces that are left. */
export function searcher(
  database: DatabaseSync,
  reader: SpanReader,
): (query: TraceQuery) => TraceSearchAnswer {
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
      return summaryOf({ traceId, run, spans: reader.ofNumber(number) })
    })
    return { items, total: found.length }
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
    ['s.is_error = ?', query.errors === undefined ? undefined : Number(query.errors)],
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

/** Whether one span meets the whole query; only asked where attributes are, for columns tell the rest. */
function holds(query: TraceQuery, spans: () => readonly Span[]): boolean {
  const { attributes } = query
  if (attributes === undefined || attributes.length === 0) return true
  return spans().some(
    (span) =>
      (query.service === undefined || serviceName(span) === query.service) &&
      (query.operation === undefined || span.name === query.operation) &&
      (query.from === undefined || span.start >= query.from) &&
      (query.to === undefined || span.start <= query.to) &&
      (query.minDuration === undefined || span.end - span.start >= query.minDuration) &&
      (query.errors === undefined || (span.status.code === 'error') === query.errors) &&
      attributes.every(({ name, value }) => textOfValue(attributeOf(span, name)) === value),
  )
}

/** Looked up in the span, then its scope, then its resource. */
function attributeOf(span: Span, name: string): AttributeValue | undefined {
  const owners = [span.attributes, span.scope.attributes, span.resource.attributes]
  return owners.find((attributes) => attributes.has(name))?.get(name)
}

function textOfValue(value: AttributeValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined
  return String(value)
}

interface Found {
  readonly traceId: TraceSummary['traceId']
  readonly run: string
  readonly spans: readonly Span[]
}

function summaryOf({ traceId, run, spans }: Found): TraceSummary {
  const trace = buildTrace(spans)
  const root = trace.spans[trace.roots[0] ?? 0]
  const start = trace.spans[0]?.start ?? nanosOf(0n)
  const end = trace.spans.reduce((latest, span) => (span.end > latest ? span.end : latest), start)
  return {
    traceId,
    rootName: root?.name ?? '',
    rootService: root === undefined ? '' : serviceName(root),
    start,
    duration: nanosOf(end - start),
    spans: trace.spans.length,
    errors: trace.spans.filter((span) => span.status.code === 'error').length,
    services: [...new Set(trace.spans.map(serviceName))].toSorted(),
    runId: run === '' ? undefined : run,
  }
}
