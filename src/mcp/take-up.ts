import { setTimeout as sleep } from 'node:timers/promises'
import { runningSentence, type RunningFacts } from '../report/wording/running.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import { Fault } from '../trace/fault.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { toldOutput } from './program-output.ts'
import type { RunEnd, TrackedRun } from './runs.ts'
import { cut } from './verdict.ts'

/** How long a call waits for a run; until it has ended when undefined. */
export type WaitMs = number | undefined

/** What came of a run; undefined when it still runs after this time. Says how far it is while it waits. */
export async function endOf(
  run: TrackedRun,
  waitMs: WaitMs,
  call: Call,
): Promise<RunEnd | undefined> {
  if (run.outcome() !== undefined) return run.outcome()
  await using _ = followProgress(run, call)
  const over = new AbortController()
  const patience = waitMs === undefined ? [] : [passed(waitMs, over.signal)]
  await Promise.race([run.ended, ...patience])
  over.abort()
  return run.outcome()
}

async function passed(ms: number, over: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: over })
  } catch (error) {
    if (!over.aborted) throw error
  }
}

/** The very answer of a run that has ended, with so many findings; throws what it failed by. */
export function answerOf(end: RunEnd, limit?: number): Answer['structured'] {
  if (end.kind === 'failed') throw end.error
  return end.answer(limit)
}

/** The next call waits so long when it takes a run up. */
const NEXT_WAIT_MS = 60_000

/** What is answered of a run that has not ended; `spec` is what the caller wants it judged by. */
export async function runningAnswer(
  run: TrackedRun,
  spec: string | undefined,
  call: Call,
): Promise<Answer['structured']> {
  const facts = await factsOf(run, call)
  const { stdout, stderr } = run.output()
  const options = { lines: { head: 0, tail: 5 }, secrets: run.secrets }
  return {
    summary: runningSentence(facts),
    status: 'running',
    run: {
      id: run.id,
      exit_code: null,
      signal: null,
      duration_ms: Math.round(performance.now() - run.startedMs),
    },
    captured: { spans: facts.spans ?? 0, traces: facts.traces ?? 0 },
    specs: cut([], 0, ''),
    evidence: { complete: false },
    output: {
      ...(stdout.bytes === 0 ? {} : { stdout: toldOutput(stdout, options) }),
      ...(stderr.bytes === 0 ? {} : { stderr: toldOutput(stderr, options) }),
    },
    next_steps: [takeUpCall(run, spec)],
  }
}

/** The call that waits for a run; its own verdict is answered when no spec is named. */
export function takeUpCall({ id }: TrackedRun, spec: string | undefined): NextCall {
  const args = {
    trace: `run:${id}`,
    ...(spec === undefined ? {} : { spec }),
    wait_ms: NEXT_WAIT_MS,
  }
  return nextCall(nextCallWhy('take_up'), 'compare_trace_to_spec', args)
}

/** How far a run is, as a sentence. */
export async function runningNote(run: TrackedRun, call: Call): Promise<string> {
  return runningSentence(await factsOf(run, call))
}

async function factsOf(run: TrackedRun, call: Call): Promise<RunningFacts> {
  const arrived = await arrivedOf(run, call)
  return { id: run.id, durationMs: performance.now() - run.startedMs, ...arrived }
}

async function arrivedOf(
  { id }: TrackedRun,
  call: Call,
): Promise<Pick<RunningFacts, 'spans' | 'traces'>> {
  try {
    await using wire = await call.open()
    const store = await wire.existingStore()
    return (await store?.counts(id)) ?? {}
  } catch (error) {
    // How far a run is may stay unknown: that is no reason to lose it.
    if (error instanceof Fault) return {}
    throw error
  }
}

const PROGRESS_MS = 1000

function followProgress(run: TrackedRun, call: Call): AsyncDisposable {
  let telling: Promise<void> | undefined
  const tell = async (): Promise<void> => {
    call.progress(await runningNote(run, call))
    telling = undefined
  }
  const timer = setInterval(() => {
    telling ??= tell()
  }, PROGRESS_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await telling
    },
  }
}
