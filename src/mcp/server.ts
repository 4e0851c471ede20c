import {
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CallToolResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import type { ListedTool } from './listing.ts'
import type { Tool } from './tool.ts'

/** What a server offers; all that the SDK is asked for stands in this file. */
export interface Offer {
  readonly version: string
  readonly instructions: string
  /** In the order in which hosts are told of them. */
  readonly tools: readonly ListedTool[]
  readonly load: (name: string) => Promise<Tool | undefined>
  /** The call without what comes from its request. */
  readonly call: Omit<Call, 'signal' | 'progress'>
  readonly readResource: (uri: string, call: Call) => Promise<ResourceText | undefined>
  /** A bug of our own, for whoever reads the log. */
  readonly onError: (error: Error) => void
}

export interface ResourceText {
  readonly uri: string
  readonly mimeType: string
  readonly text: string
}

export interface Serving {
  /** Resolves when the client has gone. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

const LIST_HINT = { ttlMs: 300_000, cacheScope: 'public' } as const

/** Serves both protocol eras on the standard streams. */
export function serveStandardStreams(offer: Offer): Serving {
  const handle = serveStdio(() => serverOf(offer), { onerror: offer.onError })
  const ended = new Promise<void>((done) => {
    process.stdin.once('end', done)
    process.stdin.once('close', done)
  })
  return { ended, close: () => handle.close() }
}

function serverOf(offer: Offer): McpServer {
  const mcp = new McpServer(
    { name: 'tracespec', title: 'tracespec', version: offer.version },
    {
      capabilities: { tools: { listChanged: false }, resources: { listChanged: false } },
      instructions: offer.instructions,
      cacheHints: { 'tools/list': LIST_HINT, 'server/discover': LIST_HINT },
    },
  )
  mcp.server.setRequestHandler('tools/list', () => ({ tools: [...offer.tools] }))
  mcp.server.setRequestHandler('tools/call', async ({ params }, context) => {
    if (!offer.tools.some((tool) => tool.name === params.name)) {
      throw await unknownTool(params.name, offer.tools)
    }
    const call = callOf(offer, context)
    return resultOf(await reported(offer, answered(offer, params, call)))
  })
  mcp.server.setRequestHandler('resources/read', async ({ params }, context) => {
    const contents = await reported(offer, offer.readResource(params.uri, callOf(offer, context)))
    if (contents === undefined) throw new ResourceNotFoundError(params.uri)
    return { contents: [contents] }
  })
  return mcp
}

async function unknownTool(name: string, tools: Offer['tools']): Promise<ProtocolError> {
  const { didYouMean } = await import('../app/did-you-mean.ts')
  const known = tools.map((tool) => tool.name)
  const hint = didYouMean(name, known) ?? `tools are ${known.join(', ')}`
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `there is no tool ${name.slice(0, 100)}; ${hint}`,
  )
}

async function answered(
  offer: Offer,
  params: { readonly name: string; readonly arguments?: unknown },
  call: Call,
): Promise<Answer> {
  const { answerCall } = await import('./answer-call.ts')
  const tool = await offer.load(params.name)
  if (tool === undefined) throw new RangeError(`${params.name} is listed and not there`)
  return answerCall(tool, params.arguments ?? {}, call)
}

/** What is no Fault is a bug of ours: the client gets a protocol error, the log the stack. */
async function reported<T>(offer: Offer, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    offer.onError(error instanceof Error ? error : new Error(String(error)))
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'a fault of tracespec itself')
  }
}

function resultOf({ structured, isError = false, links = [] }: Answer): CallToolResult {
  return {
    content: [
      { type: 'text', text: JSON.stringify(structured) },
      ...links.map((link) => ({ type: 'resource_link' as const, ...link })),
    ],
    structuredContent: structured,
    ...(isError ? { isError } : {}),
  }
}

function callOf(offer: Offer, { mcpReq }: ServerContext): Call {
  return { ...offer.call, signal: mcpReq.signal, progress: progressOf(mcpReq) }
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
