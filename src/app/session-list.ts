import type { SessionStore } from '../trace/ports.ts'
import type { SessionList } from '../verify/session.ts'
import { historyOf } from './session-history.ts'
import { iterationsOf } from './session-iteration.ts'
import { sessionFacts, sessionStatus } from './session-progress.ts'

/** More are not kept. */
const MOST = 200

/** The sessions of a project, newest first; none while it has no store. */
export async function sessionListOf(
  store: SessionStore | undefined,
  limit: number,
): Promise<SessionList> {
  const sessions = (await store?.sessions(MOST)) ?? []
  const told = sessions.slice(0, limit).map(async (session) => {
    const iterations = store === undefined ? [] : await iterationsOf(session, store)
    return {
      ...sessionFacts(session),
      status: sessionStatus(session, historyOf(iterations)),
      iterations: iterations.at(-1)?.ordinal ?? 0,
    }
  })
  const items = await Promise.all(told)
  const omitted = sessions.length - items.length
  return {
    schema: 'tracespec.sessions/1',
    sessions: {
      items,
      shown: items.length,
      omitted,
      total: sessions.length,
      how: omitted === 0 ? null : `--limit ${sessions.length} shows all`,
    },
  }
}
