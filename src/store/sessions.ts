import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../trace/fault.ts'
import type { SessionRecord, SessionStore } from '../trace/ports.ts'
import { nanosOf } from '../trace/time.ts'
import { inTransaction } from './database.ts'
import type { Immediate } from './immediate.ts'
import { iterationTable } from './iterations.ts'
import { bigintOf, optional, type Row, textOf, textsOf } from './row.ts'

/** Sessions beyond so many are forgotten when a new one begins, the oldest first. */
export const MAX_SESSIONS = 200

/** Prepares the tables of sessions and their runs. */
export function sessionTable(database: DatabaseSync): Immediate<SessionStore> {
  const add = database.prepare(
    'INSERT INTO sessions (id, goal, specs, project, started_at) VALUES (?, ?, ?, ?, ?)',
  )
  const end = database.prepare('UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL')
  const select = (rest: string): ReturnType<DatabaseSync['prepare']> => {
    const statement = database.prepare(`SELECT * FROM sessions ${rest}`)
    statement.setReadBigInts(true)
    return statement
  }
  const open = select('WHERE ended_at IS NULL')
  const byId = select('WHERE id = ?')
  const newest = select('ORDER BY started_at DESC, id DESC LIMIT ?')
  const openSession = (): SessionRecord | undefined => sessionOf(open.get())
  const { forget, ...iterations } = iterationTable(database)
  return {
    ...iterations,
    startSession: ({ endsOpen, ...session }) =>
      inTransaction(database, () => {
        const { id, goal, specs, project, startedAt } = session
        const already = openSession()
        if (already !== undefined && !endsOpen) return already
        if (already !== undefined) end.run(startedAt, already.id)
        add.run(id, goal ?? null, JSON.stringify(specs), project, startedAt)
        forgetOldest(database, forget)
        return { ...session, endedAt: undefined }
      }),
    endSession(id, endedAt) {
      if (Number(end.run(endedAt, id).changes) === 0) {
        throw new Fault('USAGE', `there is no open session ${id}`)
      }
    },
    openSession,
    session: (id) => sessionOf(byId.get(id)),
    sessions: (limit) => newest.all(limit).flatMap((row) => sessionOf(row) ?? []),
  }
}

/** A row of `sessions`. */
export function sessionOf(row: Row | undefined): SessionRecord | undefined {
  if (row === undefined) return undefined
  const endedAt = optional(bigintOf, row, 'ended_at')
  return {
    id: textOf(row, 'id'),
    goal: optional(textOf, row, 'goal'),
    specs: textsOf(row, 'specs'),
    project: textOf(row, 'project'),
    startedAt: nanosOf(bigintOf(row, 'started_at')),
    endedAt: endedAt === undefined ? undefined : nanosOf(endedAt),
  }
}

function forgetOldest(database: DatabaseSync, forget: (id: string) => void): void {
  const old = database
    .prepare('SELECT id FROM sessions ORDER BY started_at DESC, id DESC LIMIT -1 OFFSET ?')
    .all(MAX_SESSIONS)
  const remove = database.prepare('DELETE FROM sessions WHERE id = ? AND ended_at IS NOT NULL')
  for (const row of old) {
    const id = textOf(row, 'id')
    if (Number(remove.run(id).changes) > 0) forget(id)
  }
}
