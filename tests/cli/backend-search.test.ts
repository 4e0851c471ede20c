import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, traceIdOf } from '../report/spans.ts'
import { fixture as bytesOf } from '../otlp/fixture.ts'
import { backend, type Backend } from '../sources/backend.ts'
import { grpcBackend } from '../sources/grpc-backend.ts'
import { verifies } from '../verifies.ts'
import { place } from './tracespec.ts'

/** A Jaeger that has more traces than anybody asks for; each is of one span, a second older than the one before. */
function jaeger(): Promise<Backend> {
  const newest = BigInt(Date.now()) * 1_000_000n
  return backend((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    if (url.pathname === '/api/v3/services') return void response.end('{"services":["shop"]}')
    const count = Number(url.searchParams.get('query.num_traces') ?? 0)
    const spans = Array.from({ length: count }, (_, at) => {
      const start = nanosOf(newest - BigInt(at) * 1_000_000_000n)
      return {
        ...sketch({
          id: at + 1,
          name: at % 2 === 0 ? 'GET /cart' : 'POST /checkout',
          from: 0,
          to: 0,
          attributes: { 'cart.items': BigInt(at) },
        }),
        traceId: traceIdOf((at + 1).toString(16).padStart(32, '0')),
        start,
        end: nanosOf(start + 5_000_000n),
      }
    })
    response.end(`{"result":${encodeTracesJson(spans)}}`)
  })
}

interface Found {
  readonly traces: {
    readonly items: readonly { readonly root: string; readonly run: string | null }[]
    readonly shown: number
    readonly total: number | null
    readonly omitted: number | null
    readonly how: string | null
    readonly cut_at: number | null
  }
}

test('a search of a backend says that it cannot count, and how to go on', async () => {
  verifies('P-06', 'P-22')
  await using server = await jaeger()
  using project = place()
  const search = (...args: readonly string[]) =>
    project.run(['traces', '--from', server.url.href, '--limit', '3', ...args])
  const { code, stdout } = await search('--json', 'service=shop')
  const found: Found = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(found.traces).toMatchObject({ shown: 3, total: null, omitted: null })
  expect(found.traces.how).toMatch(/^--cursor \d+-[0-9a-f]{32} shows what comes after$/)
  const told = await search('service=shop')
  expect(told.stdout).toMatch(/3 traces, and more may follow; --cursor \S+ shows/)
})

test('what a backend cannot filter is filtered here, and the part that was seen is said', async () => {
  verifies('P-06', 'P-22')
  await using server = await jaeger()
  using project = place()
  const args = ['traces', '--from', server.url.href, '--limit', '3']
  const { stdout } = await project.run([...args, '--json', 'cart.items>=1 cart.items<4'])
  const found: Found = JSON.parse(stdout)
  expect(found.traces.items.map(({ root }) => root)).toEqual([
    'POST /checkout',
    'GET /cart',
    'POST /checkout',
  ])
  expect(found.traces.total).toBeNull()
  expect(found.traces.cut_at).toBeGreaterThan(3)
  const told = await project.run([...args, 'cart.items=never'])
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /The backend gave only \d+ traces to choose from, so others may match: narrow the search/,
  )
})

test('a trace of a backend shows the run that it names', async () => {
  verifies('P-22')
  const run = 'r-1m7y4wr6rc0bt'
  const [request, query] = ['GET /cart', 'SELECT'].map((name, at) => {
    const span = sketch({ id: at + 1, ...(at === 0 ? {} : { parent: 1 }), name, from: 0, to: 5 })
    const attributes = new Map([...span.resource.attributes, ['tracespec.run.id', run]])
    return at === 0 ? span : { ...span, resource: { ...span.resource, attributes } }
  })
  const body = `{"result":${encodeTracesJson([request, query].filter((span) => span !== undefined))}}`
  await using server = await backend((asked, response) =>
    response.end(asked.url?.startsWith('/api/v3/services') === true ? '{"services":[]}' : body),
  )
  using project = place()
  const list = async (...filter: readonly string[]): Promise<readonly (string | null)[]> => {
    const { stdout } = await project.run(['traces', '--from', server.url.href, '--json', ...filter])
    const found: Found = JSON.parse(stdout)
    return found.traces.items.map((trace) => trace.run)
  }
  expect(await list()).toEqual([run])
  expect(await list('--run', `run:${run}`)).toEqual([run])
  expect(await list('--run', 'r-0000000000000')).toEqual([])
})

test('Jaeger is read over gRPC, by a URL and as it is configured', async () => {
  verifies('P-23', 'P-27')
  const [v3, v2] = ['/jaeger.api_v3.QueryService', '/jaeger.api_v2.QueryService']
  await using server = await grpcBackend({
    [`${v3}/GetServices`]: () => ({ messages: [Buffer.from('\n\x04shop')] }),
    [`${v3}/GetTrace`]: () => ({ messages: [bytesOf('recorded/jaeger/grpc-v3-trace.pb')] }),
    [`${v2}/GetTrace`]: () => ({ messages: [bytesOf('recorded/jaeger/grpc-v2-trace.pb')] }),
  })
  const [first] = decodeTraces(bytesOf('recorded/rich.otlp.pb')).spans
  using project = place()
  project.write(
    'tracespec.yaml',
    `backends:\n  newest: { type: jaeger, endpoint: "${server.url.href}" }\n  old: { type: jaeger, protocol: grpc-v2, endpoint: "http://${server.url.host}" }\n`,
  )
  const shown = await Promise.all(
    [server.url.href, 'newest', 'old'].map((from) =>
      project.run(['show', `trace:${first?.traceId}`, '--from', from]),
    ),
  )
  expect(shown.map(({ code, stdout }) => [code, stdout.split('\n', 1)[0]])).toEqual(
    shown.map(() => [0, `trace:${first?.traceId}`]),
  )
  expect([...new Set(server.asked.map(({ method }) => method))]).toContain(`${v2}/GetTrace`)
})
