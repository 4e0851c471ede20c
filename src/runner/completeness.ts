import { constants } from 'node:os'
import type { ProcessEnd, ProcessFacts, ReceiverFacts } from '../trace/diagnosis.ts'
import type { EvidenceReason, LossyEnd, RunEvidence } from '../trace/evidence.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { QUIET_DELAYS } from './ending.ts'
import type { Member } from './family.ts'
import type { NodeEnd, NodeProcess } from './notes.ts'

/** Everything that a run knows of its ends. */
export interface RunFacts {
  readonly main: {
    readonly pid: number
    readonly command: string
    readonly exitCode: number | undefined
    readonly signal: string | undefined
    readonly endedAt: Nanos
  }
  readonly members: readonly Member[]
  readonly nodes: readonly NodeProcess[]
  /** Processes that outlived the command and were ended by us; `quiet` when no span had come for the quiet period. */
  readonly survivors: { readonly pids: ReadonlySet<number>; readonly quiet: boolean }
  /** For a server that we ended: the processes that did end when asked to, and whether no span had come for the quiet period. */
  readonly stopped?: { readonly pids: ReadonlySet<number>; readonly quiet: boolean } | undefined
  readonly exportDelayMs: number
  readonly timeoutMs: number | undefined
  readonly interrupted: boolean
  readonly openConnections: number
  readonly receiver: ReceiverFacts
}

/** One process of the run with all that is known of its end. */
interface Ended {
  readonly facts: ProcessFacts
  readonly note: NodeProcess | undefined
  /** Within these it ended. */
  readonly lastAlive: Nanos
  readonly endedBy: Nanos
}

/** Decides from facts what a capture lost. */
export function judgeCompleteness(run: RunFacts): {
  readonly evidence: RunEvidence
  readonly processes: readonly ProcessFacts[]
} {
  const ended = endedProcesses(run)
  const lossyEnds = ended.flatMap((process) => lossesOf(process, run))
  const losses = [...lossyEnds.map((end) => end.reason), ...lossesOfRun(run)]
  const complete = losses.length === 0
  const grounds = complete ? groundsOf(run, ended.length) : losses
  return {
    evidence: { complete, reasons: [...grounds, ...outlived(run, ended)], lossyEnds },
    processes: ended.map((process) => process.facts),
  }
}

function endedProcesses(run: RunFacts): Ended[] {
  const notes = new Map(run.nodes.map((node) => [node.pid, node]))
  const members = new Map(run.members.map((member) => [member.pid, member]))
  const pids = new Set([run.main.pid, ...members.keys(), ...notes.keys()])
  return [...pids].map((pid) =>
    endedProcess(run, pid, { member: members.get(pid), note: notes.get(pid) }),
  )
}

function endedProcess(
  run: RunFacts,
  pid: number,
  { member, note }: { readonly member: Member | undefined; readonly note: NodeProcess | undefined },
): Ended {
  const { main } = run
  const isMain = pid === main.pid
  const signal = isMain ? (main.signal ?? reportedSignal(run)) : signalOf(member, note)
  return {
    note,
    lastAlive: member?.lastAlive ?? note?.startedAt ?? main.endedAt,
    endedBy: isMain ? main.endedAt : (member?.endedBy ?? main.endedAt),
    facts: {
      pid,
      command: note?.command ?? (isMain ? main.command : (member?.command ?? '')),
      main: isMain,
      end: endKind(run, { pid, isMain, note, signal, lives: lives(member) }),
      exit_code: note?.end?.exitCode ?? (isMain ? (main.exitCode ?? null) : null),
      signal: signal ?? null,
      node: lastNote(note)?.held ?? null,
    },
  }
}

function endKind(
  run: RunFacts,
  process: {
    readonly pid: number
    readonly isMain: boolean
    readonly note: NodeProcess | undefined
    readonly signal: string | undefined
    readonly lives: boolean
  },
): ProcessEnd {
  const { pid, isMain, note, signal } = process
  const { survivors } = run
  if (process.lives && !isMain) return 'unseen'
  if (isEndedAtRest(run, pid)) return 'by_us'
  if (survivors.quiet && survivors.pids.has(pid)) return 'by_us'
  if (note?.end !== undefined) return note.end.crashed ? 'crash' : 'exit'
  if (signal !== undefined) return 'signal'
  if (note !== undefined || survivors.pids.has(pid)) return 'unseen'
  return isMain ? 'exit' : 'unknown'
}

function isEndedAtRest({ stopped }: RunFacts, pid: number): boolean {
  return stopped !== undefined && stopped.quiet && stopped.pids.has(pid)
}

function lossesOf(process: Ended, run: RunFacts): LossyEnd[] {
  const { exportDelayMs } = run
  const { facts, note } = process
  const { pid, command } = facts
  const window = windowOf(process, exportDelayMs)
  switch (facts.end) {
    case 'signal':
      if (hadNothingToLose(note)) return []
      return [
        {
          ...window,
          reason: { code: 'ended_by_signal', pid, command, signal: facts.signal ?? '' },
        },
      ]
    case 'unseen':
      return [{ ...window, reason: { code: 'end_unseen', pid, command } }]
    case 'crash':
      return [{ ...window, reason: { code: 'crashed', pid, command } }]
    case 'exit':
      return lossyNotes(note, facts).map(({ end, reason }) => ({
        ...notedWindow(pid, end, exportDelayMs),
        reason,
      }))
    case 'by_us':
      if (!isEndedAtRest(run, pid)) return []
      return madeAfterRest(note).map(({ end, spans }) => ({
        ...notedWindow(pid, end, exportDelayMs),
        reason: { code: 'spans_waiting_at_exit', pid, command, spans },
      }))
    case 'unknown':
      return []
  }
}

/** A server ended by us loses nothing but what its note shows: spans that it finished after the quiet period. */
function madeAfterRest(
  note: NodeProcess | undefined,
): { readonly end: NodeEnd; readonly spans: number }[] {
  const end = lastNote(note)
  const spans = end?.held.spans_waiting ?? 0
  return end === undefined || spans === 0 ? [] : [{ end, spans }]
}

/** One that we could not end, as another user's, may still export. */
function lives(member: Member | undefined): boolean {
  return member !== undefined && member.endedBy === undefined
}

type Window = Omit<LossyEnd, 'reason'>

function windowOf(process: Ended, exportDelayMs: number): Window {
  const { facts, note, lastAlive, endedBy } = process
  const { pid } = facts
  if (note?.end !== undefined) return notedWindow(pid, note.end, exportDelayMs)
  if (note?.terminated === undefined) {
    return { pid, ...lastDelays(lastAlive, endedBy, exportDelayMs), traceIds: [] }
  }
  // It may have gone on for a while after SIGTERM.
  const { from, traceIds } = notedWindow(pid, note.terminated, exportDelayMs)
  return { pid, from, to: lastDelays(lastAlive, endedBy, 0).to, traceIds }
}

function lastNote(note: NodeProcess | undefined): NodeEnd | undefined {
  return note?.end ?? note?.terminated
}

/** A zombie's status is seen by chance, so a Node process, whose notes say enough, is not read from it. */
function signalOf(member: Member | undefined, note: NodeProcess | undefined): string | undefined {
  if (note === undefined) return signalName(member?.endSignal ?? 0)
  return note.end === undefined && note.terminated !== undefined ? 'SIGTERM' : undefined
}

/** SIGTERM found a program without an SDK, or one whose SDK had been shut down: so test runners end their workers. */
function hadNothingToLose(note: NodeProcess | undefined): boolean {
  const end = note?.terminated
  if (note === undefined || end === undefined || note.openThreads > 0) return false
  const { provider, spans_waiting, exporting } = end.held
  return provider === null || (end.shutDown && spans_waiting === 0 && !exporting)
}

function notedWindow(pid: number, end: NodeEnd, exportDelayMs: number): Window {
  const delayMs = Math.max(exportDelayMs, end.delayMs ?? 0)
  return { pid, ...lastDelays(end.at, end.at, delayMs), traceIds: end.traceIds }
}

/** Two export delays before the moment when it was last known to live, until it was known to have ended. */
function lastDelays(lastAlive: Nanos, endedBy: Nanos, delayMs: number): { from: Nanos; to: Nanos } {
  const delays = BigInt(Math.ceil(2 * delayMs)) * 1_000_000n
  // Node notes whole milliseconds.
  return { from: nanosOf(lastAlive - delays), to: nanosOf(endedBy + 1_000_000n) }
}

/** A process that ended by its own call is complete when it held nothing; its threads speak for themselves. */
function lossyNotes(
  note: NodeProcess | undefined,
  facts: ProcessFacts,
): { readonly end: NodeEnd; readonly reason: EvidenceReason }[] {
  if (note?.end === undefined) return []
  return [note.end, ...note.threads].flatMap((end) => {
    const reason = lossAtExit(end, facts)
    return reason === undefined ? [] : [{ end, reason }]
  })
}

function lossAtExit(end: NodeEnd, { pid, command }: ProcessFacts): EvidenceReason | undefined {
  const { spans_waiting: spans, exporting, provider } = end.held
  if (spans !== null && spans > 0) return { code: 'spans_waiting_at_exit', pid, command, spans }
  if (exporting) return { code: 'export_unfinished', pid, command }
  if (spans === null && provider !== null && !end.ranEmpty) {
    return { code: 'spans_at_exit_unknown', pid, command }
  }
  return undefined
}

function lossesOfRun(run: RunFacts): EvidenceReason[] {
  const { receiver, timeoutMs, openConnections } = run
  const refused = receiver.requests.filter(
    (request) => request.signal === 'traces' && request.status >= 400,
  )
  return [
    ...(timeoutMs === undefined ? [] : [{ code: 'time_limit', timeout_ms: timeoutMs } as const]),
    ...(run.interrupted ? [{ code: 'interrupted' } as const] : []),
    ...(openConnections === 0
      ? []
      : [{ code: 'still_connected', connections: openConnections } as const]),
    ...refused.map(({ status, requests }): EvidenceReason => ({
      code: 'request_refused',
      status,
      requests,
    })),
    ...(receiver.rejected_spans === 0
      ? []
      : [{ code: 'spans_rejected', spans: receiver.rejected_spans } as const]),
    ...(receiver.cut_requests === 0
      ? []
      : [{ code: 'request_cut', requests: receiver.cut_requests } as const]),
  ]
}

function groundsOf(run: RunFacts, processes: number): EvidenceReason[] {
  return [
    { code: 'all_processes_ended', processes },
    { code: 'connections_drained', connections: run.receiver.connections },
    ...(run.stopped?.quiet === true
      ? [{ code: 'stopped_at_rest', quiet_ms: QUIET_DELAYS * run.exportDelayMs } as const]
      : []),
  ]
}

function outlived(run: RunFacts, ended: readonly Ended[]): EvidenceReason[] {
  return ended
    .filter(({ facts }) => run.survivors.pids.has(facts.pid))
    .map(({ facts }) => ({ code: 'outlived_command', pid: facts.pid, command: facts.command }))
}

/** Signals that a program cannot catch: a shell reports a child that ended by one as 128 and its number. */
const FATAL = new Set(['SIGILL', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGSEGV'])

/** The signal that a shell's exit code speaks of, unless a Node process whose end was not seen explains it. */
function reportedSignal({ main, nodes }: RunFacts): string | undefined {
  const name = signalName((main.exitCode ?? 0) - 128)
  const explained = nodes.some((node) => node.end === undefined || node.pid === main.pid)
  return name !== undefined && FATAL.has(name) && !explained ? name : undefined
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}
