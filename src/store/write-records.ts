import type { DatabaseSync } from 'node:sqlite'
import { checkMessage } from '../otlp/check.ts'
import { countDataPoints, scanRequest } from '../otlp/scan.ts'
import { logRecord, metric } from '../otlp/schema.ts'
import { groupKeeper } from './groups.ts'
import type { WriteRequest } from './write-spans.ts'

/** Prepares the writing of log records. */
export function logWriter(database: DatabaseSync): WriteRequest {
  const insert = database.prepare('INSERT OR IGNORE INTO logs (scope, bytes) VALUES (?, ?)')
  return recordWriter(database, (record, scope) => {
    checkMessage(record, logRecord)
    insert.run(scope, record)
    return 1
  })
}

/** Prepares the writing of metrics; they are counted by their data points. */
export function metricWriter(database: DatabaseSync): WriteRequest {
  const insert = database.prepare('INSERT OR IGNORE INTO metrics (scope, bytes) VALUES (?, ?)')
  return recordWriter(database, (record, scope) => {
    checkMessage(record, metric)
    insert.run(scope, record)
    return countDataPoints(record, 0, record.length)
  })
}

function recordWriter(
  database: DatabaseSync,
  keep: (record: Buffer, scope: number) => number,
): WriteRequest {
  const keepGroups = groupKeeper(database)
  return (request, run) => {
    let stored = 0
    for (const { id, items } of keepGroups(scanRequest(request), run)) {
      for (let item = 0; item < items.length; item += 2) {
        stored += keep(request.subarray(items[item], items[item + 1]), id)
      }
    }
    return { stored, rejected: 0, message: '' }
  }
}
