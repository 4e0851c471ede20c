import { nearest } from '../spec/suggest.ts'
import { Fault } from '../trace/fault.ts'
import type { NewSession, SessionRecord, SessionStore } from '../trace/ports.ts'

/** Begins a session. A Fault while another one is open that it does not end: every run would belong to both. */
export async function startSession(
  session: NewSession,
  store: SessionStore,
): Promise<SessionRecord> {
  const open = await store.startSession(session)
  if (open.id === session.id) return open
  const goal = open.goal === undefined ? '' : ` (${open.goal})`
  throw new Fault('USAGE', `session ${open.id}${goal} is open in this project`, {
    hint: 'go on with it, or end it first: tracespec session end (an agent: end_open)',
  })
}

/** The session that is named, else the open one, else the last. A Fault when there is none. */
export async function chooseSession(
  named: string | undefined,
  store: SessionStore | undefined,
): Promise<SessionRecord> {
  if (named !== undefined) return findSession(named, store)
  const found = (await store?.openSession()) ?? (await store?.sessions(1))?.[0]
  if (found !== undefined) return found
  throw new Fault('SESSION_NOT_FOUND', 'this project has no session yet', { hint: START })
}

const START = 'start one with: tracespec session start --goal TEXT'

/** The session that runs join: the one that is named, which must be open, else the open one if there is any. */
export async function sessionToJoin(
  named: string | undefined,
  store: SessionStore | undefined,
): Promise<SessionRecord | undefined> {
  if (named === undefined) return store?.openSession()
  const session = await findSession(named, store)
  if (session.endedAt === undefined) return session
  throw new Fault('SESSION_NOT_FOUND', `session ${named} has ended`, { hint: START })
}

/** Ends the open session. A Fault when none is. */
export async function endSession(
  store: SessionStore | undefined,
  endedAt: SessionRecord['startedAt'],
): Promise<SessionRecord> {
  const open = await store?.openSession()
  if (store === undefined || open === undefined) {
    throw new Fault('SESSION_NOT_FOUND', 'no session is open in this project', { hint: START })
  }
  await store.endSession(open.id, endedAt)
  return { ...open, endedAt }
}

async function findSession(id: string, store: SessionStore | undefined): Promise<SessionRecord> {
  const session = await store?.session(id)
  if (session !== undefined) return session
  const known = (await store?.sessions(200)) ?? []
  const near = nearest(
    id,
    known.map((other) => other.id),
  )
  const message = `there is no session ${id}`
  if (near === undefined) throw new Fault('SESSION_NOT_FOUND', message)
  throw new Fault('SESSION_NOT_FOUND', message, { hint: `did you mean ${near}?` })
}
