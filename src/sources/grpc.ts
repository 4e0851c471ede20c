import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { Fault } from '../trace/fault.ts'
import type { Endpoint } from './endpoint.ts'
import { type GrpcFailure, grpcFailureOf } from './grpc-faults.ts'
import { secureContextOf } from './http-agent.ts'

/**
 * Calls of one endpoint. A status other than OK is a Fault: SOURCE_REFUSED, SOURCE_UNAVAILABLE, SOURCE_INVALID or TOO_LARGE for
 * messages of more than the limit in all.
 */
export interface GrpcClient extends Disposable {
  /** The messages of a unary or a streamed answer, each given on as it comes; undefined for NOT_FOUND, else how many came. */
  call(method: string, request: Uint8Array, options: GrpcCall): Promise<number | undefined>
}

export interface GrpcCall {
  readonly onMessage: (message: Buffer) => void
  /** Ends the call with the signal's own reason. */
  readonly signal: AbortSignal | undefined
}

/**
 * TLS for `grpcs:` and `https:`, none for `grpc:` and `http:`. `chance` gives numbers of [0, 1) for the jitter between attempts. A
 * Fault FILE_UNREADABLE for what is no certificate or key.
 */
export function openGrpc(endpoint: Endpoint, chance: () => number = Math.random): GrpcClient {
  const client = clientOf(endpoint)
  return {
    call: (method, request, options) =>
      callInTime({ client, endpoint, method, request, chance }, options),
    [Symbol.dispose]: () => client.close(),
  }
}

/** Its certificate is always checked, and what is sent to localhost stays on this machine, as over HTTP. */
function clientOf({ url, tls, maxBytes }: Endpoint): Client {
  const isSecure = url.protocol === 'grpcs:' || url.protocol === 'https:'
  const usualPort = isSecure ? '443' : '80'
  const port = url.port === '' ? usualPort : url.port
  const isLocal = url.hostname === 'localhost'
  return new Client(
    isLocal ? `ipv4:127.0.0.1:${port}` : `${url.hostname}:${port}`,
    isSecure
      ? credentials.createFromSecureContext(secureContextOf(tls), { rejectUnauthorized: true })
      : credentials.createInsecure(),
    {
      ...(isLocal && { 'grpc.default_authority': `localhost:${port}` }),
      ...(isLocal && isSecure && { 'grpc.ssl_target_name_override': 'localhost' }),
      'grpc.max_receive_message_length': maxBytes,
      // attempts are counted here
      'grpc.enable_retries': 0,
      'grpc.primary_user_agent': 'tracespec',
      // no other host than the configured one
      'grpc.enable_http_proxy': 0,
    },
  )
}

interface Calling {
  readonly client: Client
  readonly endpoint: Endpoint
  readonly method: string
  readonly request: Uint8Array
  readonly chance: () => number
}

const maxAttempts = 4
const firstBackOffMs = 200

/** All attempts share the time of the endpoint; once a message came there is no other attempt. */
async function callInTime(calling: Calling, options: GrpcCall): Promise<number | undefined> {
  const deadline = Date.now() + calling.endpoint.timeoutMs
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted()
    const outcome = await callOnce(calling, { ...options, deadline })
    if (outcome.kind === 'answered') return outcome.messages
    options.signal?.throwIfAborted()
    const { failure } = outcome
    const waitMs = firstBackOffMs * 2 ** (attempt - 1) * (0.5 + calling.chance() / 2)
    const mayRepeat = failure.isPassing && outcome.messages === 0 && attempt < maxAttempts
    if (!mayRepeat || Date.now() + waitMs > deadline) throw failure.fault
    await delay(waitMs)
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly messages: number | undefined }
  | { readonly kind: 'failed'; readonly messages: number; readonly failure: GrpcFailure }

async function callOnce(
  calling: Calling,
  { onMessage, signal, deadline }: GrpcCall & { readonly deadline: number },
): Promise<Outcome> {
  const { client, endpoint, method, request } = calling
  const stream = client.makeServerStreamRequest(
    method,
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes) => bytes,
    request,
    metadataOf(endpoint.headers),
    { deadline },
  )
  const cancel = (): void => stream.cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  // of a call that was left early nobody asks how it ended
  stream.on('error', () => undefined)
  const answer: AsyncIterable<Buffer> = stream
  let [messages, size] = [0, 0]
  try {
    for await (const message of answer) {
      messages += 1
      size += message.length
      if (size > endpoint.maxBytes) throw tooLarge(endpoint)
      onMessage(message)
    }
    return { kind: 'answered', messages }
  } catch (error) {
    if (!isServiceError(error)) throw error
    if (error.code === status.NOT_FOUND) return { kind: 'answered', messages: undefined }
    return { kind: 'failed', messages, failure: grpcFailureOf(error, endpoint) }
  } finally {
    stream.cancel()
    signal?.removeEventListener('abort', cancel)
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error
}

/** A bearer token is also given by the name under which Jaeger passes it on to its storage. */
function metadataOf(headers: Endpoint['headers']): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) {
    metadata.set(name, value)
    const [, token] =
      name.toLowerCase() === 'authorization' ? (/^Bearer (.+)$/i.exec(value) ?? []) : []
    if (token !== undefined) metadata.set('bearer.token', token)
  }
  return metadata
}

function tooLarge({ url, maxBytes }: Endpoint): Fault {
  const limit = `${Math.floor(maxBytes / (1024 * 1024))} MiB`
  return new Fault('TOO_LARGE', `${url.host} answers with more than ${limit}`, {
    hint: 'ask for less: one trace by its id, or a search with a smaller limit or time range',
  })
}
