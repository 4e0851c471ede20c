import { Fault } from '../../trace/fault.ts'
import type { RunStore } from '../../trace/ports.ts'
import { evidenceText, recordOf } from '../runs.ts'
import type { Database } from './database.ts'
import type { Owner } from './owner.ts'

export type RunTable = Pick<RunStore, 'begin' | 'finish' | 'run' | 'runs' | 'lastPassing'> & {
  /** Keeps a run when others are pruned, or no longer. */
  star(id: string, isStarred: boolean): Promise<void>
}

const columns =
  'id, command, cwd, started_at, ended_at, exit_code, signal, evidence, status, exercised, result'

/** The table of runs: by id of the whole project, the list of one place. */
export function runTable({ ask }: Pick<Database, 'ask'>, { project, place }: Owner): RunTable {
  return {
    async begin({ id, command, cwd, startedAt }) {
      await ask(
        `INSERT INTO tracespec.runs (project, place, id, command, cwd, started_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [project, place, id, JSON.stringify(command), cwd, startedAt],
      )
    },
    async finish(id, run) {
      const [changed] = await ask(
        `UPDATE tracespec.runs SET ended_at = $3, exit_code = $4, signal = $5, evidence = $6,
         status = $7, exercised = $8, result = $9 WHERE project = $1 AND id = $2 RETURNING id`,
        [
          project,
          id,
          run.endedAt,
          run.exitCode ?? null,
          run.signal ?? null,
          evidenceText(run.evidence),
          run.status,
          JSON.stringify(run.exercised),
          run.resultJson,
        ],
      )
      if (changed === undefined) throw new Fault('STORE_UNAVAILABLE', `no run ${id} to finish`)
    },
    async run(id) {
      const [row] = await ask(
        `SELECT ${columns} FROM tracespec.runs WHERE project = $1 AND id = $2`,
        [project, id],
      )
      return row === undefined ? undefined : recordOf(row)
    },
    async runs(limit) {
      const rows = await ask(
        `SELECT ${columns} FROM tracespec.runs WHERE project = $1 AND place = $2
         ORDER BY started_at DESC, id DESC LIMIT $3`,
        [project, place, limit],
      )
      return rows.map(recordOf)
    },
    async lastPassing(command, cwd) {
      const [row] = await ask(
        `SELECT ${columns} FROM tracespec.runs WHERE project = $1 AND status = 'pass'
         AND md5(command) = md5($2) AND command = $2 AND cwd = $3
         ORDER BY started_at DESC, id DESC LIMIT 1`,
        [project, JSON.stringify(command), cwd],
      )
      return row === undefined ? undefined : recordOf(row)
    },
    async star(id, isStarred) {
      await ask('UPDATE tracespec.runs SET starred = $3 WHERE project = $1 AND id = $2', [
        project,
        id,
        isStarred ? 1 : 0,
      ])
    },
  }
}
