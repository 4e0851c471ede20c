import type { RequestListener } from 'node:http'
import { PbfWriter } from 'pbf'
import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import type { Endpoint } from '../../src/sources/endpoint.ts'
import { openTempo } from '../../src/sources/tempo.ts'
import { parseTraceId, type TraceId } from '../../src/trace/ids.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { TraceQuery } from '../../src/trace/query.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { fixture } from '../otlp/fixture.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'
import { backend, type Backend } from './backend.ts'

function endpoint(url: URL): Endpoint {
  return { url, headers: {}, tls: undefined, timeoutMs: 5_000, maxBytes: 2 ** 24 }
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
}

/** An answer as it was recorded, with its status and content type. */
function recorded(name: string, ending: 'json' | 'pb' | 'txt'): Reply {
  const headers = fixture(`recorded/tempo/${name}.headers`).toString()
  return {
    status: Number(/^HTTP\/1.1 (\d{3})/.exec(headers)?.[1]),
    type: /^Content-Type: (.*)$/im.exec(headers)?.[1]?.trim() ?? '',
    body: fixture(`recorded/tempo/${name}.${ending}`),
  }
}

/** A Tempo that answers by the begin of what is asked; 404 for all else. */
function tempo(replies: Readonly<Record<string, Reply>>): Promise<Backend> {
  const listener: RequestListener = (request, response) => {
    const path = Object.keys(replies).find((begin) => request.url?.startsWith(begin))
    const { status, type, body } = replies[path ?? ''] ?? unknownRoute
    response.writeHead(status, type === '' ? {} : { 'content-type': type }).end(body)
  }
  return backend(listener)
}

const unknownRoute: Reply = { status: 404, type: 'text/plain', body: '404 page not found\n' }
const traceId = id('00000000000000007d5c1c2e9a3b4f60')
const rich = decodeTraces(fixture('recorded/rich.otlp.pb')).spans.filter(
  (span) => span.traceId === traceId,
)

function id(text: string): TraceId {
  return defined(parseTraceId(text))
}

/** Without the schema URL of the resource, which Tempo drops. */
function told(spans: readonly Span[]): readonly unknown[] {
  return spans
    .map((span) => ({ ...span, resource: span.resource.attributes }))
    .toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1))
}

test.for<readonly [string, Readonly<Record<string, Reply>>, readonly string[]]>([
  ['version 2 as protobuf', { '/api/v2/traces/': recorded('trace-v2-protobuf', 'pb') }, ['v2']],
  ['version 2 as JSON', { '/api/v2/traces/': recorded('trace-v2', 'json') }, ['v2']],
  ['version 1 as protobuf', { '/api/traces/': recorded('trace-v1-protobuf', 'pb') }, ['v2', 'v1']],
  ['version 1 as JSON', { '/api/traces/': recorded('trace-v1', 'json') }, ['v2', 'v1']],
])('a trace is read by %s', async ([, replies, asked]) => {
  await using server = await tempo(replies)
  using source = openTempo(endpoint(server.url))
  const found = defined(await source.trace(traceId))
  expect(told(found.spans)).toEqual(told(rich))
  expect([found.losses, found.cut]).toEqual([lossless, undefined])
  expect(server.asked.map(({ line, headers }) => [line, headers.accept])).toEqual(
    asked.map((version) => [
      `GET /api/${version === 'v2' ? 'v2/' : ''}traces/${traceId}`,
      'application/protobuf',
    ]),
  )
})

test.for<readonly [string, Readonly<Record<string, Reply>>]>([
  ['an empty trace', { '/api/v2/traces/': recorded('trace-v2-unknown', 'json') }],
  [
    'an empty message',
    { '/api/v2/traces/': { status: 200, type: 'application/protobuf', body: '' } },
  ],
  [
    '404 in both versions',
    {
      '/api/v2/traces/': recorded('trace-v1-unknown', 'txt'),
      '/api/traces/': recorded('trace-v1-unknown', 'txt'),
    },
  ],
])('%s is no trace', async ([, replies]) => {
  await using server = await tempo(replies)
  using source = openTempo(endpoint(server.url))
  expect(await source.trace(traceId)).toBeUndefined()
})

function partial(message: string): Uint8Array {
  const writer = new PbfWriter()
  writer.writeVarintField(3, 1)
  if (message !== '') writer.writeStringField(4, message)
  return Buffer.concat([fixture('recorded/tempo/trace-v2-protobuf.pb'), writer.finish()])
}

const json = fixture('recorded/tempo/trace-v2.json').toString()

test.for<readonly [string, Partial<Reply>, string]>([
  ['protobuf', { body: partial('trace exceeds max size') }, 'trace exceeds max size'],
  [
    'protobuf without a reason',
    { body: partial('') },
    'the trace is larger than Tempo answers with',
  ],
  [
    'JSON',
    { type: 'application/json', body: json.replace(/}$/, ',"status":"PARTIAL","message":"max"}') },
    'max',
  ],
  [
    'JSON with spans that have no ids',
    { type: 'application/json', body: json.replace('"spanId":"ERERERERERE="', '"spanId":"x"') },
    '1 spans have no valid ids',
  ],
])('a trace that is not whole says why, in %s', async ([, reply, cut]) => {
  await using server = await tempo({
    '/api/v2/traces/': { status: 200, type: 'application/protobuf', body: '', ...reply },
  })
  using source = openTempo(endpoint(server.url))
  expect((await source.trace(traceId))?.cut).toBe(cut)
})

test.for<readonly [string, string, Readonly<Record<string, Reply>>]>([
  ['an address that is not Tempo', 'SOURCE_INVALID', {}],
  [
    'a page for what is not found',
    'SOURCE_INVALID',
    { '/api/': { status: 404, type: 'text/html', body: '<html>trace not found</html>' } },
  ],
  ['a page', 'SOURCE_INVALID', { '/api/': { status: 200, type: 'text/html', body: '<html>' } }],
  ['a refused id', 'SOURCE_REFUSED', { '/api/v2/': recorded('trace-bad-id', 'txt') }],
  ['a failure', 'SOURCE_UNAVAILABLE', { '/api/v2/': { status: 500, type: '', body: 'context' } }],
  [
    'cut protobuf',
    'SOURCE_INVALID',
    {
      '/api/v2/': {
        ...recorded('trace-v2-protobuf', 'pb'),
        body: fixture('recorded/tempo/trace-v2-protobuf.pb').subarray(0, 500),
      },
    },
  ],
])('%s is a Fault %s', async ([, code, replies]) => {
  await using server = await tempo(replies)
  using source = openTempo(endpoint(server.url))
  await expect(source.trace(traceId)).rejects.toThrow(expect.objectContaining({ code }))
})

test('spans of another trace are a Fault', async () => {
  await using server = await tempo({ '/api/v2/': recorded('trace-v2-protobuf', 'pb') })
  using source = openTempo(endpoint(server.url))
  await expect(source.trace(id('ab'.repeat(16)))).rejects.toThrow(
    expect.objectContaining({ code: 'SOURCE_INVALID' }),
  )
})

test('a search reads each trace that it finds, and never says that it has all', async () => {
  verifies('P-22')
  await using server = await tempo({
    '/api/search': recorded('search-traceql', 'json'),
    '/api/v2/traces/': recorded('trace-v2-protobuf', 'pb'),
  })
  using source = openTempo(endpoint(server.url))
  const query: TraceQuery = { service: 'shop', status: 'error', limit: 5 }
  expect(await source.search(query)).toEqual({
    items: [
      {
        traceId,
        rootName: 'POST /checkout',
        rootService: 'shop',
        start: 1795198879391080449n,
        duration: 412345678n,
        spans: 9,
        errors: 1,
        services: ['payments', 'shop'],
        runId: undefined,
      },
    ],
    total: undefined,
    cursor: undefined,
    cutAt: 1,
  })
  expect(server.asked.map(({ line }) => line.split('?')[0])).toEqual([
    'GET /api/search',
    `GET /api/v2/traces/${traceId}`,
  ])
  // what was found is judged here: TraceQL compares by type, and Tempo may give too much
  expect((await source.search({ ...query, service: 'other' })).items).toEqual([])
})

test.for<readonly [string, Omit<TraceQuery, 'limit'>, string]>([
  ['nothing', {}, '{  }'],
  [
    'names that would break out',
    { service: 'a" || true', operation: 'x\\"}\n{' },
    String.raw`{ resource.service.name = "a\" || true" && name = "x\\\"}\n{" }`,
  ],
  [
    'status and duration',
    { status: 'unset', minDuration: nanosOf(1n), maxDuration: nanosOf(2_000_000n) },
    '{ status = unset && duration >= 1ns && duration <= 2000000ns }',
  ],
  [
    'values of each type',
    {
      attributes: [
        { name: 'http.status', compare: 'eq', value: '201' },
        { name: 'ok', compare: 'eq', value: 'true' },
      ],
    },
    '{ (.http.status = "201" || .http.status = 201 || .http.status = 201.0 || ' +
      'instrumentation.http.status = "201" || instrumentation.http.status = 201 || instrumentation.http.status = 201.0) && ' +
      '(.ok = "true" || .ok = true || instrumentation.ok = "true" || instrumentation.ok = true) }',
  ],
  [
    'what is compared here',
    {
      attributes: [
        { name: 'span.a b', compare: 'gt', value: '1' },
        { name: 'n', compare: 'eq', value: '1e400' },
      ],
    },
    '{ (."span.a b" != nil || instrumentation."span.a b" != nil) && (.n != nil || instrumentation.n != nil) }',
  ],
  ['a run', { runId: 'r-1' }, '{  } && { .tracespec.run.id = "r-1" }'],
])('%s is asked for in TraceQL', async ([, part, expected]) => {
  await using server = await tempo({ '/api/search': recorded('search-none', 'json') })
  using source = openTempo(endpoint(server.url))
  expect(await source.search({ ...part, limit: 5 })).toEqual({
    items: [],
    total: undefined,
    cursor: undefined,
    cutAt: 0,
  })
  const { searchParams } = new URL(defined(server.asked[0]).line.slice(4), server.url)
  expect([searchParams.get('q'), searchParams.get('limit')]).toEqual([
    `${expected} with (most_recent=true)`,
    '6',
  ])
})

test('the time is asked for in whole seconds around it, and always has both ends', async () => {
  await using server = await tempo({ '/api/search': recorded('search-none', 'json') })
  using source = openTempo(endpoint(server.url))
  const at = nanosOf(1_795_198_879_391_080_449n)
  await source.search({ from: at, to: at, limit: 5 })
  await source.search({ to: at, limit: 5 })
  expect(server.asked.map(({ line }) => /start=(\d+)&end=(\d+)/.exec(line)?.slice(1))).toEqual([
    ['1795198879', '1795198880'],
    [String(1_795_198_880 - 167 * 3600), '1795198880'],
  ])
})

test('a server that does not understand is asked more plainly, then says why', async () => {
  await using server = await tempo({ '/api/search': recorded('search-bad', 'txt') })
  using source = openTempo(endpoint(server.url))
  const query: TraceQuery = {
    service: 'shop',
    attributes: [{ name: 'a', compare: 'eq', value: 'b' }],
    limit: 5,
  }
  await expect(source.search(query)).rejects.toThrow(
    expect.objectContaining({
      code: 'SOURCE_REFUSED',
      message: expect.stringContaining('unknown identifier: nonsense'),
    }),
  )
  expect(
    server.asked.map(({ line }) => new URL(line.slice(4), server.url).searchParams.get('q')),
  ).toEqual([
    '{ resource.service.name = "shop" && (.a = "b" || instrumentation.a = "b") } with (most_recent=true)',
    '{ resource.service.name = "shop" }',
  ])
})

test.for(['{"error":"x"}', '[]', '{"traces":{}}', '{"traces":[{"traceID":"xyz"}]}'])(
  'a search that is answered with %s is a Fault',
  async (body) => {
    await using server = await tempo({
      '/api/search': { status: 200, type: 'application/json', body },
    })
    using source = openTempo(endpoint(server.url))
    await expect(source.search({ limit: 5 })).rejects.toThrow(
      expect.objectContaining({ code: 'SOURCE_INVALID' }),
    )
  },
)
