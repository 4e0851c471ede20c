import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { traceContextOf } from '../../src/mcp/trace-context.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import type { Span } from '../../src/trace/span.ts'
import { ownRootOf } from '../../src/wire.ts'
import { fixture, place, program, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { continuer } from './emit.ts'
import { connect, connectTo, eras } from './host.ts'
import { startHttp } from './http-server.ts'

const server = [process.execPath, fixture('dist/cli/bin.js'), 'mcp']

interface Turn {
  readonly traceId: string
  readonly run: string
  readonly said: string
}

/** Spans of a trace that the project holds. */
async function spansOf(project: Place, traceId: string): Promise<readonly Span[]> {
  await using host = await connect(project, '2026-07-28')
  return decodeTracesText(await host.read(`tracespec://trace/${traceId}`)).spans
}

test.for([
  ['modern', 'stdio', '2026-07-28'],
  ['legacy', 'stdio', '2025-11-25'],
  ['modern', 'http', '2026-07-28'],
  ['legacy', 'http', '2025-11-25'],
] as const)('tracespec verifies its own server: %s over %s', async ([era, way, version]) => {
  verifies('O-01')
  using project = place({
    'own.trace.yaml': readFileSync(fixture('specs/mcp-server.trace.yaml'), 'utf8'),
  })
  const command = [...program('mcp-agent.mjs'), era, way, ...server]
  const { code, stdout, stderr } = await project.run(['run', '--', ...command])
  expect({ stderr, stdout, code }).toEqual({ stderr, stdout, code: 0 })
  const turn = JSON.parse(/^\{"traceId".*$/m.exec(stdout)?.[0] ?? '') as Turn
  // the command that the server ran is in the agent's trace, below the span that stands for the run
  const { spanId } = ownRootOf(turn.run)
  expect(turn.said).toBe(`00-${turn.traceId}-${spanId}-01 agent=turn tenant=blue`)

  const spans = await spansOf(project, turn.traceId)
  expect(spans.find(({ name }) => name === 'tracespec.run')?.spanId).toBe(spanId)
  const call = spans.find(({ name }) => name === 'tools/call get_trace_spec')
  const sessionId = call?.attributes.get('mcp.session.id') ?? 'none'
  expect(Object.fromEntries(call?.attributes ?? [])).toEqual({
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'get_trace_spec',
    'error.type': 'tool_error',
    'jsonrpc.request.id': expect.stringMatching(/^\d+$/),
    'mcp.protocol.version': version,
    'network.transport': way === 'http' ? 'tcp' : 'pipe',
    ...(way === 'http' ? { 'network.protocol.name': 'http' } : {}),
    ...(way === 'http' && era === 'legacy' ? { 'mcp.session.id': sessionId } : {}),
  })
  // what was around the request is linked: the HTTP request, else what this process was started in
  const links = (call?.links ?? []).map(({ traceId }) => traceId === 'a'.repeat(32))
  expect(links).toEqual([way === 'http'])
})

const specification = `expected_spans:
  - operation_name: POST /checkout
    children:
      - { operation_name: cart.price }
      - { operation_name: payment.authorize }
`

const meta = {
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`,
  tracestate: 'agent=turn',
}

test.for(eras)(
  'runs that share the trace of a client of %s are judged alike, each by itself',
  async (era) => {
    using project = place()
    await using host = await connect(project, era)
    await host.call('define_trace_spec', { name: 'checkout', specification })
    const spans = [{ name: 'POST /checkout' }, { name: 'cart.price', parent: 0 }]
    const paid = [...spans, { name: 'payment.authorize', parent: 0 }]
    const run = async (given: typeof paid, asked: { meta?: typeof meta } = {}) => {
      project.write('shop.mjs', continuer(given))
      const args = { command: 'node', args: ['shop.mjs'] }
      return (await host.call('execute_and_capture', args, asked)).structured
    }
    const alone = [await run(spans), await run(paid)]
    const shared = [await run(spans, { meta }), await run(paid, { meta })]
    const judged = (answer: Record<string, unknown>): unknown =>
      JSON.parse(
        JSON.stringify([
          answer['status'],
          answer['captured'],
          answer['specs'],
          answer['evidence'],
        ]).replaceAll(/\b[0-9a-f]{32}\b/g, 'TRACE'),
      )
    expect(alone.map((answer) => answer['status'])).toEqual(['fail', 'pass'])
    expect(shared.map(judged)).toEqual(alone.map(judged))

    // the verdict of the first is not changed by the second, which has the same trace id
    const compared = async (answer: Record<string, unknown>): Promise<unknown> => {
      const args = { trace: `run:${runIdOf(answer)}`, spec: 'checkout' }
      return (await host.call('compare_trace_to_spec', args)).structured['status']
    }
    expect(await Promise.all(shared.map(compared))).toEqual(['fail', 'pass'])
    const listed = await host.call('get_traces', { limit: 10 })
    const { items } = listed.structured['traces'] as { items: { trace_id: string }[] }
    expect(items.filter(({ trace_id }) => trace_id === '1'.repeat(32))).toHaveLength(2)
    const latest = await host.call('get_trace_by_id', { trace_id: '1'.repeat(32) })
    expect(latest.structured['run']).toBe(runIdOf(shared[1]))
  },
)

function runIdOf(answer: Record<string, unknown> | undefined): string {
  return (answer?.['run'] as { id: string } | undefined)?.id ?? ''
}

interface Collector extends AsyncDisposable {
  readonly url: string
  /** Path and content type of each request. */
  readonly sent: readonly string[]
}

async function openCollector(): Promise<Collector> {
  const sent: string[] = []
  const collector = createServer((request, response) => {
    sent.push(`${request.url} ${request.headers['content-type']}`)
    request.resume().on('end', () => response.end())
  })
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const address = collector.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    sent,
    [Symbol.asyncDispose]: async () => {
      collector.close()
      collector.closeAllConnections()
      await once(collector, 'close')
    },
  }
}

test.for([
  ['an endpoint', {}, ['/v1/traces application/json']],
  ['an endpoint, disabled', { OTEL_SDK_DISABLED: 'true' }, []],
  ['an endpoint for other signals', { OTEL_TRACES_EXPORTER: 'none' }, []],
  ['an endpoint that speaks gRPC', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, []],
  // whoever preloads a provider gets the spans, once
  [
    'a provider',
    { NODE_OPTIONS: `--import ${fixture('fixtures/apps/programs/register-sdk.mjs')}` },
    ['/v1/traces application/x-protobuf'],
  ],
] as const)('with %s spans are sent as configured', async ([, env, sent]) => {
  using project = place()
  await using collector = await openCollector()
  {
    await using http = await startHttp(project, {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
    })
    await using host = await connectTo(http, '2026-07-28')
    expect((await host.call('list_trace_specs')).isError).toBe(false)
    const grpc = 'its own spans are not sent: OTLP over grpc is asked for, not HTTP'
    expect(http.lines.some((line) => line.includes(grpc))).toBe(
      'OTEL_EXPORTER_OTLP_PROTOCOL' in env,
    )
  }
  expect(collector.sent).toEqual(sent)
})

test('a collector that is not there neither disturbs nor delays', async () => {
  using project = place()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  await using http = await startHttp(project, { env })
  {
    await using host = await connectTo(http, '2025-11-25')
    expect((await host.call('list_trace_specs')).isError).toBe(false)
  }
  const start = performance.now()
  process.kill(http.pid, 'SIGTERM')
  expect(await http.exited).toBe(0)
  expect(performance.now() - start).toBeLessThan(5000)
  expect(http.lines).toHaveLength(2)
})

const [trace, span] = ['1'.repeat(32), '2'.repeat(16)]

test.for([
  [`00-${trace}-${span}-01`, true],
  [`00-${trace}-${span}-00`, true],
  [`cc-${trace}-${span}-01-later`, true],
  [`ff-${trace}-${span}-01`, false],
  [`00-${'0'.repeat(32)}-${span}-01`, false],
  [`00-${trace}-${'0'.repeat(16)}-01`, false],
  [`00-${trace.toUpperCase()}G-${span}-01`, false],
  [`00-${trace}-${span}`, false],
  [`00-${trace}-${span}-01 `, false],
  [undefined, false],
  [7, false],
  [{}, false],
] as const)('traceparent %j is one: %s', ([traceparent, isOne]) => {
  const context = traceContextOf((name) => (name === 'traceparent' ? traceparent : undefined))
  expect(context !== undefined).toBe(isOne)
})

test('state and baggage that no variable can carry are left out', () => {
  const carried = {
    traceparent: `00-${trace}-${span}-01`,
    tracestate: 'a=b\nTRACEPARENT=x',
    baggage: `a=${'x'.repeat(9000)}`,
  }
  expect(traceContextOf((name) => carried[name])).toEqual({
    traceId: trace,
    spanId: span,
    isSampled: true,
    traceState: undefined,
    baggage: undefined,
  })
})
