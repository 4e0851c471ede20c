import type { Endpoint } from './endpoint.ts'
import { agentOf } from './http-agent.ts'
import type { HttpAnswer } from './http-answer.ts'
import { sendInTime, type Sending } from './http-attempts.ts'
import { acceptedEncodings, type HttpRequest } from './http-exchange.ts'

/**
 * Requests to one endpoint and nowhere else. An answer of any status is given to the caller except the following, which are
 * Faults, as all failures are: SOURCE_REFUSED for 401, 403, a certificate that is not trusted and a redirect to another origin;
 * SOURCE_UNAVAILABLE when no answer, or only 429, 502, 503 or 504, came within the time; TOO_LARGE for a body above the limit;
 * SOURCE_INVALID for a damaged one. An answer of 500 is given only after it came again.
 */
export interface HttpClient extends Disposable {
  /** The path is encoded and begins with `/`; it is appended to that of the endpoint. */
  get(path: string, options?: GetOptions): Promise<HttpAnswer>
  post(path: string, options: PostOptions): Promise<HttpAnswer>
}

export interface GetOptions {
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  /** `application/json` when not given. */
  readonly accept?: string
  /** Ends the request with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
}

export interface PostOptions extends GetOptions {
  readonly body: string | Uint8Array
  readonly contentType: string
  /** It may be sent again when it is not known whether it arrived. */
  readonly idempotent?: boolean
}

/** `chance` gives numbers of [0, 1) for the jitter between attempts. A Fault FILE_UNREADABLE for what is no certificate or key. */
export function openHttp(endpoint: Endpoint, chance: () => number = Math.random): HttpClient {
  const agent = agentOf(endpoint)
  const send = (
    request: HttpRequest,
    asked: Pick<Sending, 'mayRepeat' | 'callerSignal'>,
  ): Promise<HttpAnswer> =>
    sendInTime(request, {
      ...asked,
      agent,
      chance,
      timeoutMs: endpoint.timeoutMs,
      maxBytes: endpoint.maxBytes,
    })
  return {
    get: (path, options = {}) =>
      send(
        { method: 'GET', ...addressed(endpoint, path, options), body: undefined },
        { mayRepeat: true, callerSignal: options.signal },
      ),
    post: (path, options) => {
      const { url, headers } = addressed(endpoint, path, options)
      return send(
        {
          method: 'POST',
          url,
          headers: { ...headers, 'content-type': options.contentType },
          body: options.body,
        },
        { mayRepeat: options.idempotent === true, callerSignal: options.signal },
      )
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

function addressed(
  endpoint: Endpoint,
  path: string,
  { query = {}, accept = 'application/json' }: GetOptions,
): Pick<HttpRequest, 'url' | 'headers'> {
  const url = new URL(endpoint.url)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value)
  }
  const headers = {
    accept,
    'accept-encoding': acceptedEncodings,
    'user-agent': 'tracespec',
    ...endpoint.headers,
  }
  return { url, headers }
}
