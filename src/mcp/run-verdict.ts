import { resultSchema } from '../report/result-schema.ts'
import { Fault } from '../trace/fault.ts'
import type { Result } from '../verify/outcome.ts'
import type { Wire } from '../wire.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { openCaptureIn } from './captures.ts'
import { runAnswer } from './run-answer.ts'
import type { TrackedRun } from './runs.ts'
import { answerOf, endOf, runningAnswer, type WaitMs } from './take-up.ts'

export interface RunAsked {
  readonly trace: string
  /** What it is to be judged by; its own verdict when undefined. */
  readonly spec: string | undefined
  readonly waitMs: WaitMs
}

/** What is answered of a run that has not ended when the wait is over; undefined for all else that a reference can name. */
export async function stillRunning(
  { trace, spec, waitMs }: RunAsked,
  call: Call,
): Promise<Answer['structured'] | undefined> {
  const run = await trackedRun(trace, call)
  if (run === undefined) return undefined
  const end = await endOf(run, waitMs ?? 0, call)
  if (end === undefined) return runningAnswer(run, spec, call)
  if (end.kind === 'failed') throw end.error
  return undefined
}

/** The run of this server that a reference names. */
async function trackedRun(reference: string, call: Call): Promise<TrackedRun | undefined> {
  if (reference !== 'last') return call.runs.find(reference.replace(/^run:/, ''))
  await using wire = await call.open()
  const store = await wire.existingStore()
  const [last] = (await store?.runs(1)) ?? []
  return last === undefined ? undefined : call.runs.find(last.id)
}

/** The verdict of a run as it was answered; a Fault when the reference names no run, or one without a verdict. */
export async function verdictOfRun(
  reference: string,
  limit: number | undefined,
  call: Call,
): Promise<Answer['structured']> {
  const tracked = await trackedRun(reference, call)
  const end = tracked?.outcome()
  if (end !== undefined) return answerOf(end, limit)
  await using wire = await call.open()
  const { source } = await openCaptureIn(wire, reference)
  if (!source.startsWith('run:') || reference.startsWith('trace:')) {
    throw new Fault('USAGE', `a spec is needed to judge ${reference}`, {
      hint: 'without spec, trace names a run, as run:ID or last',
    })
  }
  const result = await keptResult(source.slice('run:'.length), wire)
  const nothing = { head: Buffer.alloc(0), tail: Buffer.alloc(0), bytes: 0 }
  return runAnswer({ limit }, { result, stdout: nothing, stderr: nothing, secrets: [] })
}

async function keptResult(id: string, wire: Wire): Promise<Result> {
  const store = await wire.existingStore()
  const text = (await store?.run(id))?.resultJson
  const hint = 'name a spec to judge what was captured'
  if (text === undefined) {
    const message = `run:${id} has no verdict: what ran it has ended before it, or runs it still`
    throw new Fault('TRACE_NOT_FOUND', message, { hint })
  }
  const parsed = resultSchema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Fault('TRACE_INVALID', `the verdict of run:${id} is of another version of tracespec`, {
    hint,
  })
}
