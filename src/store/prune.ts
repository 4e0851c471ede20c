import type { DatabaseSync } from 'node:sqlite'
import { numberOf, textOf } from './row.ts'
import { idsPerTrace } from './tables.ts'

export interface Limits {
  readonly maxRuns: number
  readonly maxBytes: number
}

/**
 * Deletes finished runs until both limits hold, oldest first: starred runs last, before them those that failed and the last
 * one of each command that passed, which later verdicts refer to. The newest run stays.
 */
export function prune(database: DatabaseSync, limits: Limits): void {
  const candidates = database
    .prepare(byWorth)
    .all()
    .map((row) => textOf(row, 'id'))
  const count = numberOf(database.prepare('SELECT count(*) AS runs FROM runs').get() ?? {}, 'runs')
  let excess = count - limits.maxRuns
  for (const id of candidates) {
    if (excess <= 0 && bytesOf(database) <= limits.maxBytes) return
    deleteRun(database, id)
    excess -= 1
  }
}

const byWorth = `
  SELECT id FROM runs r
  WHERE ended_at IS NOT NULL AND id <> (SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT 1)
  ORDER BY starred, status <> 'pass' OR NOT EXISTS (
    SELECT 1 FROM runs later WHERE later.command = r.command AND later.cwd = r.cwd
    AND later.status = 'pass' AND later.started_at > r.started_at
  ), started_at, id`

/** What is in use of the file; freed pages are written again before it grows. */
function bytesOf(database: DatabaseSync): number {
  const read = (name: string): number =>
    numberOf(database.prepare(`PRAGMA ${name}`).get() ?? {}, name)
  return (read('page_count') - read('freelist_count')) * read('page_size')
}

function deleteRun(database: DatabaseSync, id: string): void {
  const scopes = 'SELECT c.id FROM scopes c JOIN resources r ON r.id = c.resource WHERE r.run = ?'
  const numbers = database.prepare('SELECT number FROM traces WHERE run = ?').all(id)
  const deleteSpans = database.prepare('DELETE FROM spans WHERE id BETWEEN ? AND ?')
  for (const row of numbers) {
    const first = numberOf(row, 'number') * idsPerTrace
    deleteSpans.run(first, first + idsPerTrace - 1)
  }
  for (const statement of [
    `DELETE FROM logs WHERE scope IN (${scopes})`,
    `DELETE FROM metrics WHERE scope IN (${scopes})`,
    `DELETE FROM scopes WHERE id IN (${scopes})`,
    'DELETE FROM resources WHERE run = ?',
    'DELETE FROM request_fields WHERE run = ?',
    'DELETE FROM traces WHERE run = ?',
    'DELETE FROM runs WHERE id = ?',
  ]) {
    database.prepare(statement).run(id)
  }
}
