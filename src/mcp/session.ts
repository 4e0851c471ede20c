import { relative } from 'node:path'
import { chooseSession } from '../app/session.ts'
import { iterationsOf } from '../app/session-iteration.ts'
import { progressOf } from '../app/session-progress.ts'
import { nextStepsIn } from '../app/session-view.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import type { IterationRecord, SessionRecord } from '../trace/ports.ts'
import type { SessionProgress, SessionStep } from '../verify/session.ts'
import type { Wire } from '../wire.ts'
import { openCaptureIn, openSpecsIn } from './captures.ts'
import { nextCall, type NextCall } from './next-call.ts'

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
    progress: progressOf(session, iterations, extent),
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

/** The call that repeats the last run of a session; without one, the form of a first call. */
export function runAgain({ project }: Wire, { session, last }: OpenedSession): NextCall {
  const { id } = session
  if (last === undefined) {
    const args = { command: 'npm', args: ['test'], session_id: id }
    return nextCall(nextCallWhy('first_run'), 'execute_and_capture', args)
  }
  const cwd = relative(project.root, last.cwd)
  return nextCall(nextCallWhy('run_again'), 'execute_and_capture', {
    ...commandArguments(last.command),
    ...specArgument(last, session),
    ...(cwd === '' || cwd.startsWith('..') ? {} : { cwd }),
    ...exitArgument(last),
    session_id: id,
  })
}

function commandArguments([command, ...args]: readonly string[]): Readonly<
  Record<string, unknown>
> {
  const [flag, line] = args
  if (command === '/bin/sh' && flag === '-c' && args.length === 2) {
    return { command: line, shell: true }
  }
  return args.length === 0 ? { command } : { command, args }
}

/** A run takes one spec by name; the session's own need none. */
function specArgument(
  { options }: IterationRecord,
  session: SessionRecord,
): Readonly<Record<string, unknown>> {
  const names = optionValues(options, '--spec')
  const [spec] = names
  const isOwn = JSON.stringify(names) === JSON.stringify(session.specs)
  return spec === undefined || names.length > 1 || isOwn ? {} : { spec }
}

function exitArgument({ options }: IterationRecord): Readonly<Record<string, unknown>> {
  const [code] = optionValues(options, '--expect-exit')
  return code === undefined || code === 'any' ? {} : { expect_exit: Number(code) }
}

function optionValues(options: readonly string[], name: string): readonly string[] {
  return options.filter((_, at) => options[at - 1] === name)
}
