import type { DriveFacts, ServerFacts, ServerPlan } from '../trace/drive.ts'
import { Fault } from '../trace/fault.ts'
import type { RunFacts } from './completeness.ts'
import { driveAll } from './drive.ts'
import { endNow, stopAtRest, type Stopped } from './ending.ts'
import type { ChildEnvironment } from './environment.ts'
import type { Family } from './family.ts'
import type { RunOptions } from './outcome.ts'
import type { OutputWatch } from './output.ts'
import { untilReady, type Readiness } from './ready.ts'
import type { StartedCommand } from './start.ts'

export interface Serving {
  readonly plan: ServerPlan
  readonly command: StartedCommand
  readonly family: Family
  readonly cut: AbortSignal
  readonly environment: ChildEnvironment
  readonly output: OutputWatch | undefined
  readonly options: RunOptions
  /** Called when we begin to end the command. */
  readonly onStop: () => void
}

export interface Served {
  /** Undefined when the command ended before it was ready. */
  readonly readyMs: number | undefined
  readonly drives: readonly DriveFacts[]
  /** How we ended it; undefined when it ended by itself or was cut short by an interrupt. */
  readonly stopped: Stopped | undefined
}

/**
 * Waits until a command is ready, drives it, and ends it with all its family when no span has come for three export delays.
 * Throws COMMAND_NOT_READY, and COMMAND_NOT_STARTED for a drive, when all have ended.
 */
export async function serve(serving: Serving): Promise<Served> {
  try {
    return await serveToRest(serving)
  } catch (error) {
    await endNow(serving.family, serving.cut)
    throw error
  }
}

async function serveToRest(serving: Serving): Promise<Served> {
  const { plan, command, options, output } = serving
  const startedAt = performance.now()
  const gone = goneSignal(command)
  const readiness = await untilReady(plan, { gone, output, traceparent: pollParent(options) })
  if (readiness.kind === 'late') throw notReady(plan, readiness)
  if (readiness.kind === 'ended') return { readyMs: undefined, drives: [], stopped: undefined }
  const readyMs = performance.now() - startedAt
  options.onServing?.({ kind: 'ready', after_ms: readyMs })

  const drives = await driveAll(plan.drives, {
    ...serving,
    ...options,
    gone,
    traceparent: traceparent(options.root.traceId, options),
    variables: serving.environment.variables,
    onDriven: (facts) => options.onServing?.({ kind: 'driven', facts }),
  })
  return { readyMs, drives, stopped: await stop(serving, gone) }
}

async function stop(serving: Serving, gone: AbortSignal): Promise<Stopped | undefined> {
  const { family, cut, command, environment, options } = serving
  if (gone.aborted || cut.aborted) return undefined
  const ending = {
    family,
    cut,
    receiver: options.receiver,
    exportDelayMs: environment.exportDelayMs,
    deadline: performance.now() + options.waitMs,
  }
  const stopped = await stopAtRest(ending, (quiet) => {
    serving.onStop()
    options.onServing?.({ kind: 'stopping', quiet })
  })
  const isOurs = stopped.members.some(({ pid }) => pid === command.pid) && !wasCut(cut)
  return isOurs ? stopped : undefined
}

/** A second interrupt may come at any moment of the stop. */
function wasCut(cut: AbortSignal): boolean {
  return cut.aborted
}

/** What a run tells of its server. */
export function serverFacts(
  served: Served | undefined,
  { server }: RunOptions,
): ServerFacts | undefined {
  if (served === undefined || server === undefined) return undefined
  return {
    ready_ms: served.readyMs ?? null,
    drives: served.drives,
    asked_drives: server.drives.length,
    stopped: served.stopped !== undefined,
  }
}

/** Of the processes that we ended, those that did end when asked to. */
export function endedWhenAsked(served: Served | undefined): RunFacts['stopped'] {
  const stopped = served?.stopped
  if (stopped === undefined) return undefined
  const killed = new Set(stopped.killed.map(({ pid }) => pid))
  const pids = stopped.members.map(({ pid }) => pid).filter((pid) => !killed.has(pid))
  return { pids: new Set(pids), quiet: stopped.quiet }
}

function goneSignal(command: StartedCommand): AbortSignal {
  const gone = new AbortController()
  void command.ended.then(() => gone.abort())
  return gone.signal
}

/** So that the spans of our own questions can be told from those of the traffic. */
function pollParent(options: RunOptions): string | undefined {
  const { readyTraceId } = options.root
  return readyTraceId === undefined ? undefined : traceparent(readyTraceId, options)
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function traceparent(traceId: string, { root }: RunOptions): string {
  return `00-${traceId}-${root.spanId}-01`
}

function notReady(plan: ServerPlan, late: Extract<Readiness, { kind: 'late' }>): Fault {
  const seconds = plan.readyTimeoutMs / 1000
  const { missing, seen } = late
  const { message, hint } =
    missing.kind === 'url'
      ? {
          message: `${missing.url.href} gave ${seen}`,
          hint: 'check the URL and the port that the command listens on',
        }
      : {
          message: `no line of its output matched ${missing.written}, ${lastLine(seen)}`,
          hint: 'check the pattern against the output of the command',
        }
  return new Fault(
    'COMMAND_NOT_READY',
    `the command was not ready within ${seconds} s: ${message}`,
    {
      hint: `${hint}, or give it longer: --ready-timeout (an agent: ready.timeout_ms)`,
    },
  )
}

function lastLine(seen: string): string {
  return seen === '' ? 'it wrote none' : `the last was: ${seen.slice(0, 200)}`
}
