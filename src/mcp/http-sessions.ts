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

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: McpServer
}

const MAX_SESSIONS = 100

/**
 * Clients of the 2025 era keep a session: a cancellation and a subscription must find the server of the request that they are for.
 * The session that was not used for the longest time makes room for a new one.
 */
export function openHttpSessions(
  newServer: () => McpServer,
  { maxRequestBodySize }: { readonly maxRequestBodySize: number },
): HttpSessions {
  const sessions = new Map<string, Session>()
  const begin = async (): Promise<Session> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize,
      onsessioninitialized: (id) => keep(id, session),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    const session = { transport, server: newServer() }
    await session.server.connect(transport)
    return session
  }
  const keep = async (id: string, session: Session): Promise<void> => {
    sessions.delete(id)
    sessions.set(id, session)
    const [oldest] = sessions
    if (sessions.size <= MAX_SESSIONS || oldest === undefined) return
    sessions.delete(oldest[0])
    await oldest[1].server.close()
  }
  return {
    fetch: async (request) => {
      const id = request.headers.get('mcp-session-id')
      if (id === null) return answerFirst(request, await begin())
      const session = sessions.get(id)
      if (session === undefined) return noSession()
      await keep(id, session)
      return session.transport.handleRequest(request)
    },
    close: async () => {
      const all = [...sessions.values()]
      sessions.clear()
      await Promise.all(all.map(({ server }) => server.close()))
    },
  }
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
