import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  /** Undefined sends none. */
  readonly traceparent: string | undefined
  readonly body?: string | undefined
  readonly signal: AbortSignal
}

/**
 * Sends one request on a connection of its own, so that none is left open to the server, and resolves when the answer's head has
 * come. Redirects are not followed. Rejects with the reason of the system when no answer comes.
 */
export function sendRequest(request: HttpRequest): Promise<IncomingMessage> {
  const { method, url, body, signal } = request
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const sent = send(url, { method, headers: headersOf(request), agent: false, signal })
    sent.once('response', resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

function headersOf({ traceparent, body }: HttpRequest): Record<string, string> {
  return {
    'user-agent': 'tracespec',
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(body === undefined ? {} : { 'content-type': contentType(body) }),
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  }
}

function contentType(body: string): string {
  return /^\s*[[{]/.test(body) ? 'application/json' : 'text/plain; charset=utf-8'
}

/** Why a request got no answer, as the system names it: an error of several addresses has no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return 'no answer'
  const code = 'code' in error ? error.code : undefined
  return code === 'ABORT_ERR' ? 'no answer in time' : error.message
}
