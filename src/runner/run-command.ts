import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../trace/fault.ts'
import type { Nanos } from '../trace/time.ts'
import { judgeCompleteness } from './completeness.ts'
import { drain, endNow, endSurvivors, FLUSH_MS, kill } from './ending.ts'
import { childEnvironment, mayPreload, RUN_VARIABLE } from './environment.ts'
import { followFamily } from './family.ts'
import { openNotes, preloadPath } from './notes.ts'
import { captureFacts } from './observations.ts'
import type { RunOptions, RunOutcome } from './outcome.ts'
import { outputStdio, watchOutput } from './output.ts'
import { commandLabel, processTable } from './process-table.ts'
import { passSignals, signalGroup } from './signals.ts'
import { endedWhenAsked, serve, serverFacts, type Served, type Serving } from './serve.ts'
import { startCommand, type CommandEnd } from './start.ts'

/**
 * Runs a command with its telemetry environment until it, its group and its descendants have ended and nothing more can come,
 * and says what of its telemetry may be lost. Leaves no process running.
 * Throws COMMAND_NOT_STARTED, and UNSUPPORTED on Windows.
 */
export async function runCommand(options: RunOptions): Promise<RunOutcome> {
  refuseWindows()
  using notes = openNotes()
  const environment = childEnvironment(options, preloadOf(options, notes.path))
  using signals = passSignals(options.signals)
  const startedAt = options.now()
  const { variables } = environment
  const command = await startCommand({ ...options, variables, stdio: outputStdio(options) })
  await using output = watchOutput(command, options)
  signals.to(command.pid)
  using family = followFamily({
    root: command.pid,
    variable: `${RUN_VARIABLE}=${options.runId}`,
    table: processTable(process.platform),
    now: options.now,
  })
  await orElse(
    async () =>
      options.onStarted?.({ pid: command.pid, startedAt, environment: environment.changes }),
    () => endNow(family, signals.cut),
  )
  const running = { command, family, cut: signals.cut, options, environment, output }
  const { main, served } = await commandEnd(running)
  const endedAtMs = performance.now()
  const ending = {
    family,
    receiver: options.receiver,
    exportDelayMs: environment.exportDelayMs,
    deadline: endedAtMs + options.waitMs,
    cut: signals.cut,
  }
  const survivors = await endSurvivors(ending)
  const openConnections = await drain(ending)

  const { evidence, processes } = judgeCompleteness({
    main: { pid: command.pid, command: commandLabel(options.command), ...main },
    members: family.members(),
    nodes: notes.read(),
    survivors: { pids: new Set(survivors.members.map(({ pid }) => pid)), quiet: survivors.quiet },
    stopped: endedWhenAsked(served),
    exportDelayMs: environment.exportDelayMs,
    timeoutMs: main.timedOut ? options.timeoutMs : undefined,
    interrupted: signals.cut.aborted,
    openConnections,
    receiver: options.receiver.facts(),
  })
  return {
    ...main,
    pid: command.pid,
    startedAt,
    waitedMs: performance.now() - endedAtMs,
    interrupted: signals.cut.aborted,
    passedOn: signals.passedOn,
    environment: environment.changes,
    processes,
    evidence,
    server: serverFacts(served, options),
    facts: captureFacts({ options, environment, processes, timedOut: main.timedOut }),
  }
}

function preloadOf(options: RunOptions, notes: string): Parameters<typeof childEnvironment>[1] {
  return options.preload && mayPreload(options) ? { path: preloadPath(), notes } : undefined
}

/** Does the second when the first fails, which stays a failure. */
async function orElse(
  work: () => Promise<void>,
  whenFailed: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (cause) {
    await whenFailed()
    throw cause
  }
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return
  throw new Fault('UNSUPPORTED', 'running a command is not supported on Windows', {
    hint: 'use WSL, or check a trace that was recorded elsewhere with `tracespec check`',
  })
}

interface MainEnd extends CommandEnd {
  readonly endedAt: Nanos
  readonly timedOut: boolean
}

type Running = Omit<Serving, 'plan' | 'onStop'>

interface Ends {
  readonly main: MainEnd
  readonly served: Served | undefined
}

/** Waits for the command itself, which serves until it is at rest when it is asked to. */
async function commandEnd(running: Running): Promise<Ends> {
  const { server: plan } = running.options
  if (plan === undefined) return { main: await mainEnd(running, neverStopped), served: undefined }
  const stopping = new AbortController()
  const [main, served] = await Promise.all([
    mainEnd(running, stopping.signal),
    serve({ ...running, plan, onStop: () => stopping.abort() }),
  ])
  return { main, served }
}

const neverStopped: AbortSignal = new AbortController().signal

/** Past its time limit, unless it is being stopped already, and when the run is cut short, the command is ended. */
async function mainEnd(running: Running, stopping: AbortSignal): Promise<MainEnd> {
  const { command, family, cut, options } = running
  const over = new AbortController()
  const ended = command.ended.then((end) => {
    over.abort()
    return { ...end, endedAt: options.now() }
  })
  const timedOut = endAtLimit(running, AbortSignal.any([over.signal, stopping]))
  const killAtCut = (): void => void kill(family)
  cut.addEventListener('abort', killAtCut)
  if (cut.aborted) killAtCut()
  const end = await ended
  cut.removeEventListener('abort', killAtCut)
  return { ...end, timedOut: await timedOut }
}

/** SIGTERM to the group at the limit, time to flush, SIGKILL; false when the command ended in time. */
async function endAtLimit(running: Running, over: AbortSignal): Promise<boolean> {
  const { command, family, options } = running
  if (options.timeoutMs === undefined || !(await passes(options.timeoutMs, over))) return false
  signalGroup(command.pid, 'SIGTERM')
  if (await passes(FLUSH_MS, over)) await kill(family)
  return true
}

/** True when the time passed, false when the signal came first. */
async function passes(ms: number, over: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal: over })
    return true
  } catch (error) {
    if (over.aborted) return false
    throw error
  }
}
