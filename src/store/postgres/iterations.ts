import type { IterationRecord, NewIteration, SessionStore } from '../../trace/ports.ts'
import { checkOf, codeColumns, iterationOf, specOf } from '../iterations.ts'
import { numberOf } from '../row.ts'
import { only, type Ask, type Database } from './database.ts'
import type { Owner } from './owner.ts'

type IterationTable = Pick<SessionStore, 'addIteration' | 'iterations' | 'setTokens'>

/** The tables of what the runs of sessions came to. */
export function iterationTable(database: Database, { project }: Owner): IterationTable {
  return {
    addIteration: (sessionId, iteration) =>
      database.write(async (ask) => {
        const session = [project, sessionId] as const
        // those of one session are numbered one after the other
        await ask(
          'SELECT 1 FROM tracespec.sessions WHERE project = $1 AND id = $2 FOR UPDATE',
          session,
        )
        const [before] = await ask(
          'SELECT ordinal FROM tracespec.iterations WHERE project = $1 AND run = $2',
          [project, iteration.runId],
        )
        if (before !== undefined) return numberOf(before, 'ordinal')
        const next = await ask(
          `SELECT coalesce(max(ordinal), 0) + 1 AS ordinal FROM tracespec.iterations
           WHERE project = $1 AND session = $2`,
          session,
        )
        const ordinal = numberOf(only(next, 'ordinal'), 'ordinal')
        await add(ask, [...session, ordinal], iteration)
        return ordinal
      }),
    iterations: (sessionId, limit) =>
      database.read((ask) => newest(ask, [project, sessionId], limit)),
    async setTokens(runId, tokens) {
      await database.ask(
        'UPDATE tracespec.iterations SET tokens = $3 WHERE project = $1 AND run = $2',
        [project, runId, tokens],
      )
    },
  }
}

type Key = readonly [project: string, session: string, ordinal: number]

async function add(ask: Ask, key: Key, iteration: NewIteration): Promise<void> {
  const { runId, command, cwd, options, code, status, startedAt, durationMs } = iteration
  await ask(
    `INSERT INTO tracespec.iterations (project, session, ordinal, run, command, cwd, options,
     has_code, commit_id, dirty, dirty_total, digest, status, started_at, duration_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      ...key,
      runId,
      JSON.stringify(command),
      cwd,
      JSON.stringify(options),
      ...codeColumns(code),
      status,
      startedAt,
      durationMs,
    ],
  )
  const { specs, checks } = iteration
  await ask(
    `INSERT INTO tracespec.iteration_specs
     SELECT $1::text, $2::text, $3::integer, * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      ...key,
      specs.map(({ name }) => name),
      specs.map(({ path }) => path),
      specs.map(({ sha256 }) => sha256),
      specs.map((spec) => spec.status),
    ],
  )
  await ask(
    `INSERT INTO tracespec.iteration_checks
     SELECT $1::text, $2::text, $3::integer, position - 1, spec, subject, condition, state, label, place
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
     WITH ORDINALITY AS checks (spec, subject, condition, state, label, place, position)`,
    [
      ...key,
      checks.map(({ spec }) => spec),
      checks.map(({ subject }) => subject),
      checks.map(({ condition }) => condition),
      checks.map(({ state }) => state),
      checks.map(({ label }) => label),
      checks.map(({ at }) => at),
    ],
  )
}

async function newest(
  ask: Ask,
  session: readonly [project: string, id: string],
  limit: number,
): Promise<readonly IterationRecord[]> {
  const rows = await ask(
    `SELECT * FROM tracespec.iterations WHERE project = $1 AND session = $2
           ORDER BY ordinal DESC LIMIT $3`,
    [...session, limit],
  )
  const first = rows.at(-1)
  if (first === undefined) return []
  const from = [...session, numberOf(first, 'ordinal')] as const
  const where = 'WHERE project = $1 AND session = $2 AND ordinal >= $3'
  const specs = await ask(
    `SELECT * FROM tracespec.iteration_specs ${where} ORDER BY ordinal, path COLLATE "C"`,
    from,
  )
  const checks = await ask(
    `SELECT * FROM tracespec.iteration_checks ${where} ORDER BY ordinal, position`,
    from,
  )
  const specsOf = Map.groupBy(specs, (row) => numberOf(row, 'ordinal'))
  const checksOf = Map.groupBy(checks, (row) => numberOf(row, 'ordinal'))
  return rows.toReversed().map((row) => {
    const ordinal = numberOf(row, 'ordinal')
    return {
      ...iterationOf(row, ordinal),
      specs: (specsOf.get(ordinal) ?? []).map(specOf),
      checks: (checksOf.get(ordinal) ?? []).map(checkOf),
    }
  })
}
