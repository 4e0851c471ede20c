import { Fault } from '../trace/fault.ts'
import { failureOf } from './http-faults.ts'

/** How a cloud is asked through its own client. */
export interface CloudAccess {
  /** Instead of the cloud's own address, as a private endpoint; requests with credentials go there. */
  readonly endpoint: URL | undefined
  /** A token of the configuration, never shown; undefined for what the cloud's own client finds. */
  readonly bearer: string | undefined
  /** PEM text of an authority to trust beside the usual ones. */
  readonly ca: string | undefined
  /** For one question with all of its retries. */
  readonly timeoutMs: number
}

/** As `import` and `require` say it. */
const missing: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])

/** What is loaded on use; a Fault PACKAGE_MISSING when it is not installed. */
export async function loaded<T>(load: Promise<T>, name: string, version: string): Promise<T> {
  try {
    return await load
  } catch (cause) {
    if (!missing.has(codeOf(cause))) throw cause
    throw new Fault('PACKAGE_MISSING', `this backend needs the package ${name}`, {
      hint: `install it beside tracespec: npm install ${name}@${version}`,
      cause,
    })
  }
}

export interface Asking {
  /** As the user knows it, in messages. */
  readonly cloud: string
  readonly url: URL
  readonly timeoutMs: number
  /** What gives the client its credentials. */
  readonly credentials: string
  readonly signal: AbortSignal | undefined
}

/**
 * One question of a client. Its errors, which may hold requests with credentials, become Faults without them: SOURCE_UNAVAILABLE,
 * SOURCE_REFUSED or SOURCE_INVALID.
 */
export async function askCloud<T>(
  asking: Asking,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = asking
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    return await ask(signal === undefined ? limit : AbortSignal.any([signal, limit]))
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof Fault) throw cause
    if (limit.aborted) {
      throw new Fault('SOURCE_UNAVAILABLE', `${asking.cloud} gave no answer in ${timeoutMs} ms`, {
        hint: 'give it more time with timeout_ms of the backend',
      })
    }
    throw faultOf(cause, asking)
  }
}

/** The status of the answer that a client's error tells of; undefined when none came. */
export function statusOf(cause: unknown): number | undefined {
  const places = [cause, memberOf(cause, '$metadata'), memberOf(cause, 'response')]
  const names = ['httpStatusCode', 'statusCode', 'status', 'code']
  const found = places.flatMap((place) => names.map((name) => Number(memberOf(place, name))))
  return found.find((status) => status >= 100 && status <= 599)
}

function faultOf(cause: unknown, { cloud, url, credentials }: Asking): Fault {
  const status = statusOf(cause)
  if (status === undefined) return faultWithoutAnswer(cause, { cloud, url, credentials })
  const what = `${cloud} answered ${status}${saidBy(cause)}`
  if (status === 429 || status >= 500 || isThrottled(cause)) {
    return new Fault('SOURCE_UNAVAILABLE', what, { hint: 'it is busy; try again later' })
  }
  if (status === 401 || status === 403 || (status === 400 && isUnsigned(cause))) {
    return new Fault('SOURCE_REFUSED', what, { hint: `may they read traces? ${credentials}` })
  }
  if (status === 400 || status === 404) {
    return new Fault('SOURCE_REFUSED', what, {
      hint: 'it does not take this question; are region, project or workspace right?',
    })
  }
  return new Fault('SOURCE_INVALID', what, { hint: 'is this the address of the cloud?' })
}

function faultWithoutAnswer(
  cause: unknown,
  { cloud, url, credentials }: Pick<Asking, 'cloud' | 'url' | 'credentials'>,
): Fault {
  if (isUnsigned(cause)) {
    return new Fault('SOURCE_REFUSED', `no credentials or region for ${cloud}${saidBy(cause)}`, {
      hint: credentials,
    })
  }
  if (cause instanceof SyntaxError || cause instanceof TypeError) {
    const { fault } = failureOf(memberOf(cause, 'cause'), url)
    if (codeOf(memberOf(cause, 'cause')) !== undefined) return withoutCause(fault)
    return new Fault('SOURCE_INVALID', `what ${url.host} answers is none of ${cloud}`, {
      hint: 'is this the address of the cloud, and not of a page or a proxy?',
    })
  }
  return withoutCause(failureOf(networkErrorOf(cause), url).fault)
}

/** The innermost error that has the code of a system. */
function networkErrorOf(cause: unknown): unknown {
  let found = cause
  for (let depth = 0, next = cause; depth < 5 && next instanceof Error; depth += 1) {
    if (codeOf(next) !== undefined) found = next
    next = next.cause instanceof Error ? next.cause : memberOf(next, 'error')
  }
  return found
}

/** Errors of clients hold their requests. */
function withoutCause({ code, message, hint }: Fault): Fault {
  return new Fault(code, message, hint === undefined ? {} : { hint })
}

function isThrottled(cause: unknown): boolean {
  return cause instanceof Error && /throttl|too ?many|rate.?exceeded/i.test(cause.name)
}

/** The clients' own names for what cannot be signed, and their words. */
function isUnsigned(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  return /credential|token|signature|accessdenied|authentic|region is missing/i.test(
    `${cause.name} ${cause.message.slice(0, 100)}`,
  )
}

/** The first line of what it says. */
function saidBy(cause: unknown): string {
  const [line = ''] = cause instanceof Error ? cause.message.trim().split(/[\r\n]/, 1) : []
  return line === '' ? '' : `: ${JSON.stringify(line.slice(0, 200))}`
}

function codeOf(cause: unknown): string | undefined {
  const code = memberOf(cause, 'code')
  return typeof code === 'string' ? code : undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
