import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, traceIdOf } from '../report/spans.ts'
import { backend, type Backend } from '../sources/backend.ts'
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
    readonly items: readonly { readonly root: string }[]
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
