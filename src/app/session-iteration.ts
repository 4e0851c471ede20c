import type {
  CodeState,
  IterationRecord,
  NewIteration,
  RunRecord,
  RunStore,
  SessionRecord,
  SessionStore,
  SpecVersions,
} from '../trace/ports.ts'
import { lossless } from '../trace/losses.ts'
import type { Trace } from '../trace/trace.ts'
import { statusOf, type Outcome } from '../verify/outcome.ts'
import type { SpecFile } from '../verify/observation.ts'
import type { SpecResult } from '../verify/result.ts'
import type { SessionStrip } from '../verify/session.ts'
import { verify } from '../verify/verify.ts'
import { checksOfSpec, commandCheck } from './session-checks.ts'
import { MAX_ITERATIONS, stripOf } from './session-progress.ts'
import { weakenedIn } from './session-weakenings.ts'

/** A run that was judged, and what it was judged by. */
export interface JudgedRun {
  readonly session: SessionRecord
  readonly outcome: Outcome
  readonly traces: readonly Trace[]
  readonly specs: readonly SpecFile[]
  /** The state of the files when the run began. */
  readonly code: CodeState | undefined
  readonly cwd: string
}

/** Makes a run an iteration of its session, and says how the session stands; undefined for what was no run. */
export async function recordIteration(
  judged: JudgedRun,
  store: RunStore & SessionStore & SpecVersions,
): Promise<SessionStrip | undefined> {
  const iteration = await iterationOf(judged, store)
  if (iteration === undefined) return undefined
  await store.addIteration(judged.session.id, iteration)
  const iterations = await iterationsOf(judged.session, store)
  const weakened = await weakenedIn(judged.session, iterations, store)
  return stripOf(judged.session, iterations, weakened)
}

/** The iterations that a session is told by. */
export function iterationsOf(
  { id }: SessionRecord,
  store: SessionStore,
): Promise<readonly IterationRecord[]> {
  return store.iterations(id, MAX_ITERATIONS)
}

async function iterationOf(judged: JudgedRun, store: RunStore): Promise<NewIteration | undefined> {
  const { outcome, code, cwd } = judged
  const { run, asked } = outcome
  const kept = run === null ? undefined : await store.run(run.id)
  if (run === null || kept === undefined) return undefined
  const results = outcome.specs.flatMap((result) => {
    const file = judged.specs.find(({ path }) => path === result.spec.path)
    return file === undefined ? [] : [{ file, result }]
  })
  const checks = results.flatMap(({ file, result }) =>
    checksOfSpec(file, withAllFindings(file, result, { judged, evidence: kept.evidence })),
  )
  return {
    runId: run.id,
    command: run.command,
    cwd,
    options: [...asked.run_options, ...asked.specs.flatMap((name) => ['--spec', name])],
    code,
    status: statusOf(outcome),
    specs: results.map(({ result: { spec, status } }) => ({ ...spec, status })),
    checks: [commandCheck(run.command, asked.run_options, outcome.command_failed), ...checks],
    startedAt: kept.startedAt,
    durationMs: run.duration_ms,
  }
}

/** A report shows some findings; two runs compare by all. */
function withAllFindings(
  file: SpecFile,
  result: SpecResult,
  {
    judged,
    evidence,
  }: {
    readonly judged: JudgedRun
    readonly evidence: RunRecord['evidence']
  },
): SpecResult {
  const { omitted, total } = result.findings
  if (omitted === 0) return result
  const observation = {
    traces: judged.traces,
    run: evidence,
    losses: lossless,
    source: `run:${judged.outcome.run?.id ?? ''}`,
    named: false,
    required: true,
  }
  return verify(file, observation, { limit: total })
}
