import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttp,
} from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { dirname, join } from 'node:path'
import { fixture, type Place } from '../cli/tracespec.ts'
import type { HttpServer } from './http-server.ts'

/** What a tool answered to a real client of a real server. */
export interface Answered {
  readonly structured: Record<string, unknown>
  readonly content: readonly { readonly type: string; readonly [key: string]: unknown }[]
  readonly isError: boolean
}

export interface Host extends AsyncDisposable {
  readonly era: Era
  listTools(): Promise<ListedTool[]>
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<Answered>
  read(uri: string): Promise<string>
  listResources(): Promise<string[]>
  listTemplates(): Promise<string[]>
  listPrompts(): Promise<Record<string, unknown>[]>
  prompt(name: string, args: Record<string, string>): Promise<string>
  complete(template: string, name: string, value: string): Promise<string[]>
  /** Tells of changes of these resources until it is left. */
  follow(uris: readonly string[], told: (uri: string) => void): Promise<AsyncDisposable>
}

interface CallOptions extends RequestOptions {
  /** `_meta` of the request. */
  readonly meta?: Record<string, unknown>
}

interface RequestOptions {
  readonly signal?: AbortSignal
  readonly onprogress?: (progress: { progress: number; message?: string }) => void
}

interface ListedTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema: Record<string, unknown>
  readonly outputSchema?: Record<string, unknown> | undefined
  readonly annotations?: Record<string, unknown> | undefined
}

export const eras = ['2025-11-25', '2026-07-28'] as const
export type Era = (typeof eras)[number]

/** A client of the era with a server of the built program for this project. */
export async function connect(
  place: Place,
  era: Era,
  options: readonly string[] = [],
): Promise<Host> {
  const server = {
    command: process.execPath,
    args: [fixture('dist/cli/bin.js'), 'mcp', ...options],
    cwd: place.folder,
    env: environment(place),
    stderr: 'pipe' as const,
  }
  return hostOf(
    era,
    era === '2025-11-25'
      ? await legacy(new LegacyTransport(server))
      : await modern(new ModernTransport(server)),
  )
}

/** A client of the era of a server that listens. */
export async function connectTo(
  server: Pick<HttpServer, 'url' | 'token'>,
  era: Era,
): Promise<Host> {
  const url = new URL(server.url)
  const requestInit = { headers: { authorization: `Bearer ${server.token}` } }
  return hostOf(
    era,
    era === '2025-11-25'
      ? await legacy(new LegacyHttp(url, { requestInit }))
      : await modern(new ModernHttp(url, { requestInit })),
  )
}

function hostOf(era: Era, client: AnyClient): Host {
  return {
    era,
    listTools: async () => (await client.listTools()).tools as ListedTool[],
    call: async (name, args = {}, asked = {}) => {
      const { meta, ...options } = asked
      const params = { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) }
      const result = await client.callTool(params, options)
      return {
        structured: (result.structuredContent ?? {}) as Record<string, unknown>,
        content: result.content as Answered['content'],
        isError: result.isError === true,
      }
    },
    read: async (uri) => {
      const { contents } = await client.readResource({ uri })
      const [first] = contents as { text?: string }[]
      return first?.text ?? ''
    },
    listResources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    listTemplates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map((each) => each.uriTemplate),
    listPrompts: async () => (await client.listPrompts()).prompts,
    prompt: async (name, args) => {
      const { messages } = await client.getPrompt({ name, arguments: args })
      return messages.map(({ content }) => (content as { text?: string }).text ?? '').join('\n')
    },
    complete: async (template, name, value) => {
      const ref = { type: 'ref/resource' as const, uri: template }
      return (await client.complete({ ref, argument: { name, value } })).completion.values
    },
    follow: async (uris, told) => {
      const leave = await client.follow(uris, told)
      return { [Symbol.asyncDispose]: leave }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** Little of our own: hosts pass on little too. */
export function environment({ folder }: Place): Record<string, string> {
  const home = dirname(folder)
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(':')
  return { PATH: path, HOME: home, TMPDIR: join(home, 'tmp'), LANG: 'C.UTF-8' }
}

interface Result {
  readonly [key: string]: unknown
  readonly structuredContent?: unknown
  readonly content?: unknown
  readonly isError?: unknown
}

interface ToolCall {
  readonly name: string
  readonly arguments: Record<string, unknown>
  readonly _meta?: Record<string, unknown>
}

interface AnyClient {
  listTools(): Promise<{ readonly tools: unknown }>
  callTool(params: ToolCall, options: RequestOptions): Promise<Result>
  readResource(params: { uri: string }): Promise<{ readonly contents: unknown }>
  listResources(): Promise<{ readonly resources: readonly { readonly uri: string }[] }>
  listResourceTemplates(): Promise<{
    readonly resourceTemplates: readonly { readonly uriTemplate: string }[]
  }>
  listPrompts(): Promise<{ readonly prompts: Record<string, unknown>[] }>
  getPrompt(params: {
    name: string
    arguments: Record<string, string>
  }): Promise<{ readonly messages: readonly { readonly content: unknown }[] }>
  complete(params: {
    ref: { type: 'ref/resource'; uri: string }
    argument: { name: string; value: string }
  }): Promise<{ readonly completion: { readonly values: string[] } }>
  follow(uris: readonly string[], told: (uri: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

const identity = { name: 'test-host', version: '1.0.0' }

async function legacy(transport: Parameters<LegacyClient['connect']>[0]): Promise<AnyClient> {
  const client = new LegacyClient(identity)
  await client.connect(transport)
  return {
    listTools: () => client.listTools(),
    callTool: (params, options) => client.callTool({ ...params }, undefined, options as object),
    readResource: (params) => client.readResource(params),
    listResources: () => client.listResources(),
    listResourceTemplates: () => client.listResourceTemplates(),
    listPrompts: () => client.listPrompts(),
    getPrompt: (params) => client.getPrompt(params),
    complete: (params) => client.complete(params),
    follow: async (uris, told) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
        told(params.uri),
      )
      for (const uri of uris) await client.subscribeResource({ uri })
      return async () => {
        for (const uri of uris) await client.unsubscribeResource({ uri })
      }
    },
    close: () => client.close(),
  }
}

async function modern(transport: Parameters<ModernClient['connect']>[0]): Promise<AnyClient> {
  const client = new ModernClient(identity, {
    versionNegotiation: { mode: { pin: '2026-07-28' } },
  })
  await client.connect(transport)
  return {
    listTools: () => client.listTools(),
    callTool: (params, options) => client.callTool({ ...params }, options as object),
    readResource: (params) => client.readResource(params),
    listResources: () => client.listResources(),
    listResourceTemplates: () => client.listResourceTemplates(),
    listPrompts: () => client.listPrompts(),
    getPrompt: (params) => client.getPrompt(params),
    complete: (params) => client.complete(params),
    follow: async (uris, told) => {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
        told(params.uri),
      )
      const subscription = await client.listen({ resourceSubscriptions: [...uris] })
      return () => subscription.close()
    },
    close: () => client.close(),
  }
}
