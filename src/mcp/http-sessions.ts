import {
  WebStandardStreamableHTTPServerTransport,
  type McpServer,
} from '@modelcontextprotocol/server'
import { randomUUID } from 'node:crypto'

export interface HttpSessions {
  /** Answers one request of a client of the 2025 era. */
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

export interface SessionLimits {
  readonly maxRequestBodySize: number
  /** After which a session ends that nobody uses. */
  readonly idleMs?: number
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: McpServer
  /** Streams on which the client listens. */
  listening: number
  idle?: NodeJS.Timeout
}

const MAX_SESSIONS = 100
/** Longer than any call takes. */
const IDLE_MS = 2 * 3_600_000

/**
 * Clients of the 2025 era keep a session: a cancellation and a subscription must find the server of the request that they are for.
 * The session that was not used for the longest time makes room for a new one, since clients need not say that they go.
 */
export function openHttpSessions(
  newServer: () => McpServer,
  { maxRequestBodySize, idleMs = IDLE_MS }: SessionLimits,
): HttpSessions {
  const sessions = new Map<string, Session>()
  const begin = async (): Promise<Session> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize,
      onsessioninitialized: (id) => keep(id, session),
      onsessionclosed: (id) => forget(id),
    })
    const session: Session = { transport, server: newServer(), listening: 0 }
    await session.server.connect(transport)
    return session
  }
  const forget = (id: string): void => {
    clearTimeout(sessions.get(id)?.idle)
    sessions.delete(id)
  }
  const end = async (id: string): Promise<void> => {
    const server = sessions.get(id)?.server
    forget(id)
    await server?.close()
  }
  const keep = async (id: string, session: Session): Promise<void> => {
    forget(id)
    sessions.set(id, session)
    session.idle = setTimeout(
      () => void (session.listening > 0 ? keep(id, session) : end(id)),
      idleMs,
    ).unref()
    const [oldest] = sessions.keys()
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) await end(oldest)
  }
  return {
    fetch: async (request) => {
      const id = request.headers.get('mcp-session-id')
      if (id === null) return answerFirst(request, await begin())
      const session = sessions.get(id)
      if (session === undefined) return noSession()
      await keep(id, session)
      if (request.method === 'GET') listen(session, request.signal)
      return session.transport.handleRequest(request)
    },
    close: async () => {
      await Promise.all([...sessions.keys()].map(end))
    },
  }
}

function listen(session: Session, signal: AbortSignal): void {
  session.listening += 1
  signal.addEventListener('abort', () => (session.listening -= 1), { once: true })
}

/** What is no `initialize` is refused, and leaves no session behind. */
async function answerFirst(request: Request, { transport, server }: Session): Promise<Response> {
  const response = await transport.handleRequest(request)
  if (transport.sessionId === undefined) await server.close()
  return response
}

/** Clients begin a new session then. */
function noSession(): Response {
  const error = { code: -32_001, message: 'Session not found' }
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 })
}
