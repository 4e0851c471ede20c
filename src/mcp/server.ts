import {
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CallToolResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { Fault } from '../trace/fault.ts'
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
  /** A bug of our own, for whoever reads the log. */
  readonly onError: (error: Error) => void
}

export interface Serving {
  /** Resolves when the client has gone. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

const LIST_HINT = { ttlMs: 300_000, cacheScope: 'public' } as const

/** Serves both protocol eras on the standard streams. */
export function serveStandardStreams(
  newServer: () => McpServer,
  onError: Offer['onError'],
): Serving {
  const handle = serveStdio(newServer, { onerror: onError })
  const ended = new Promise<void>((done) => {
    process.stdin.once('end', done)
    process.stdin.once('close', done)
  })
  return { ended, close: () => handle.close() }
}

/** One server of what is offered, for one connection, session or request. */
export function serverOf(offer: Offer): McpServer {
  const mcp = new McpServer(
    { name: 'tracespec', title: 'tracespec', version: offer.version },
    {
      capabilities: {
        tools: { listChanged: false },
        resources: { listChanged: false },
        prompts: { listChanged: false },
        completions: {},
      },
      instructions: offer.instructions,
      cacheHints: {
        'tools/list': LIST_HINT,
        'prompts/list': LIST_HINT,
        'resources/templates/list': LIST_HINT,
        'server/discover': LIST_HINT,
      },
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
  serveResources(mcp, offer)
  servePrompts(mcp, offer)
  return mcp
}

function serveResources({ server }: McpServer, offer: Offer): void {
  server.setRequestHandler('resources/list', async (_, context) => {
    const { listResources } = await import('./resources.ts')
    return { resources: [...(await reported(offer, listResources(callOf(offer, context))))] }
  })
  server.setRequestHandler('resources/templates/list', async () => {
    const { resourceTemplates } = await import('./resources.ts')
    return { resourceTemplates: [...resourceTemplates] }
  })
  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
    const { readResource } = await import('./resources.ts')
    const contents = await reported(offer, readResource(uri, callOf(offer, context)))
    if (contents === undefined) throw new ResourceNotFoundError(uri)
    return { contents: [contents] }
  })
}

function servePrompts({ server }: McpServer, offer: Offer): void {
  server.setRequestHandler('prompts/list', async () => {
    const { prompts } = await import('./prompts.ts')
    return {
      prompts: prompts.map(({ name, title, description, arguments: args }) => ({
        name,
        title,
        description,
        arguments: [...args],
      })),
    }
  })
  server.setRequestHandler('prompts/get', async ({ params }) => {
    const { prompts } = await import('./prompts.ts')
    const prompt = prompts.find(({ name }) => name === params.name)
    const given = params.arguments ?? {}
    const lacking = prompt?.arguments.find(({ name, required }) => required && !(name in given))
    if (prompt === undefined || lacking !== undefined) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        lacking === undefined
          ? `there is no prompt ${params.name.slice(0, 100)}`
          : `the prompt ${params.name} needs ${lacking.name}`,
      )
    }
    const text = prompt.text(given)
    return {
      description: prompt.description,
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
    }
  })
  server.setRequestHandler('completion/complete', async ({ params }, context) => {
    const { complete } = await import('./complete.ts')
    return { completion: await reported(offer, complete(params.argument, callOf(offer, context))) }
  })
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

/** Outside of tools a Fault is a protocol error; what is none is a bug of ours, of which the log has the stack. */
async function reported<T>(offer: Offer, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Fault) {
      const text = [error.message, ...(error.hint === undefined ? [] : [error.hint])].join('; ')
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text)
    }
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

function callOf(offer: Offer, { mcpReq, http }: ServerContext): Call {
  return { ...offer.call, signal: signalOf(mcpReq, http), progress: progressOf(mcpReq) }
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
