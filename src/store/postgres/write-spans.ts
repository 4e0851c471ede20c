import { bigintOf, bytesOf, damaged } from '../row.ts'
import type { Ask } from './database.ts'
import type { Writing } from './groups.ts'
import type { SpanBatch, SpanRow } from './span-batch.ts'

export interface SpanWriting extends Writing {
  readonly batch: SpanBatch
  /** The ids of the scope groups. */
  readonly scopes: readonly bigint[]
}

/** Keeps the spans of a request; one that is there already is a retry. */
export async function keepSpans(ask: Ask, writing: SpanWriting): Promise<void> {
  const { batch, scopes, request } = writing
  if (batch.spans.length === 0) return
  const numbers = await keepTraces(ask, writing)
  const spans = batch.spans
  const column = <T>(value: (span: SpanRow) => T): T[] => spans.map(value)
  await ask(addSpans, [
    request,
    column(({ trace }) => numbers.get(trace) ?? damaged('trace')),
    column(({ scope }) => scopes[scope] ?? damaged('scope')),
    Buffer.concat(column(({ digest }) => digest)),
    column(({ isError }) => isError),
    column(({ start }) => start),
    column(({ duration }) => duration),
    column(({ nameAt }) => nameAt),
    column(({ nameLength }) => nameLength),
    column(({ at }) => at),
    column(({ length }) => length),
  ])
}

/** The rows of traces are taken in the order of their ids by all writers, and held until the end of the transaction. */
async function keepTraces(
  ask: Ask,
  { project, run, batch }: SpanWriting,
): Promise<ReadonlyMap<string, bigint>> {
  const starts = new Map<string, bigint>()
  for (const { trace, start } of batch.spans) {
    const before = starts.get(trace)
    if (before === undefined || start < before) starts.set(trace, start)
  }
  const inOrder = [...starts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const rows = await ask(
    `INSERT INTO tracespec.traces (project, run, trace_id, start, spans, bytes)
     SELECT $1::text, $2::text, trace_id, start, 0, 0
     FROM unnest($3::bytea[], $4::bigint[]) AS seen (trace_id, start)
     ON CONFLICT (project, trace_id, run) DO UPDATE SET start = least(traces.start, excluded.start)
     RETURNING number, trace_id`,
    [
      project,
      run,
      inOrder.map(([id]) => Buffer.from(id, 'hex')),
      inOrder.map(([, start]) => start),
    ],
  )
  const entries = rows.map((row) => {
    const id = Buffer.from(bytesOf(row, 'trace_id')).toString('hex')
    return [id, bigintOf(row, 'number')] as const
  })
  return new Map(entries)
}

const addSpans = `
  WITH added AS (
    INSERT INTO tracespec.spans
      (trace, scope, digest, is_error, start, duration, name, bytes)
    SELECT trace, scope, substring($4::bytea FROM (position * 16 - 15)::integer FOR 16), is_error,
      start, duration, substring($1::bytea FROM name_at + 1 FOR name_length),
      substring($1::bytea FROM at + 1 FOR length)
    FROM unnest($2::bigint[], $3::bigint[], $5::boolean[], $6::bigint[], $7::bigint[],
      $8::integer[], $9::integer[], $10::integer[], $11::integer[]) WITH ORDINALITY
      AS span (trace, scope, is_error, start, duration, name_at, name_length, at, length, position)
    ON CONFLICT DO NOTHING
    RETURNING trace, length(bytes) AS size
  ), counted AS (
    SELECT trace, count(*) AS spans, sum(size) AS bytes FROM added GROUP BY trace
  )
  UPDATE tracespec.traces SET spans = traces.spans + counted.spans,
    bytes = traces.bytes + counted.bytes
  FROM counted WHERE traces.number = counted.trace`
