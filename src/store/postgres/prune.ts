import { numberOf, textOf } from '../row.ts'
import type { Limits } from '../prune.ts'
import { only, type Ask, type Database } from './database.ts'
import type { Owner } from './owner.ts'

/** Runs that never finished count as given up after so long. */
const GIVEN_UP_NANOS = 7n * 24n * 3600n * 1_000_000_000n
const MOST_AT_ONCE = 50

/**
 * Deletes runs of the project until both limits hold, at most some at once. Starred runs go last, before them those that failed and
 * the last one of each command that passed; among equals first those of the place that has most, so that one who runs often
 * takes no other's. One process does it at a time, the others go on, and no run that is being written to is touched.
 */
export async function prune(
  database: Database,
  { project, place }: Owner,
  limits: Limits & { readonly now: bigint },
): Promise<void> {
  await database.write(async (ask) => {
    const [locked] = await ask(
      'SELECT 1 WHERE pg_try_advisory_xact_lock(hashtextextended($1, 0))',
      [JSON.stringify(['tracespec prune', project])],
    )
    if (locked === undefined) return
    const sizes = only(await ask(sizesOf, [project]), 'runs')
    let excess = numberOf(sizes, 'runs') - limits.maxRuns
    let bytes = numberOf(sizes, 'bytes')
    if (excess <= 0 && bytes <= limits.maxBytes) return
    const newest = await newestOf(ask, { project, place })
    const candidates = await ask(byWorth, [
      project,
      newest,
      limits.now - GIVEN_UP_NANOS,
      MOST_AT_ONCE,
    ])
    for (const row of candidates) {
      if (excess <= 0 && bytes <= limits.maxBytes) return
      const freed = await deleteRun(ask, project, textOf(row, 'id'))
      if (freed === undefined) continue
      excess -= 1
      bytes -= freed
    }
  })
}

const sizesOf = `
  SELECT (SELECT count(*) FROM tracespec.runs WHERE project = $1) AS runs,
    (SELECT coalesce(sum(bytes), 0)::bigint FROM tracespec.traces WHERE project = $1) AS bytes`

async function newestOf(ask: Ask, { project, place }: Owner): Promise<string> {
  const [row] = await ask(
    `SELECT id FROM tracespec.runs WHERE project = $1 AND place = $2
     ORDER BY started_at DESC, id DESC LIMIT 1`,
    [project, place],
  )
  return row === undefined ? '' : textOf(row, 'id')
}

const byWorth = `
  SELECT id FROM (
    SELECT id, place, starred, status, ended_at, started_at,
      status = 'pass' AND row_number() OVER (PARTITION BY command, cwd, status ORDER BY started_at DESC) > 1
        AS is_superseded,
      row_number() OVER (PARTITION BY place ORDER BY started_at DESC, id DESC) AS rank
    FROM tracespec.runs WHERE project = $1
  ) AS run
  WHERE id <> $2 AND (ended_at IS NOT NULL OR started_at < $3)
  ORDER BY starred, coalesce(is_superseded, false) DESC, rank DESC, started_at, id LIMIT $4`

/** Answers the bytes of its spans; undefined when somebody else is at it. */
async function deleteRun(ask: Ask, project: string, id: string): Promise<number | undefined> {
  const run = [project, id] as const
  const [locked] = await ask(
    'SELECT 1 FROM tracespec.runs WHERE project = $1 AND id = $2 FOR UPDATE SKIP LOCKED',
    run,
  )
  if (locked === undefined) return undefined
  const deleted = await ask(
    `WITH gone AS (
       DELETE FROM tracespec.traces WHERE project = $1 AND run = $2 RETURNING number, bytes
     ), spans AS (
       DELETE FROM tracespec.spans WHERE trace IN (SELECT number FROM gone)
     ) SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM gone`,
    run,
  )
  for (const statement of [
    `DELETE FROM tracespec.logs WHERE scope IN (${scopes})`,
    `DELETE FROM tracespec.metrics WHERE scope IN (${scopes})`,
    `DELETE FROM tracespec.scopes WHERE id IN (${scopes})`,
    'DELETE FROM tracespec.resources WHERE project = $1 AND run = $2',
    'DELETE FROM tracespec.request_fields WHERE project = $1 AND run = $2',
    'DELETE FROM tracespec.runs WHERE project = $1 AND id = $2',
  ]) {
    await ask(statement, run)
  }
  return numberOf(only(deleted, 'bytes'), 'bytes')
}

const scopes = `SELECT c.id FROM tracespec.scopes c JOIN tracespec.resources r ON r.id = c.resource
  WHERE r.project = $1 AND r.run = $2`
