import { checkMessage } from '../../otlp/check.ts'
import { countDataPoints, scanRequest } from '../../otlp/scan.ts'
import { logRecord, metric } from '../../otlp/schema.ts'
import type { Accepted, Signal, TelemetrySink } from '../../trace/ports.ts'
import type { Database } from './database.ts'
import { digestOf, keepGroups, lockRun, type Writing } from './groups.ts'
import type { Owner } from './owner.ts'
import { spanBatch } from './span-batch.ts'
import { keepSpans } from './write-spans.ts'

/**
 * Prepares the writing of requests. What can be read of one is read before the transaction, which then sends the request once and
 * takes it apart in the server.
 */
export function writer(database: Database, { project }: Owner): TelemetrySink['write'] {
  return (signal, protobuf, runId) => {
    const { buffer, byteOffset, byteLength } = protobuf
    const request = Buffer.from(buffer, byteOffset, byteLength)
    return writers[signal](database, { project, run: runId ?? '', request })
  }
}

type Write = (database: Database, writing: Writing) => Promise<Accepted>

const writers: Readonly<Record<Signal, Write>> = {
  traces: writeTraces,
  logs: (database, writing) =>
    writeRecords(database, { ...writing, table: 'logs', count: countRecord }),
  metrics: (database, writing) =>
    writeRecords(database, { ...writing, table: 'metrics', count: countMetric }),
}

async function writeTraces(database: Database, writing: Writing): Promise<Accepted> {
  const envelope = scanRequest(writing.request)
  const batch = spanBatch(writing.request, envelope)
  await database.write(async (ask) => {
    await lockRun(ask, writing)
    const scopes = await keepGroups(ask, envelope, writing)
    await keepSpans(ask, { ...writing, batch, scopes })
  })
  const { rejected } = batch
  const message = rejected === 0 ? '' : `${rejected} spans have no valid ids and are not kept`
  return { stored: batch.spans.length, rejected, message }
}

interface RecordWriting extends Writing {
  readonly table: 'logs' | 'metrics'
  /** What one record counts for; a Fault TRACE_INVALID when it is none. */
  readonly count: (record: Buffer) => number
}

async function writeRecords(database: Database, writing: RecordWriting): Promise<Accepted> {
  const { request, table, count } = writing
  const envelope = scanRequest(request)
  const scopes = envelope.groups.flatMap((group) =>
    group.scopes.filter(({ items }) => items.length > 0),
  )
  const records = scopes.flatMap(({ items }, scope) =>
    Array.from({ length: items.length / 2 }, (_, item) => {
      const [start = 0, end = 0] = items.slice(item * 2)
      const bytes = request.subarray(start, end)
      return { scope, start, length: end - start, digest: digestOf(bytes), counts: count(bytes) }
    }),
  )
  const sorted = records.toSorted((a, b) => a.digest.compare(b.digest))
  await database.write(async (ask) => {
    await lockRun(ask, writing)
    const ids = await keepGroups(ask, envelope, writing)
    await ask(
      `INSERT INTO tracespec.${table} (scope, digest, bytes)
       SELECT scope, digest, substring($1::bytea FROM start + 1 FOR length)
       FROM unnest($2::bigint[], $3::bytea[], $4::integer[], $5::integer[])
       AS record (scope, digest, start, length) ON CONFLICT DO NOTHING`,
      [
        request,
        sorted.map(({ scope }) => ids[scope] ?? 0n),
        sorted.map(({ digest }) => digest),
        sorted.map(({ start }) => start),
        sorted.map(({ length }) => length),
      ],
    )
  })
  const stored = records.reduce((sum, { counts }) => sum + counts, 0)
  return { stored, rejected: 0, message: '' }
}

function countRecord(record: Buffer): number {
  checkMessage(record, logRecord)
  return 1
}

function countMetric(record: Buffer): number {
  checkMessage(record, metric)
  return countDataPoints(record, 0, record.length)
}
