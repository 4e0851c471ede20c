import type { Nanos } from '../trace/time.ts'
import type { ProcessRow, ProcessTable } from './process-table.ts'
import { signalProcess } from './signals.ts'

/** A process that belongs to a run. */
export interface Member {
  readonly pid: number
  readonly started: string
  readonly command: string
  readonly lastAlive: Nanos
  /** When it was first seen to have ended; undefined while it lives. */
  readonly endedBy: Nanos | undefined
  /** The number of the signal that ended it where that could be seen; else 0. */
  readonly endSignal: number
}

/** The processes of one run: the command, its session, its group, their descendants, and all that carry its variable. */
export interface Family {
  /** Looks at all processes once. */
  sample(): Promise<void>
  members(): readonly Member[]
  living(): readonly Member[]
  /** Takes a process in that we started beside the command, with its group, session and descendants. */
  adopt(pid: number): void
  /** Sends a signal to every living member. */
  signal(name: NodeJS.Signals): void
  [Symbol.dispose](): void
}

interface FamilyOptions {
  readonly root: number
  /** `NAME=VALUE` that members carry. */
  readonly variable: string
  readonly table: ProcessTable
  readonly now: () => Nanos
}

/** At most this share of a processor goes into looking. */
const SHARE = 0.05
const INTERVAL_MS = 50

/** Follows the family of `root` until it is disposed of. */
export function followFamily(options: FamilyOptions): Family {
  const kin = kinOf(options.root)
  const timer = { handle: undefined as NodeJS.Timeout | undefined, disposed: false }
  let looking: Promise<void> = Promise.resolve()

  const sample = (): Promise<void> => {
    looking = looking.then(() => look(kin, options))
    return looking
  }
  const repeat = async (): Promise<void> => {
    const before = performance.now()
    await sample()
    const spentMs = performance.now() - before
    if (timer.disposed) return
    timer.handle = setTimeout(again, Math.max(INTERVAL_MS, spentMs / SHARE)).unref()
  }
  // A failure stays in `looking` and reaches who asks for the next sample.
  const again = (): void => void repeat().catch(() => {})

  again()
  const living = (): readonly Member[] =>
    [...kin.members.values()].filter((member) => member.endedBy === undefined)
  return {
    sample,
    living,
    members: () => [...kin.past, ...kin.members.values()],
    adopt: (pid) => {
      kin.roots.add(pid)
      kin.strangers.delete(pid)
    },
    signal: (name) => living().forEach((member) => signalProcess(member.pid, name)),
    [Symbol.dispose]: () => {
      timer.disposed = true
      clearTimeout(timer.handle)
    },
  }
}

interface Kin {
  readonly roots: Set<number>
  readonly members: Map<number, Member>
  /** Members whose id another process has now. */
  readonly past: Member[]
  readonly strangers: Set<number>
}

function kinOf(root: number): Kin {
  return { roots: new Set([root]), members: new Map(), past: [], strangers: new Set() }
}

async function look(kin: Kin, options: FamilyOptions): Promise<void> {
  const { pids, rows } = await options.table.rows(kin.strangers)
  const at = options.now()
  for (const row of rows) {
    const known = kin.members.get(row.pid)
    if (known !== undefined && known.started !== row.started) {
      kin.past.push(endedMember(known, at))
      kin.members.delete(row.pid)
    }
    const ours = known?.started === row.started || belongs(row, kin, options)
    if (ours === true) kin.members.set(row.pid, memberOf(row, at, known))
    if (ours === false) kin.strangers.add(row.pid)
  }
  for (const member of kin.members.values()) {
    if (!pids.has(member.pid)) kin.members.set(member.pid, endedMember(member, at))
  }
  for (const pid of kin.strangers) if (!pids.has(pid)) kin.strangers.delete(pid)
}

/** Undefined while it cannot be told: between fork and exec a process has no environment yet. */
function belongs(row: ProcessRow, kin: Kin, options: FamilyOptions): boolean | undefined {
  if (row.pid === process.pid || row.kernel) return false
  if ([row.pid, row.group, row.session].some((id) => id !== undefined && kin.roots.has(id))) {
    return true
  }
  const parent = kin.members.get(row.parent)
  if (parent !== undefined && parent.endedBy === undefined) return true
  return options.table.carries(row.pid, options.variable)
}

function memberOf(row: ProcessRow, at: Nanos, known: Member | undefined): Member {
  const { pid, started, command, endSignal } = row
  if (!row.ended) {
    return { pid, started, command, endSignal, lastAlive: at, endedBy: undefined }
  }
  // A zombie has no arguments left: what it was called while it lived says more.
  const before = known?.started === started ? known : undefined
  return {
    pid,
    started,
    command: before?.command ?? command,
    endSignal,
    lastAlive: before?.lastAlive ?? at,
    endedBy: before?.endedBy ?? at,
  }
}

function endedMember(member: Member, at: Nanos): Member {
  return { ...member, endedBy: member.endedBy ?? at }
}
