import type { SessionStore } from '../trace/ports.ts'
import type { SessionList } from '../verify/session.ts'
import { historyOf } from './session-history.ts'
import { iterationsOf } from './session-iteration.ts'
import { sessionFacts, sessionStatus } from './session-progress.ts'

/** More are not kept. */
const MOST = 200

/** The sessions of a project, newest first; none while it has no store. */
export function sessionListOf(store: SessionStore | undefined, limit: number): SessionList {
  const sessions = store?.sessions(MOST) ?? []
  const items = sessions.slice(0, limit).map((session) => {
    const iterations = store === undefined ? [] : iterationsOf(session, store)
    return {
      ...sessionFacts(session),
      status: sessionStatus(session, historyOf(iterations)),
      iterations: iterations.at(-1)?.ordinal ?? 0,
    }
  })
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
