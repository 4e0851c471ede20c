import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
  type NodeIncomingMessageLike,
} from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  InMemoryServerEventBus,
  isLegacyRequest,
  type McpServer,
  type ServerEventBus,
} from '@modelcontextprotocol/server'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Fault } from '../trace/fault.ts'
import { carriesToken } from './bearer.ts'
import { openHttpSessions } from './http-sessions.ts'
import type { Serving } from './server.ts'
import { listenedTo, type Subscriptions } from './subscriptions.ts'

export interface HttpOptions {
  /** A free one when 0. */
  readonly port: number
  /** What a request must carry as bearer token. */
  readonly token: string
  /** Where changes are told that clients of the modern era listen to. */
  readonly bus?: ServerEventBus
  /** Opens what follows the resources that they listen to. */
  readonly subscriptions?: (tell: (uri: string) => void) => Subscriptions
  /** Called for what a client did wrong, which the SDK has answered. */
  readonly onRefused: (error: Error) => void
}

export interface HttpServing extends Serving {
  readonly url: string
}

const HOST = '127.0.0.1'
const PATH = '/mcp'
/** As the SDK bounds a message on standard input. */
const maxRequestBodySize = 10 * 1024 * 1024
const MAX_CONNECTIONS = 500

/** Serves both protocol eras over Streamable HTTP on loopback; a Fault when the port is taken. */
export async function serveHttp(
  newServer: () => McpServer,
  { port, token, bus = new InMemoryServerEventBus(), subscriptions, onRefused }: HttpOptions,
): Promise<HttpServing> {
  const modern = createMcpHandler(newServer, {
    legacy: 'reject',
    bus,
    maxRequestBodySize,
    onerror: onRefused,
  })
  const sessions = openHttpSessions(newServer, { maxRequestBodySize })
  const followed = subscriptions?.((uri) => modern.notify.resourceUpdated(uri))
  const fetch: Fetch = async (request) => {
    if (await isLegacyRequest(request, undefined, { maxRequestBodySize })) {
      return sessions.fetch(request)
    }
    const uris = followed === undefined ? [] : await listenedIn(request)
    const response = await modern.fetch(request)
    if (uris.length > 0 && isStream(response)) {
      await followUntilLeft(uris, request.signal, followed)
    }
    return response
  }
  const refuses = refusals(token)
  const server = createServer((request, response) => {
    if (refuses.some((isRefused) => isRefused(request, response))) return
    const handler = { fetch: holdUntilClosed(response, fetch) }
    const answer = toNodeHandler(handler, { maxRequestBodySize, onerror: onRefused })
    void answer(incoming(request), response)
  })
  server.maxConnections = MAX_CONNECTIONS
  await listening(server, port)
  const ended = once(server, 'close').then(() => undefined)
  return {
    url: `http://${HOST}:${portOf(server)}${PATH}`,
    ended,
    close: async () => {
      server.close()
      followed?.end()
      await Promise.all([modern.close(), sessions.close()])
      server.closeAllConnections()
      await ended
    },
  }
}

type Fetch = (request: Request) => Promise<Response>

/** A Request that nobody holds is collected, and its signal never tells then that the client has gone. */
function holdUntilClosed(response: ServerResponse, fetch: Fetch): Fetch {
  const held = new Set<Request>()
  response.once('close', () => held.clear())
  return (request) => {
    held.add(request)
    return fetch(request)
  }
}

/** The header is the SDK's to compare with the body, so that most bodies need no second look. */
async function listenedIn(request: Request): Promise<readonly string[]> {
  if (request.headers.get('mcp-method') !== 'subscriptions/listen') return []
  return listenedTo(await request.clone().json())
}

function isStream(response: Response): boolean {
  return response.headers.get('content-type') === 'text/event-stream'
}

async function followUntilLeft(
  uris: readonly string[],
  signal: AbortSignal,
  followed: Subscriptions | undefined,
): Promise<void> {
  if (signal.aborted) return
  const key = Symbol('listening')
  signal.addEventListener('abort', () => followed?.remove(key), { once: true })
  await followed?.add(key, uris)
}

/** What the SDK reads of a request. */
function incoming(request: IncomingMessage): NodeIncomingMessageLike {
  const { method = 'GET', url = '/', headers } = request
  return { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() }
}

type Refusal = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Pages that a browser loaded elsewhere reach loopback by a name that they let resolve to it, so the Host and the Origin are asked
 * before anything else is read. https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */
function refusals(token: string): readonly Refusal[] {
  const isHost = localhostHostValidation()
  const isOrigin = localhostOriginValidation()
  return [
    (request, response) => !isHost(request, response),
    (request, response) => !isOrigin(request, response),
    (request, response) => {
      if (request.url?.split('?', 1)[0] === PATH) return false
      refuse(response, 404, `the server is at ${PATH}`)
      return true
    },
    (request, response) => {
      const { authorization } = request.headers
      if (carriesToken(authorization, token)) return false
      const wrong = authorization === undefined ? '' : ', error="invalid_token"'
      response.setHeader('www-authenticate', `Bearer realm="tracespec"${wrong}`)
      refuse(response, 401, 'the bearer token that the server printed is missing')
      return true
    },
  ]
}

function refuse(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify({ error })}\n`)
}

async function listening(server: Server, port: number): Promise<void> {
  server.listen(port, HOST)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    throw new Fault('RECEIVER_UNAVAILABLE', `cannot listen on ${HOST} port ${port}`, {
      cause,
      ...(isTaken ? { hint: 'the port is taken; without --port a free one is found' } : {}),
    })
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new RangeError('no port')
  return address.port
}
