import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { serveHttp } from '../../src/mcp/http.ts'
import { openRuns } from '../../src/mcp/runs.ts'
import { serverOf, type Offer } from '../../src/mcp/server.ts'
import { openTelemetry } from '../../src/mcp/telemetry.ts'
import { defineTool } from '../../src/mcp/tool.ts'
import { connectTo, eras } from './host.ts'

const token = 'f'.repeat(40)

/** A server with one tool, which waits until its client has gone. */
function waiting(onCalled: (signal: AbortSignal) => void): Offer {
  const tool = defineTool({
    name: 'wait',
    title: 'Wait',
    description: 'Use to wait.',
    input: z.strictObject({}),
    output: z.strictObject({}),
    effect: 'reads',
    example: {},
    handle: async (_, { signal }) => {
      onCalled(signal)
      await new Promise((done) => signal.addEventListener('abort', done))
      return { structured: {} }
    },
  })
  const schema = { type: 'object' as const }
  const hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true }
  return {
    version: '1',
    instructions: '',
    tools: [
      {
        ...tool,
        inputSchema: schema,
        outputSchema: schema,
        annotations: { ...hints, openWorldHint: false },
      },
    ],
    load: async () => tool,
    call: {
      version: '1',
      policy: { readOnly: true, allowCommands: undefined },
      runs: openRuns(),
      open: () => Promise.reject(new Error('no project')),
    },
    telemetry: openTelemetry({ version: '1', env: {}, log: () => undefined }),
    env: {},
    onError: () => undefined,
    onRefused: () => undefined,
  }
}

test.for(eras)(
  'a client of %s that goes is noticed after a collection of garbage too',
  async (era) => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const called = Promise.withResolvers<AbortSignal>()
    const offer = waiting(called.resolve)
    const serving = await serveHttp(() => serverOf(offer), {
      port: 0,
      token,
      onRefused: () => undefined,
    })
    const server = { url: serving.url, token }
    const host = await connectTo(server, era)
    const answered = host.call('wait').catch((error: unknown) => String(error))
    const signal = await called.promise
    for (let round = 0; round < 5; round += 1) {
      await sleep(20)
      collect()
    }
    const aborted = once(signal, 'abort')
    await host[Symbol.asyncDispose]()
    await Promise.race([aborted, sleep(5000)])
    expect(signal.aborted).toBe(true)
    expect(await answered).toMatch(/closed|abort/i)
    await serving.close()
  },
)
