import type { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../trace/fault.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { Exchanging, HttpRequest } from './http-exchange.ts'
import { failureOf, shownUrl } from './http-faults.ts'
import { exchangeWithin } from './http-redirects.ts'

export interface Sending {
  readonly agent: Agent
  /** For all attempts. */
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly mayRepeat: boolean
  readonly callerSignal: AbortSignal | undefined
  /** Gives numbers of [0, 1). */
  readonly chance: () => number
}

const maxAttempts = 4
/** What a server failed by once it may always fail by. */
const maxAttemptsOfAnswers = 3

/** The answer to a request, which is sent again with growing pauses while its failure may pass. Throws a Fault. */
export async function sendInTime(request: HttpRequest, sending: Sending): Promise<HttpAnswer> {
  const { callerSignal, mayRepeat, chance, timeoutMs } = sending
  const deadline = performance.now() + timeoutMs
  const timer = AbortSignal.timeout(timeoutMs)
  const signal = callerSignal === undefined ? timer : AbortSignal.any([callerSignal, timer])
  const exchanging = { agent: sending.agent, signal, maxBytes: sending.maxBytes }
  let last: Fault | undefined
  const inTime = (error: unknown): never => {
    callerSignal?.throwIfAborted()
    throw timer.aborted ? timedOut(request.url, timeoutMs, last) : error
  }
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(request, exchanging).catch(inTime)
    if (outcome.kind === 'answered') return outcome.answer
    const { answer } = outcome
    const mostAttempts = answer === undefined ? maxAttempts : maxAttemptsOfAnswers
    const waitMs = outcome.retryAfterMs ?? backOffMs(attempt, chance)
    const isTooLong = performance.now() + waitMs > deadline
    const isOver = !mayRepeat || attempt >= mostAttempts
    if (answer !== undefined && (isOver || isTooLong)) return answer
    last = outcome.fault
    if (isOver) throw last
    if (isTooLong) throw tooLongToWait(last, waitMs)
    await delay(waitMs, undefined, { signal }).catch(inTime)
  }
}

const firstBackOffMs = 200

/** Doubles with each attempt, of which a half is by chance, so that many clients do not come at once. */
function backOffMs(attempt: number, chance: () => number): number {
  return firstBackOffMs * 2 ** (attempt - 1) * (0.5 + chance() / 2)
}

type Attempt = { readonly kind: 'answered'; readonly answer: HttpAnswer } | Passing

/** Another attempt may succeed. */
interface Passing {
  readonly kind: 'passing'
  readonly fault: Fault
  /** What the server asks. */
  readonly retryAfterMs: number | undefined
  /** What the caller is given in the end; the fault is thrown when there is none. */
  readonly answer: HttpAnswer | undefined
}

async function attemptOnce(request: HttpRequest, exchanging: Exchanging): Promise<Attempt> {
  try {
    return judged(await exchangeWithin(request, exchanging), request)
  } catch (error) {
    if (error instanceof Fault || exchanging.signal.aborted) throw error
    const { fault, isPassing } = failureOf(error, request.url)
    if (!isPassing) throw fault
    return { kind: 'passing', fault, retryAfterMs: undefined, answer: undefined }
  }
}

function judged(answer: HttpAnswer, request: HttpRequest): Attempt {
  if (answer.status === 401 || answer.status === 403) throw refused(answer, request)
  if (!passingStatuses.has(answer.status)) return { kind: 'answered', answer }
  return { ...overloaded(answer), answer: answer.status === 500 ? answer : undefined }
}

/** Of 500 the body says why, and a server that fails so at one question may answer it at the next. */
const passingStatuses: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

function overloaded({ from, status, headers }: HttpAnswer): Omit<Passing, 'answer'> {
  const fault = new Fault('SOURCE_UNAVAILABLE', `${from} answered ${status}`, {
    hint: status === 429 ? 'ask less often' : 'try again; is the backend healthy?',
  })
  return { kind: 'passing', fault, retryAfterMs: retryAfterMs(headers['retry-after']) }
}

/** RFC 9110, 10.2.3: seconds or a date. */
function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

function refused({ from, status }: HttpAnswer, { headers }: HttpRequest): Fault {
  const isAnonymous = !Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
  return new Fault('SOURCE_REFUSED', `${from} answered ${status}`, {
    hint: isAnonymous
      ? 'give the backend its auth: or headers: in tracespec.yaml'
      : 'are the credentials of the backend right, and may they read traces?',
  })
}

function timedOut(url: URL, timeoutMs: number, last: Fault | undefined): Fault {
  const before = last === undefined ? '' : ` (before that: ${last.message})`
  return new Fault(
    'SOURCE_UNAVAILABLE',
    `${shownUrl(url)} did not answer within ${timeoutMs} ms${before}`,
    { hint: 'is the backend healthy? timeout_ms of the backend gives it more time', cause: last },
  )
}

function tooLongToWait(last: Fault, waitMs: number): Fault {
  return new Fault(last.code, last.message, {
    hint: `it can be asked again in ${Math.ceil(waitMs / 1000)} s, which is later than timeout_ms of the backend allows`,
    cause: last,
  })
}
