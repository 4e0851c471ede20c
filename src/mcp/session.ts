import { relative } from 'node:path'
import { chooseSession } from '../app/session.ts'
import { iterationsOf } from '../app/session-iteration.ts'
import { progressOf } from '../app/session-progress.ts'
import { weakenedIn } from '../app/session-weakenings.ts'
import { nextStepsIn } from '../app/session-view.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import type { IterationRecord, SessionRecord } from '../trace/ports.ts'
import type { SessionProgress, SessionStep } from '../verify/session.ts'
import type { Wire } from '../wire.ts'
import type { Call } from './call.ts'
import { openCaptureIn, openSpecsIn } from './captures.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { repeatRun } from './repeat-run.ts'
import type { ExecuteInput } from './run-call.ts'
import { inputOfOptions, valuesOf } from './run-plan.ts'
import type { Runs } from './runs.ts'
import { runningNote, takeUpCall } from './take-up.ts'

export interface OpenedSession {
  readonly session: SessionRecord
  readonly last: IterationRecord | undefined
  readonly progress: SessionProgress
  readonly steps: () => Promise<readonly SessionStep[]>
}

export interface ToldExtent {
  readonly iterations: number
  readonly checks: number
}

/** A session with how it goes; the open one, else the last, when none is named. */
export async function openSessionIn(
  wire: Wire,
  id: string | undefined,
  extent: ToldExtent,
): Promise<OpenedSession> {
  const session = await chooseSession(id, await wire.existingStore())
  const store = await wire.store()
  const iterations = await iterationsOf(session, store)
  return {
    session,
    last: iterations.at(-1),
    progress: progressOf(session, iterations, {
      ...extent,
      weakened: await weakenedIn(session, iterations, store),
    }),
    steps: () =>
      nextStepsIn(session, iterations, {
        store,
        resolve: wire.fileInProject,
        capture: (runId) => openCaptureIn(wire, `run:${runId}`),
        specs: (paths) => openSpecsLeft(wire, paths),
      }),
  }
}

/** The spec files that are still there, as they are now. */
async function openSpecsLeft(wire: Wire, paths: readonly string[]): ReturnType<typeof openSpecsIn> {
  const inFolder = new Set(wire.specFolder().map(({ path }) => path))
  const left = paths.filter((path) => inFolder.has(path) || wire.specAt(path) !== undefined)
  return left.length === 0 ? [] : openSpecsIn(wire, left)
}

/**
 * The call that repeats the last run of a session: with all that it was called with while this server knows it, else as far as
 * the session tells; without one, the form of a first call.
 */
export function runAgain(
  { project }: Wire,
  { session, last }: OpenedSession,
  runs: Runs,
): readonly NextCall[] {
  const { id } = session
  if (last === undefined) {
    const args = { command: 'npm', args: ['test'], session_id: id }
    return [nextCall(nextCallWhy('first_run'), 'execute_and_capture', args)]
  }
  const cwd = relative(project.root, last.cwd)
  const known = runs.find(last.runId)?.input ?? {
    ...commandArguments(last.command),
    ...specArgument(last, session),
    ...(cwd === '' || cwd.startsWith('..') ? {} : { cwd }),
    ...inputOfOptions(last.options),
  }
  return repeatRun({ ...known, session_id: id })
}

/** The runs of a session that have not ended, each as a sentence and as the call that takes it up. */
export async function runningOf(
  { session }: OpenedSession,
  call: Call,
): Promise<{ readonly notes: readonly string[]; readonly calls: readonly NextCall[] }> {
  const runs = call.runs.ofSession(session.id)
  const notes = await Promise.all(runs.map((run) => runningNote(run, call)))
  return { notes, calls: runs.map((run) => takeUpCall(run, undefined)) }
}

function commandArguments([command = '', ...args]: readonly string[]): ExecuteInput {
  const [flag, line] = args
  if (command === '/bin/sh' && flag === '-c' && line !== undefined && args.length === 2) {
    return { command: line, shell: true }
  }
  return args.length === 0 ? { command } : { command, args }
}

/** A run takes one spec by name; the session's own need none. */
function specArgument(
  { options }: IterationRecord,
  session: SessionRecord,
): Pick<ExecuteInput, 'spec'> {
  const names = valuesOf(options, '--spec')
  const [spec] = names
  const isOwn = JSON.stringify(names) === JSON.stringify(session.specs)
  return spec === undefined || names.length > 1 || isOwn ? {} : { spec }
}
