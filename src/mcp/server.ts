import {
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CallToolResult,
  type GetPromptResult,
  type Transport,
} from '@modelcontextprotocol/server'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import type { ListedTool } from './listing.ts'
import type { Prompt } from './prompts.ts'
import { handle, ownCall, type Handling, type Request } from './request.ts'
import type { WatchOptions } from './resource-watch.ts'
import { hear, openSubscriptions } from './subscriptions.ts'
import type { Tool } from './tool.ts'

/** What a server offers. */
export interface Offer extends Handling {
  readonly version: string
  readonly instructions: string
  /** In the order in which hosts are told of them. */
  readonly tools: readonly ListedTool[]
  readonly load: (name: string) => Promise<Tool | undefined>
}

export interface Serving {
  /** Resolves when the client has gone. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

const LIST_HINT = { ttlMs: 300_000, cacheScope: 'public' } as const

/** Serves both protocol eras on the standard streams. */
export function serveStandardStreams(offer: Offer): Serving {
  let latest: McpServer | undefined
  const watched = watchOptions(offer, (uri) => tellOf(latest, uri))
  const subscriptions = openSubscriptions(watched)
  const handle = serveStdio(() => (latest = serverOf(offer)), {
    onerror: offer.onRefused,
    transport: overheard(
      new StdioServerTransport(),
      (message) => void hear(message, subscriptions).catch(watched.onError),
    ),
  })
  const ended = new Promise<void>((done) => {
    process.stdin.once('end', done)
    process.stdin.once('close', done)
  })
  void ended.then(subscriptions.end)
  return { ended, close: () => handle.close() }
}

/** The transport, with an ear for what arrives. */
function overheard(inner: Transport, listen: (message: unknown) => void): Transport {
  return {
    start: () => inner.start(),
    send: (message, options) => inner.send(message, options),
    close: () => inner.close(),
    set onmessage(handle: Transport['onmessage']) {
      inner.onmessage = (message, extra) => {
        handle?.(message, extra)
        listen(message)
      }
    },
    set onclose(handle: () => void) {
      inner.onclose = handle
    },
    set onerror(handle: (error: Error) => void) {
      inner.onerror = handle
    },
  }
}

/** How changes are found for the clients of an offer. */
export function watchOptions(offer: Offer, tell: WatchOptions['tell']): WatchOptions {
  return {
    call: ownCall(offer),
    tell,
    onError: (error) => offer.onError(error instanceof Error ? error : new Error(String(error))),
  }
}

/** A client that has gone needs no notice. */
function tellOf(mcp: McpServer | undefined, uri: string): void {
  mcp?.server.sendResourceUpdated({ uri }).catch(() => undefined)
}

/** One server of what is offered, for one connection, session or request. */
export function serverOf(offer: Offer): McpServer {
  const mcp = new McpServer(
    { name: 'tracespec', title: 'tracespec', version: offer.version },
    {
      capabilities: {
        tools: { listChanged: false },
        resources: { listChanged: false, subscribe: true },
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
  serveTools(mcp, offer)
  serveResources(mcp, offer)
  serveSubscriptions(mcp, offer)
  servePrompts(mcp, offer)
  return mcp
}

/** Answers by what a request is for. */
type Responder = <T>(request: Request<T>) => Promise<T>

function serveTools(mcp: McpServer, offer: Offer): void {
  const answer: Responder = (request) => handle(mcp, offer, request)
  mcp.server.setRequestHandler('tools/list', (_, context) =>
    answer({ context, work: async () => ({ tools: [...offer.tools] }) }),
  )
  mcp.server.setRequestHandler('tools/call', ({ params }, context) => {
    const isOffered = offer.tools.some((tool) => tool.name === params.name)
    return answer({
      context,
      target: isOffered ? { kind: 'tool', name: params.name } : undefined,
      work: async (call) => {
        if (!isOffered) throw await unknownTool(params.name, offer.tools)
        return resultOf(await answered(offer, params, call))
      },
      errorTypeOf: ({ isError }) => (isError === true ? 'tool_error' : undefined),
    })
  })
}

function serveResources(mcp: McpServer, offer: Offer): void {
  const answer: Responder = (request) => handle(mcp, offer, request)
  mcp.server.setRequestHandler('resources/list', (_, context) =>
    answer({
      context,
      work: async (call) => {
        const { listResources } = await import('./resources.ts')
        return { resources: [...(await listResources(call))] }
      },
    }),
  )
  mcp.server.setRequestHandler('resources/templates/list', (_, context) =>
    answer({
      context,
      work: async () => {
        const { resourceTemplates } = await import('./resources.ts')
        return { resourceTemplates: [...resourceTemplates] }
      },
    }),
  )
  mcp.server.setRequestHandler('resources/read', ({ params: { uri } }, context) =>
    answer({
      context,
      target: { kind: 'resource', uri: uri.slice(0, 1000) },
      work: async (call) => {
        const { readResource } = await import('./resources.ts')
        const contents = await readResource(uri, call)
        if (contents === undefined) throw new ResourceNotFoundError(uri)
        return { contents: [contents] }
      },
    }),
  )
}

/** As clients of the 2025 era subscribe. */
function serveSubscriptions(mcp: McpServer, offer: Offer): void {
  const answer: Responder = (request) => handle(mcp, offer, request)
  const subscriptions = openSubscriptions(watchOptions(offer, (uri) => tellOf(mcp, uri)))
  mcp.server.onclose = subscriptions.end
  mcp.server.setRequestHandler('resources/subscribe', ({ params: { uri } }, context) =>
    answer({
      context,
      target: { kind: 'resource', uri: uri.slice(0, 1000) },
      work: async () => {
        if (!uri.startsWith('tracespec://')) throw new ResourceNotFoundError(uri)
        await subscriptions.add(uri, [uri])
        return {}
      },
    }),
  )
  mcp.server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }, context) =>
    answer({
      context,
      target: { kind: 'resource', uri: uri.slice(0, 1000) },
      work: async () => {
        subscriptions.remove(uri)
        return {}
      },
    }),
  )
}

function servePrompts(mcp: McpServer, offer: Offer): void {
  const answer: Responder = (request) => handle(mcp, offer, request)
  mcp.server.setRequestHandler('prompts/list', (_, context) =>
    answer({
      context,
      work: async () => {
        const { prompts } = await import('./prompts.ts')
        return {
          prompts: prompts.map(({ name, title, description, arguments: args }) => ({
            name,
            title,
            description,
            arguments: [...args],
          })),
        }
      },
    }),
  )
  mcp.server.setRequestHandler('prompts/get', async ({ params }, context) => {
    const { prompts } = await import('./prompts.ts')
    const prompt = prompts.find(({ name }) => name === params.name)
    return answer({
      context,
      target: prompt === undefined ? undefined : { kind: 'prompt', name: prompt.name },
      work: async () => promptResult(prompt, params),
    })
  })
  mcp.server.setRequestHandler('completion/complete', ({ params }, context) =>
    answer({
      context,
      work: async (call) => {
        const { complete } = await import('./complete.ts')
        return { completion: await complete(params.argument, call) }
      },
    }),
  )
}

function promptResult(
  prompt: Prompt | undefined,
  params: { readonly name: string; readonly arguments?: Record<string, string> | undefined },
): GetPromptResult {
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
  return {
    description: prompt.description,
    messages: [{ role: 'user', content: { type: 'text', text: prompt.text(given) } }],
  }
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
