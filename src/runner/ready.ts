import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadySign, ServerPlan } from '../trace/drive.ts'
import type { OutputWatch } from './output.ts'
import { reasonOf, sendRequest } from './request.ts'

export type Readiness =
  | { readonly kind: 'ready' }
  /** The command ended before. */
  | { readonly kind: 'ended' }
  /** Its time was over; `missing` is the sign that was not seen, and `seen` what was there instead. */
  | { readonly kind: 'late'; readonly missing: ReadySign; readonly seen: string }

interface Waiting {
  /** Aborted when the command has ended. */
  readonly gone: AbortSignal
  /** For requests of ours; undefined sends none. */
  readonly traceparent: string | undefined
  /** Undefined when no sign is a line of output. */
  readonly output: OutputWatch | undefined
}

/** Waits until every sign was seen, the command has ended, or the time is over. */
export async function untilReady(plan: ServerPlan, waiting: Waiting): Promise<Readiness> {
  const over = AbortSignal.any([waiting.gone, AbortSignal.timeout(plan.readyTimeoutMs)])
  for (const sign of plan.ready) {
    const seen = await seenInstead(sign, waiting, over)
    if (waiting.gone.aborted) return { kind: 'ended' }
    if (seen !== undefined) return { kind: 'late', missing: sign, seen }
  }
  return { kind: 'ready' }
}

/** Undefined when the sign was seen, else the last that was. */
async function seenInstead(
  sign: ReadySign,
  { traceparent, output }: Waiting,
  over: AbortSignal,
): Promise<string | undefined> {
  switch (sign.kind) {
    case 'url':
      return pollUrl({ url: sign.url, traceparent, over })
    case 'log': {
      const isMatched = output?.matched.then(() => true)
      const last = aborted(over).then(() => false)
      return (await Promise.race([isMatched, last])) === true
        ? undefined
        : (output?.lastLine() ?? '')
    }
  }
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250
/** One that takes longer is asked again. */
const ANSWER_MS = 5000

/** Asks until an answer has a status below 500. */
async function pollUrl(poll: {
  readonly url: URL
  readonly traceparent: string | undefined
  readonly over: AbortSignal
}): Promise<string | undefined> {
  let seen: string | undefined
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const answer = await ask(poll)
    if (answer === undefined) return undefined
    // A request that we gave up ourselves says least of the command.
    if (poll.over.aborted) return seen ?? answer
    seen = answer
    await pause(pauseMs, poll.over)
  }
}

async function pause(ms: number, over: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: over })
  } catch (error) {
    if (!over.aborted) throw error
  }
}

/** Undefined for an answer that says ready, else what came instead. */
async function ask(poll: {
  readonly url: URL
  readonly traceparent: string | undefined
  readonly over: AbortSignal
}): Promise<string | undefined> {
  const { url, traceparent, over } = poll
  const signal = AbortSignal.any([over, AbortSignal.timeout(ANSWER_MS)])
  try {
    const response = await sendRequest({ method: 'GET', url, traceparent, signal })
    response.on('error', () => undefined).destroy()
    const { statusCode = 0 } = response
    return statusCode < 500 ? undefined : `HTTP ${statusCode}`
  } catch (error) {
    return reasonOf(error)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    return undefined
  })
}
