import type { ForwardFacts, Signal, TelemetrySink } from '../trace/ports.ts'

export interface ForwardOptions {
  /** The base to which `/v1/traces` is added. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** The most bytes that wait to be sent; 64 MiB when not given. */
  readonly maxWaitingBytes?: number
  /** The pause after the first failure, which doubles; 100 ms when not given. */
  readonly retryMs?: number
}

/** Passes what is kept here on to another receiver; that one being away harms nothing here. */
export interface Forwarder {
  /** The same sink, from which every committed request is also sent on. */
  readonly through: (sink: TelemetrySink) => TelemetrySink
  /** Sends what still waits, at most for this time, and ends; 2 s when not given. */
  readonly close: (timeoutMs?: number) => Promise<ForwardFacts>
}

interface Waiting {
  readonly signal: Signal
  readonly body: Uint8Array
}

const MAX_PAUSE_MS = 5_000
// Longer than a receiver that is there needs, short for whoever waits for a verdict.
const CLOSE_TIMEOUT_MS = 2_000

/** Requests are sent one after another in the order of their arrival. */
export function openForwarder(options: ForwardOptions): Forwarder {
  const { maxWaitingBytes = 64 * 2 ** 20, retryMs = 100 } = options
  const ending = new AbortController()
  const queue: Waiting[] = []
  let [waitingBytes, sent, lost] = [0, 0, 0]
  let problem: string | undefined
  let working: Promise<void> | undefined
  const work = async (): Promise<void> => {
    for (let [next] = queue; next !== undefined && !ending.signal.aborted; [next] = queue) {
      const outcome = await delivered(next, options, { retryMs, signal: ending.signal })
      if (outcome.problem !== undefined) problem = outcome.problem
      if (outcome.kind === 'given_up') return
      queue.shift()
      waitingBytes -= next.body.length
      if (outcome.kind === 'sent') sent += 1
      else lost += 1
    }
    working = undefined
  }
  const push = (waiting: Waiting): void => {
    if (waitingBytes + waiting.body.length > maxWaitingBytes) {
      ;[lost, problem] = [lost + 1, 'more was waiting to be sent than is kept waiting']
      return
    }
    queue.push(waiting)
    waitingBytes += waiting.body.length
    working ??= work()
  }
  return {
    through: (sink) => ({
      write: async (signal, protobuf, runId) => {
        const accepted = await sink.write(signal, protobuf, runId)
        push({ signal, body: protobuf })
        return accepted
      },
    }),
    close: async (timeoutMs = CLOSE_TIMEOUT_MS) => {
      const timer = setTimeout(() => ending.abort(), timeoutMs)
      await working
      clearTimeout(timer)
      ending.abort()
      const unsent = queue.length
      return {
        target: options.url.origin,
        sent,
        lost: lost + unsent,
        problem: lost + unsent === 0 ? undefined : problem,
      }
    },
  }
}

interface Delivery {
  /** Given up when there is no more time. */
  readonly kind: 'sent' | 'refused' | 'given_up'
  readonly problem: string | undefined
}

interface Retrying {
  readonly retryMs: number
  readonly signal: AbortSignal
}

/** Tries again for as long as the target may still take it. */
async function delivered(
  { signal, body }: Waiting,
  { url, headers }: ForwardOptions,
  retrying: Retrying,
): Promise<Delivery> {
  const target = new URL(url)
  target.pathname = `${target.pathname.replace(/\/$/, '')}/v1/${signal}`
  let problem: string | undefined
  for (let pauseMs = retrying.retryMs; !retrying.signal.aborted; pauseMs *= 2) {
    const answer = await post(target, { body, headers, signal: retrying.signal })
    if (answer.status !== undefined && answer.status < 300) {
      return { kind: 'sent', problem: undefined }
    }
    problem = answer.problem
    if (answer.status !== undefined && !isTransient(answer.status)) {
      return { kind: 'refused', problem }
    }
    await pause(Math.min(pauseMs, MAX_PAUSE_MS), retrying.signal)
  }
  return { kind: 'given_up', problem }
}

/** By https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
function isTransient(status: number): boolean {
  return [429, 502, 503, 504].includes(status)
}

interface Post {
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

const REQUEST_TIMEOUT_MS = 10_000

interface Posted {
  /** Undefined when there was no answer. */
  readonly status: number | undefined
  readonly problem: string
}

/** Whatever kept a request from being sent may pass, so it is told and not thrown. */
async function post(url: URL, { body, headers, signal }: Post): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-protobuf' },
      body: Uint8Array.from(body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    })
    await response.body?.cancel()
    return { status: response.status, problem: `it answered with HTTP ${response.status}` }
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return { status: undefined, problem: cause instanceof Error ? cause.message : String(cause) }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        done()
      },
      { once: true },
    )
  })
}
