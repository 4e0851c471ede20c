import { EventEmitter } from 'node:events'
import { withoutOwnRoot } from '../app/own-root.ts'
import { runAndJudge } from '../app/run.ts'
import { sessionToJoin } from '../app/session.ts'
import type { ChosenSpec } from '../app/spec-files.ts'
import { recordIteration } from '../app/session-iteration.ts'
import { renderJson, resultOf } from '../report/json.ts'
import type { CodeState, SessionRecord } from '../trace/ports.ts'
import type { Nanos } from '../trace/time.ts'
import type { Asked, Outcome, Result } from '../verify/outcome.ts'
import { ownRootOf, type ExecuteOptions, type ProjectStore, type Wire } from '../wire.ts'
import type { Call } from './call.ts'
import { openSpecsIn } from './captures.ts'
import type { Answer } from './answer.ts'
import { openOutput, type ProgramOutput } from './program-output.ts'
import { secretValues } from './redact.ts'
import { runAnswer } from './run-answer.ts'
import type { Executed, ExecuteInput } from './run-call.ts'
import { policyIn } from './policy.ts'
import { runOptionsOf, runPlan, type RunPlan } from './run-plan.ts'
import type { RunAnswer, TrackedRun } from './runs.ts'
import { bytesOf, judgedLimit } from './verdict.ts'

const DEFAULT_TIMEOUT_MS = 300_000
const LATE_SPANS_MS = 10_000

/** What is known of a run once its command has started. */
interface Begun {
  readonly id: string
  readonly sessionId: string | undefined
  readonly output: ProgramOutput
}

/**
 * Runs the command as `tracespec run` does, with its output kept instead of passed through; answers when the command has started.
 * The controller ends it.
 */
export async function startRun(
  input: ExecuteInput,
  call: Call,
  interrupt: AbortController,
): Promise<TrackedRun> {
  const place = call.runs.take()
  const begun = Promise.withResolvers<Begun>()
  const work = answered(input, { call, signal: interrupt.signal, onBegun: begun.resolve }).finally(
    () => place[Symbol.dispose](),
  )
  const { id, sessionId, output } = await Promise.race([
    begun.promise,
    work.then(() => begun.promise),
  ])
  return call.runs.track({
    id,
    input,
    sessionId,
    startedMs: performance.now(),
    output: output.soFar,
    secrets: secretsOf(input),
    work,
    end: () => interrupt.abort(),
  })
}

interface Work {
  readonly call: Call
  readonly signal: AbortSignal
  readonly onBegun: (begun: Begun) => void
}

async function answered(input: ExecuteInput, work: Work): Promise<RunAnswer> {
  const executed = await executeAndJudge(input, work)
  const { limit, output_lines } = input
  const answer: RunAnswer = (most = limit) =>
    runAnswer({ limit: most, output_lines, run: input }, executed)
  await noteTokens(executed.result, answer(), work.call)
  return answer
}

async function executeAndJudge(input: ExecuteInput, work: Work): Promise<Executed> {
  await using wire = await work.call.open({ cwd: input.cwd ?? '.', env: input.env ?? {} })
  const plan = runPlan(input, policyIn(wire, work.call.policy))
  const prepared = await prepare(input, wire)
  using output = openOutput()
  using interrupts = interruptsOf(work.signal)
  const judged = await judgedRun({ input, work, plan, wire, ...prepared, output, interrupts })
  output.given()
  const outcome = await inSession(judged, prepared, wire)
  return { result: resultOf(outcome), ...(await output.read()), secrets: secretsOf(input) }
}

/** What a run is judged by, and what it belongs to. */
interface Prepared {
  readonly store: ProjectStore
  readonly session: SessionRecord | undefined
  readonly asked: Asked
  readonly specs: readonly ChosenSpec[]
  readonly code: CodeState | undefined
}

async function prepare(input: ExecuteInput, wire: Wire): Promise<Prepared> {
  const session = await sessionToJoin(input.session_id, await wire.existingStore())
  const asked = {
    traces: [],
    specs: input.spec === undefined ? (session?.specs ?? []) : [input.spec],
    common_options: [],
    run_options: runOptionsOf(input),
  }
  const specs = await openSpecsIn(wire, asked.specs)
  const code = session === undefined ? undefined : await wire.codeState()
  return { store: await wire.store(), session, asked, specs, code }
}

interface Running extends Prepared {
  readonly input: ExecuteInput
  readonly work: Work
  readonly plan: RunPlan
  readonly wire: Wire
  readonly output: ProgramOutput
  readonly interrupts: EventEmitter
}

type Judged = Awaited<ReturnType<typeof runAndJudge>>

async function judgedRun(running: Running): Promise<Judged> {
  const { input, work, wire, store, asked, specs } = running
  const id = wire.newRunId()
  using _span = work.call.trace.startRun({ id, spanId: ownRootOf(id).spanId })
  return await runAndJudge(
    {
      id,
      version: work.call.version,
      command: running.plan.command,
      cwd: wire.cwd,
      specs,
      asked,
      expectExit: input.expect_exit ?? 0,
      requireAll: false,
      limit: judgedLimit(input.limit),
    },
    {
      store,
      now: wire.now,
      spans: async () => withoutOwnRoot(await store.spansOfRun(id), ownRootOf(id)),
      publish: (outcome) => renderJson(resultOf(outcome)),
      execute: (onStarted) => wire.execute(executeOptions(running, id, onStarted)),
    },
  )
}

function executeOptions(
  { input, work, plan, session, output, interrupts }: Running,
  id: string,
  onStarted: (startedAt: Nanos) => Promise<void>,
): ExecuteOptions {
  const { command, server } = plan
  return {
    command,
    ...(server === undefined ? {} : { server }),
    runId: id,
    ...(work.call.trace.context === undefined ? {} : { parent: work.call.trace.context }),
    stdio: output.stdio,
    waitMs: LATE_SPANS_MS,
    timeoutMs: input.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    keepEnv: [],
    preload: true,
    signals: interrupts,
    onStarted: async ({ startedAt }) => {
      // What is ready by its output, or driven, is passed on by us and shared with the drives until the end.
      if (server === undefined) output.given()
      await onStarted(startedAt)
      work.onBegun({ id, sessionId: session?.id, output })
    },
  }
}

/** The outcome as an iteration of the session that the run belongs to. */
async function inSession(
  judged: Judged,
  { session, specs, code, store }: Prepared,
  { cwd }: Wire,
): Promise<Outcome> {
  if (session === undefined) return judged.outcome
  const strip = await recordIteration({ session, ...judged, specs, code, cwd }, store)
  return strip === undefined ? judged.outcome : { ...judged.outcome, session: strip }
}

function secretsOf({ env }: ExecuteInput): readonly string[] {
  return secretValues({ ...process.env, ...env })
}

/** What the answer costs the agent, as a fact of its session. */
async function noteTokens(
  { run, session }: Result,
  answer: Answer['structured'],
  call: Call,
): Promise<void> {
  if (run === null || session === undefined) return
  await using wire = await call.open()
  const store = await wire.store()
  await store.setTokens(run.id, Math.ceil(bytesOf(answer) / 4))
}

// From the first request to end, which a program may use to flush, to the next, which ends it at once.
const GRACE_MS = 1000

/** A cancelled call ends the command as Ctrl-C does that is pressed until it helps. */
function interruptsOf(signal: AbortSignal): EventEmitter & Disposable {
  const source = new EventEmitter()
  let timer: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    source.emit('SIGTERM')
    timer ??= setInterval(interrupt, GRACE_MS)
  }
  if (signal.aborted) interrupt()
  signal.addEventListener('abort', interrupt)
  return Object.assign(source, {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      signal.removeEventListener('abort', interrupt)
    },
  })
}
