import { setTimeout as sleep } from 'node:timers/promises'
import type { Family, Member } from './family.ts'
import type { ReceiverView } from './outcome.ts'

/** How long a process may take to flush after SIGTERM. */
export const FLUSH_MS = 2000
/** As long as no span may come before we believe that none will. */
export const QUIET_DELAYS = 3
const KILL_MS = 1000
const LOOK_MS = 5
const NEVER: AbortSignal = new AbortController().signal

interface Ending {
  readonly family: Family
  readonly receiver: ReceiverView
  readonly exportDelayMs: number
  /** When all must be over, on the clock of `performance.now()`. */
  readonly deadline: number
  readonly cut: AbortSignal
}

export interface Survivors {
  /** Those that we ended. */
  readonly members: readonly Member[]
  /** No span had come for the quiet period when we ended them. */
  readonly quiet: boolean
}

/**
 * Members that outlive the command get one quiet period of three export delays without a span, then SIGTERM, time to flush and
 * SIGKILL. One that ends by itself is not waited for.
 */
export function endSurvivors(ending: Ending): Promise<Survivors> {
  const { deadline } = ending
  return endAtRest(ending, {
    quietUntil: share(deadline, 0.7),
    flushUntil: () => Math.min(share(deadline, 0.8), performance.now() + FLUSH_MS),
  })
}

export interface Stopped extends Survivors {
  /** Those that SIGTERM did not end in the time that they had to flush. */
  readonly killed: readonly Member[]
}

interface Limits {
  readonly quietUntil: number
  readonly flushUntil: () => number
  /** Called when the quiet period is over and somebody lives. */
  readonly onStop?: (quiet: boolean) => void
}

/** Ends every process of the run in the same way while its command lives; the deadline is that of the quiet period alone. */
export function stopAtRest(ending: Ending, onStop: (quiet: boolean) => void): Promise<Stopped> {
  return endAtRest(ending, {
    quietUntil: ending.deadline,
    flushUntil: () => performance.now() + FLUSH_MS,
    onStop,
  })
}

async function endAtRest(ending: Ending, limits: Limits): Promise<Stopped> {
  const { family, cut } = ending
  const gone = (): Promise<boolean> => noneLives(family)
  if (await gone()) return { members: [], quiet: true, killed: [] }
  const quiet = await quietPeriod({ ...ending, over: gone, until: limits.quietUntil })
  const members = family.living()
  if (members.length === 0) return { members, quiet: true, killed: [] }
  limits.onStop?.(quiet)
  family.signal('SIGTERM')
  await waitUntil(gone, limits.flushUntil(), cut)
  const killed = family.living()
  await kill(family, ending.deadline)
  return { members, quiet, killed }
}

/** SIGTERM, time to flush and SIGKILL for every process of the run, without a quiet period before. */
export async function endNow(family: Family, cut: AbortSignal): Promise<void> {
  await family.sample()
  family.signal('SIGTERM')
  await waitUntil(() => noneLives(family), performance.now() + FLUSH_MS, cut)
  await kill(family)
}

/** Ends every process of the run at once; one that cannot be ended is waited for only shortly. */
export async function kill(family: Family, deadline: number = Infinity): Promise<void> {
  const gone = async (): Promise<boolean> => {
    if (await noneLives(family)) return true
    family.signal('SIGKILL')
    return false
  }
  const now = performance.now()
  await waitUntil(gone, Math.min(now + KILL_MS, Math.max(now + 10 * LOOK_MS, deadline)), NEVER)
}

/**
 * Waits until no connection is open, so that everything that was sent has been taken in. One that stays open without a process of
 * the run behind it gets a quiet period. Returns how many were still open.
 */
export async function drain(ending: Ending): Promise<number> {
  const { receiver, deadline } = ending
  await receiver.settled()
  // a request may outlive its connection while it is committed
  const open = (): number => Math.max(receiver.openConnections(), receiver.openRequests())
  const closed = (): Promise<boolean> => Promise.resolve(open() === 0)
  await quietPeriod({ ...ending, over: closed, until: deadline })
  return open()
}

/**
 * Waits for three export delays without spans, new connections or open requests: true when they passed, or when `over` made waiting needless. A
 * machine that is too busy to let us look on time is too busy for exporters as well, so time counts only as we look.
 */
async function quietPeriod(
  wait: Ending & { readonly over: () => Promise<boolean>; readonly until: number },
): Promise<boolean> {
  let seen = activity(wait.receiver)
  let looked = performance.now()
  let quietMs = 0
  const done = async (): Promise<boolean> => {
    if (await wait.over()) return true
    const now = performance.now()
    quietMs += Math.min(now - looked, 4 * LOOK_MS)
    looked = now
    const latest = activity(wait.receiver)
    if (latest !== seen || wait.receiver.openRequests() > 0) quietMs = 0
    seen = latest
    return quietMs >= QUIET_DELAYS * wait.exportDelayMs
  }
  return waitUntil(done, wait.until, wait.cut)
}

function activity(receiver: ReceiverView): string {
  return `${receiver.lastArrival() ?? 0n} ${receiver.facts().connections}`
}

async function noneLives(family: Family): Promise<boolean> {
  await family.sample()
  return family.living().length === 0
}

/** The moment when a share of the time that is left until `deadline` has passed. */
function share(deadline: number, part: number): number {
  const now = performance.now()
  return now + part * Math.max(0, deadline - now)
}

/** True when the condition came to hold, false when the deadline or the cut came first. */
async function waitUntil(
  condition: () => Promise<boolean>,
  deadline: number,
  cut: AbortSignal,
): Promise<boolean> {
  while (!(await condition())) {
    if (cut.aborted || performance.now() >= deadline) return false
    await sleep(LOOK_MS)
  }
  return true
}
