import { Fault } from '../../trace/fault.ts'
import type { SessionRecord, SessionStore } from '../../trace/ports.ts'
import { MAX_SESSIONS, sessionOf } from '../sessions.ts'
import type { Ask, Database } from './database.ts'
import { iterationTable } from './iterations.ts'
import type { Owner } from './owner.ts'

const columns = 'id, goal, specs, folder AS project, started_at, ended_at'

/** The tables of sessions and their runs: by id of the whole project, the list and the open one of one place. */
export function sessionTable(database: Database, owner: Owner): SessionStore {
  const { ask } = database
  const ours = [owner.project, owner.place]
  const openSession = async (asking: Ask): Promise<SessionRecord | undefined> => {
    const [row] = await asking(
      `SELECT ${columns} FROM tracespec.sessions
       WHERE project = $1 AND place = $2 AND ended_at IS NULL`,
      ours,
    )
    return sessionOf(row)
  }
  return {
    ...iterationTable(database, owner),
    startSession: ({ endsOpen, ...session }) =>
      database.write(async (asking) => {
        const { id, goal, specs, project: folder, startedAt } = session
        // of several that begin at once one is first, and the others see it
        await asking('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName(owner)])
        const already = await openSession(asking)
        if (already !== undefined && (already.id === id || !endsOpen)) return already
        if (already !== undefined) await end(asking, { ...owner, id: already.id, startedAt })
        await asking(
          `INSERT INTO tracespec.sessions (project, place, id, goal, specs, folder, started_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          [...ours, id, goal ?? null, JSON.stringify(specs), folder, startedAt],
        )
        await forgetOldest(asking, ours)
        return { ...session, endedAt: undefined }
      }),
    async endSession(id, endedAt) {
      const ended = await end(ask, { ...owner, id, startedAt: endedAt })
      if (!ended) throw new Fault('USAGE', `there is no open session ${id}`)
    },
    openSession: () => openSession(ask),
    async session(id) {
      const [row] = await ask(
        `SELECT ${columns} FROM tracespec.sessions WHERE project = $1 AND id = $2`,
        [owner.project, id],
      )
      return sessionOf(row)
    },
    async sessions(limit) {
      const rows = await ask(
        `SELECT ${columns} FROM tracespec.sessions WHERE project = $1 AND place = $2
         ORDER BY started_at DESC, id DESC LIMIT $3`,
        [...ours, limit],
      )
      return rows.flatMap((row) => sessionOf(row) ?? [])
    },
  }
}

function lockName({ project, place }: Owner): string {
  return JSON.stringify(['tracespec session', project, place])
}

interface End extends Owner {
  readonly id: string
  readonly startedAt: bigint
}

async function end(ask: Ask, { project, place, id, startedAt }: End): Promise<boolean> {
  const ended = await ask(
    `UPDATE tracespec.sessions SET ended_at = $4
     WHERE project = $1 AND place = $2 AND id = $3 AND ended_at IS NULL RETURNING id`,
    [project, place, id, startedAt],
  )
  return ended.length > 0
}

async function forgetOldest(ask: Ask, ours: readonly string[]): Promise<void> {
  await ask(
    `DELETE FROM tracespec.sessions WHERE project = $1 AND place = $2 AND ended_at IS NOT NULL
     AND id IN (SELECT id FROM tracespec.sessions WHERE project = $1 AND place = $2
       ORDER BY started_at DESC, id DESC OFFSET $3)`,
    [...ours, MAX_SESSIONS],
  )
}
