import { EventEmitter } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { CaptureRequest } from './capture-run.ts'
import { openCaptures } from './captures.ts'
import type { Io } from './io.ts'
import { captureRunInSession, type Judged } from './session-run.ts'
import { openSpecs } from './specs.ts'

/** A run that can be ended. */
export interface StartedRun {
  readonly judged: Promise<Judged>
  /** Asks its group to end, and after a while makes it; the run is then no iteration of a session. */
  readonly stop: () => void
  /** Makes it end at once. */
  readonly cut: () => void
}

// A program may use it to flush.
const GRACE_MS = 5000

/** Runs the command with no input, since the keys are ours. */
export function startRun(request: CaptureRequest, io: Io): StartedRun {
  const signals = new EventEmitter()
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const signal = (): void => void signals.emit('SIGTERM')
  const nothing = openSync('/dev/null', 'r')
  const counts = { ...request, signals, counts: () => !isStopped }
  const judged = captureRunInSession(counts, [nothing, 1, 2], io).finally(() => {
    clearTimeout(timer)
    closeSync(nothing)
  })
  return {
    judged,
    stop: () => {
      if (isStopped) return
      isStopped = true
      signal()
      timer = setTimeout(signal, GRACE_MS)
    },
    cut: signal,
  }
}

/** The last capture by the specs as they are now; what the command itself did stands. */
export async function judgeAgain(
  { outcome, traces }: Judged,
  request: CaptureRequest,
  io: Io,
): Promise<Judged> {
  const { run, asked, session: _, ...facts } = outcome
  if (run === null) throw new RangeError('a run that was judged is a run')
  const { openWire } = await import('../wire.ts')
  const { judge } = await import('../app/judge.ts')
  await using wire = openWire({ cwd: io.cwd, project: request.project, env: io.env })
  const specs = await openSpecs(wire, asked.specs)
  const capture = await openCaptures(wire, [`run:${run.id}`], { options: { wait: 0 }, io })
  const judgement = judge(specs, capture, {
    specsNamed: asked.specs.length > 0,
    captureNamed: false,
    requireAll: request.requireAll,
    limit: request.limit,
    exercisedBefore: capture.exercisedBefore,
  })
  const judged = { specs: judgement.specs, not_exercised: judgement.notExercised }
  return { outcome: { ...facts, run, asked, ...judged }, traces }
}
