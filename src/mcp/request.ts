import {
  ProtocolError,
  ProtocolErrorCode,
  PROTOCOL_VERSION_META_KEY,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { Fault } from '../trace/fault.ts'
import type { Call } from './call.ts'
import type { RequestFacts, RequestTarget, RequestTrace } from './request-trace.ts'
import { noTrace, type ErrorTypeOf, type Telemetry } from './telemetry.ts'
import { traceContextOf } from './trace-context.ts'

/** What every request of a server is answered with. */
export interface Handling {
  /** The call without what comes from its request. */
  readonly call: Omit<Call, 'signal' | 'progress' | 'trace'>
  readonly telemetry: Telemetry
  /** Of this process, where its variables may hold a trace context. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** A bug of our own, for whoever reads the log. */
  readonly onError: (error: Error) => void
  /** What a client did wrong, which the SDK has answered. */
  readonly onRefused: (error: Error) => void
}

export interface Request<T> {
  readonly context: ServerContext
  /** Undefined for what is not offered, since names that clients make up are no names for spans. */
  readonly target?: RequestTarget | undefined
  readonly work: (call: Call) => Promise<T>
  readonly errorTypeOf?: ErrorTypeOf<T>
}

/** Answers one request in its span; a Fault is a protocol error; what is none is a bug of ours, of which the log has the stack. */
export async function handle<T>(
  mcp: McpServer,
  handling: Handling,
  { context, target, work, errorTypeOf }: Request<T>,
): Promise<T> {
  const facts = factsOf(context, { mcp, target, env: handling.env })
  const inSpan = (trace: RequestTrace): Promise<T> =>
    reported(handling, work(callOf(handling, context, trace)))
  return handling.telemetry.request(facts, inSpan, errorTypeOf)
}

interface Around {
  readonly mcp: McpServer
  readonly target: RequestTarget | undefined
  readonly env: Handling['env']
}

function factsOf(
  { mcpReq, http, sessionId }: ServerContext,
  { mcp, target, env }: Around,
): RequestFacts {
  const meta: Readonly<Record<string, unknown>> = mcpReq._meta ?? {}
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
  const claimed = envelope[PROTOCOL_VERSION_META_KEY]
  const headers = http?.req?.headers
  return {
    method: mcpReq.method,
    id: mcpReq.id,
    protocolVersion: typeof claimed === 'string' ? claimed : negotiated(mcp.server),
    sessionId,
    transport: http === undefined ? 'pipe' : 'tcp',
    target,
    parent: traceContextOf((name) => meta[name]),
    ambient: traceContextOf((name) =>
      headers === undefined ? env[name.toUpperCase()] : headers.get(name),
    ),
  }
}

/** Clients of the 2025 era say it once, when they connect. */
function negotiated(server: {
  readonly getNegotiatedProtocolVersion: () => string | undefined
}): string | undefined {
  return server.getNegotiatedProtocolVersion()
}

async function reported<T>({ onError }: Handling, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    if (error instanceof Fault) {
      const text = [error.message, ...(error.hint === undefined ? [] : [error.hint])].join('; ')
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text)
    }
    onError(error instanceof Error ? error : new Error(String(error)))
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'a fault of tracespec itself')
  }
}

function callOf({ call }: Handling, { mcpReq, http }: ServerContext, trace: RequestTrace): Call {
  return { ...call, trace, signal: signalOf(mcpReq, http), progress: progressOf(mcpReq) }
}

/** A call of the server's own, which no client waits for. */
export function ownCall({ call }: Handling): Call {
  const { signal } = new AbortController()
  return { ...call, trace: noTrace, signal, progress: () => undefined }
}

/** Nothing resumes a stream that a client left, so its call ends with it in both eras. */
function signalOf({ signal }: ServerContext['mcpReq'], http: ServerContext['http']): AbortSignal {
  return http?.req === undefined ? signal : AbortSignal.any([signal, http.req.signal])
}

const PROGRESS_MS = 500

/** At most one notice in half a second; the number only grows, as the protocol asks. */
function progressOf({ _meta, notify }: ServerContext['mcpReq']): (message: string) => void {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return () => undefined
  let progress = 0
  let lastMs = -Infinity
  return (message) => {
    const nowMs = performance.now()
    if (nowMs - lastMs < PROGRESS_MS) return
    lastMs = nowMs
    progress += 1
    // A client that has gone needs no progress.
    notify({
      method: 'notifications/progress',
      params: { progressToken, progress, message },
    }).catch(() => undefined)
  }
}
