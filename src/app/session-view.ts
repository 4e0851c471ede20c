import type { IterationRecord, RunStore, SessionRecord } from '../trace/ports.ts'
import type { SpecFile } from '../verify/observation.ts'
import type { SessionStep } from '../verify/session.ts'
import { judge, type Capture } from './judge.ts'
import { historyOf, type History } from './session-history.ts'
import { checkName, sessionStatus } from './session-progress.ts'
import { suggestNextSteps, type LastRun, type StepPorts } from './session-steps.ts'

export interface ViewPorts extends StepPorts {
  readonly store: RunStore
  readonly capture: (runId: string) => Promise<Capture>
  /** Those of the named spec files that are still there. */
  readonly specs: (paths: readonly string[]) => Promise<readonly SpecFile[]>
}

/** What to do next in a session: its last run, judged again by its specs as they are now. */
export async function nextStepsIn(
  session: SessionRecord,
  iterations: readonly IterationRecord[],
  ports: ViewPorts,
): Promise<readonly SessionStep[]> {
  return suggestNextSteps(await lastRunOf(session, iterations, ports), ports)
}

const ALL_FINDINGS = 1000

async function lastRunOf(
  session: SessionRecord,
  iterations: readonly IterationRecord[],
  ports: ViewPorts,
): Promise<LastRun | undefined> {
  const last = iterations.at(-1)
  const run = last === undefined ? undefined : await ports.store.run(last.runId)
  if (last === undefined || run === undefined) return undefined
  const history = historyOf(iterations)
  const capture = await ports.capture(run.id)
  const files = await ports.specs(last.specs.map(({ path }) => path))
  const { specs: results } = judge(files, capture, {
    specsNamed: true,
    captureNamed: false,
    requireAll: false,
    exercisedBefore: [],
    limit: ALL_FINDINGS,
  })
  const isCommandFailed = last.checks.some(
    ({ condition, state }) => condition === 'exit_code' && state === 'fail',
  )
  return {
    run,
    commandFailed: isCommandFailed,
    traces: capture.traces,
    files,
    results,
    unjudged: unjudgedSpecs(session, history, last),
    flickering: (history.movements.at(-1)?.flickering ?? []).map(checkName),
    status: sessionStatus(session, history),
  }
}

/** Specs of the session that the last run says nothing about: never judged, or not known to hold. */
function unjudgedSpecs(
  session: SessionRecord,
  { specs }: History,
  last: IterationRecord,
): readonly string[] {
  const inLast = new Set(last.specs.map(({ name }) => name))
  const open = [...specs].filter(([name, { status }]) => status !== 'pass' && !inLast.has(name))
  const judged = new Set([...specs].flatMap(([name, { path }]) => [name, path]))
  const never = session.specs.filter((asked) => !judged.has(asked))
  return [...open.map(([name]) => name), ...never]
}
