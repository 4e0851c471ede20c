import {
  createRequestStateCodec,
  InMemoryServerEventBus,
  McpServer,
} from '@modelcontextprotocol/server'
import { randomBytes } from 'node:crypto'
import { serveHttp, type HttpServing } from '../../../src/mcp/http.ts'
import { registerPrompts, registerResources } from './fixture-resources.ts'
import { registerTools } from './fixture-tools.ts'

/** Serves what the conformance suite asks for by the door that our own server has. */
export async function serveFixtures(token: string): Promise<HttpServing> {
  const bus = new InMemoryServerEventBus()
  const codec = createRequestStateCodec<string>({ key: randomBytes(32) })
  const newServer = (): McpServer => {
    const mcp = new McpServer(
      { name: 'fixtures', version: '1.0.0' },
      {
        capabilities: {
          tools: { listChanged: true },
          resources: { subscribe: true, listChanged: true },
          prompts: { listChanged: true },
          completions: {},
          logging: {},
        },
        requestState: { verify: (state, context) => codec.verify(state, context) },
      },
    )
    registerTools(mcp, bus, (state) => codec.mint(state))
    registerResources(mcp)
    registerPrompts(mcp)
    for (const method of ['resources/subscribe', 'resources/unsubscribe'] as const) {
      mcp.server.setRequestHandler(method, () => ({}))
    }
    return mcp
  }
  return serveHttp(newServer, { port: 0, token, bus, onRefused: () => undefined })
}
