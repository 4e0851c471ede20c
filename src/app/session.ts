import { nearest } from '../spec/suggest.ts'
import { Fault } from '../trace/fault.ts'
import type { SessionRecord, SessionStore } from '../trace/ports.ts'

/** Begins a session. A Fault while another one is open: every run would belong to both. */
export function startSession(
  session: Omit<SessionRecord, 'endedAt'>,
  store: SessionStore,
): SessionRecord {
  const open = store.startSession(session)
  if (open.id === session.id) return open
  const goal = open.goal === undefined ? '' : ` (${open.goal})`
  throw new Fault('USAGE', `session ${open.id}${goal} is open in this project`, {
    hint: 'go on with it, or end it first: tracespec session end (an agent: end_open)',
  })
}

/** The session that is named, else the open one, else the last. A Fault when there is none. */
export function chooseSession(
  named: string | undefined,
  store: SessionStore | undefined,
): SessionRecord {
  if (named !== undefined) return findSession(named, store)
  const [last] = store?.sessions(1) ?? []
  const found = store?.openSession() ?? last
  if (found !== undefined) return found
  throw new Fault('SESSION_NOT_FOUND', 'this project has no session yet', { hint: START })
}

const START = 'start one with: tracespec session start --goal TEXT'

/** The session that runs join: the one that is named, which must be open, else the open one if there is any. */
export function sessionToJoin(
  named: string | undefined,
  store: SessionStore | undefined,
): SessionRecord | undefined {
  if (named === undefined) return store?.openSession()
  const session = findSession(named, store)
  if (session.endedAt === undefined) return session
  throw new Fault('SESSION_NOT_FOUND', `session ${named} has ended`, { hint: START })
}

/** Ends the open session. A Fault when none is. */
export function endSession(
  store: SessionStore | undefined,
  endedAt: SessionRecord['startedAt'],
): SessionRecord {
  const open = store?.openSession()
  if (store === undefined || open === undefined) {
    throw new Fault('SESSION_NOT_FOUND', 'no session is open in this project', { hint: START })
  }
  store.endSession(open.id, endedAt)
  return { ...open, endedAt }
}

function findSession(id: string, store: SessionStore | undefined): SessionRecord {
  const session = store?.session(id)
  if (session !== undefined) return session
  const ids = store?.sessions(200).map((other) => other.id) ?? []
  const near = nearest(id, ids)
  const message = `there is no session ${id}`
  if (near === undefined) throw new Fault('SESSION_NOT_FOUND', message)
  throw new Fault('SESSION_NOT_FOUND', message, { hint: `did you mean ${near}?` })
}
