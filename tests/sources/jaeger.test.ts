import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import type { Endpoint } from '../../src/sources/endpoint.ts'
import { openJaeger, type JaegerOptions } from '../../src/sources/jaeger.ts'
import { jaegerJsonOf } from '../../src/sources/jaeger-json-write.ts'
import { jaegerJsonLosses } from '../../src/sources/jaeger-json.ts'
import { Fault } from '../../src/trace/fault.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { TraceQuery } from '../../src/trace/query.ts'
import type { TraceSource } from '../../src/trace/source.ts'
import type { AttributeValue, Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { fixture } from '../otlp/fixture.ts'
import { defined } from '../trace/defined.ts'
import { span, traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { backend, type Backend } from './backend.ts'

const rich = decodeTraces(fixture('recorded/rich.otlp.pb')).spans
const richId = defined(rich[0]).traceId
const now = (): number => Date.parse('2026-11-21T00:00:00Z')

function endpoint(url: URL, more: Partial<Endpoint> = {}): Endpoint {
  return { url, headers: {}, tls: undefined, timeoutMs: 5000, maxBytes: 2 ** 24, ...more }
}

function open(server: Backend, options: JaegerOptions = {}): TraceSource & Disposable {
  return openJaeger(endpoint(server.url), { now, ...options })
}

interface Reply {
  readonly status?: number
  readonly type?: string
  readonly body: string
}

/** An answer as Jaeger 2.13 gave it. */
function recorded(name: string): Reply {
  const headers = fixture(`recorded/jaeger/${name}.headers`).toString()
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1]),
    type: /^Content-Type: (.+?)\r?$/m.exec(headers)?.[1] ?? '',
    body: fixture(`recorded/jaeger/${name}.json`).toString(),
  }
}

const page: Reply = {
  type: 'text/html; charset=utf-8',
  body: '<!DOCTYPE html><title>Jaeger</title>',
}
const nothing: Reply = { status: 404, type: 'text/plain', body: '404 page not found\n' }

/** A Jaeger that answers by path; every other path has its page. */
function jaeger(routes: Readonly<Record<string, Reply>>, other: Reply = page): Promise<Backend> {
  return backend(replying((path) => routes[path] ?? other))
}

function replying(replyTo: (path: string, query: URLSearchParams) => Reply): RequestListener {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1')
    const { status = 200, type = 'application/json', body } = replyTo(pathname, searchParams)
    response.writeHead(status, { 'content-type': type }).end(body)
  }
}

const modern = {
  '/api/v3/services': recorded('v3-services'),
  '/api/v3/traces': recorded('v3-search'),
  [`/api/v3/traces/${richId}`]: recorded('v3-trace'),
}
const old = {
  '/api/services': { body: '{"data":["shop"],"total":1,"limit":0,"offset":0,"errors":null}' },
  '/api/traces': recorded('legacy-search'),
  [`/api/traces/${richId}`]: recorded('legacy-trace'),
}

/** What a reader is told, in a line: code, message and hint. */
async function told(asked: Promise<unknown>): Promise<string> {
  try {
    return `no Fault: ${JSON.stringify(await asked)}`
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}; ${error.hint ?? ''}`
    throw error
  }
}

describe('the way', () => {
  test('a server with version 3 is asked by it, for raw traces', async () => {
    verifies('P-23')
    await using server = await jaeger({ ...modern, ...old })
    using source = open(server)
    const found = defined(await source.trace(richId))
    expect([found.spans.length, found.losses, found.cut]).toEqual([9, lossless, undefined])
    expect(server.asked.map(({ line }) => line)).toEqual([
      'GET /api/v3/services',
      `GET /api/v3/traces/${richId}?raw_traces=true`,
    ])
  })

  test.for<readonly [string, Reply]>([
    ['answers what it does not know with its page', page],
    ['answers what it does not know with 404', nothing],
    [
      'answers what it does not know with the JSON of a proxy',
      { status: 404, body: '{"message":"no Route"}' },
    ],
  ])('an old server that %s is asked by its own JSON', async ([, other]) => {
    await using server = await jaeger(old, other)
    using source = open(server)
    const found = defined(await source.trace(richId))
    expect([found.spans.length, found.losses]).toEqual([9, jaegerJsonLosses])
    expect(server.asked.map(({ line }) => line)).toEqual([
      'GET /api/v3/services',
      'GET /api/services',
      `GET /api/traces/${richId}?raw=true`,
    ])
  })

  test('the way is found once, and what it loses is then known', async () => {
    await using server = await jaeger(old)
    using source = open(server)
    await source.trace(richId)
    await source.trace(richId)
    expect(server.asked).toHaveLength(4)
    expect(source.capabilities.losses).toEqual(jaegerJsonLosses)
  })

  test('the way may be named', async () => {
    await using server = await jaeger({ ...modern, ...old })
    using source = open(server, { protocol: 'http-legacy' })
    expect(defined(await source.trace(richId)).losses).toEqual(jaegerJsonLosses)
    expect(server.asked).toHaveLength(1)
  })

  test('a base path, tenant and token come with the endpoint', async () => {
    await using server = await jaeger({
      '/jaeger/api/v3/services': recorded('v3-services'),
      [`/jaeger/api/v3/traces/${richId}`]: recorded('v3-trace'),
    })
    const headers = { authorization: 'Bearer s3cret', 'x-tenant': 'shop' }
    const url = new URL('/jaeger/', server.url)
    using source = openJaeger(endpoint(url, { headers }))
    expect(defined(await source.trace(richId)).spans).toHaveLength(9)
    expect(server.asked.map(({ headers: sent }) => [sent.authorization, sent['x-tenant']])).toEqual(
      [
        ['Bearer s3cret', 'shop'],
        ['Bearer s3cret', 'shop'],
      ],
    )
    expect(source.page?.(richId)).toBe(`${server.url.href}jaeger/trace/${richId}`)
  })

  test('what is no Jaeger is said so', async () => {
    await using server = await jaeger({})
    using source = open(server)
    expect(await told(source.trace(richId))).toBe(
      `SOURCE_INVALID: ${server.url.origin}/api/v3/services answered 200, and not as Jaeger does; ` +
        'is this the address of the query API of Jaeger, with its base path?',
    )
  })
})

/** A Jaeger whose trace is this. */
async function traceAs(reply: Reply, protocol: 'http-v3' | 'http-legacy'): Promise<unknown> {
  await using server = await backend(replying(() => reply))
  using source = open(server, { protocol })
  const { origin } = server.url
  const asked = source.trace(richId).then((found) => found?.spans.length ?? 'no trace')
  return (await told(asked))
    .replaceAll(origin, 'URL')
    .replaceAll(server.url.host, 'HOST')
    .replace(/^no Fault: /, '')
}

function v3Error(code: number, message: string): Reply {
  return {
    status: code,
    type: 'text/plain',
    body: JSON.stringify({ error: { httpCode: code, message } }),
  }
}

function legacyError(code: number, msg: string): Reply {
  const errors = [{ code, msg }]
  return {
    status: code,
    type: 'text/plain',
    body: JSON.stringify({ data: null, total: 0, errors }),
  }
}

const oneTrace = encodeTracesJson(rich.slice(0, 9))
const inBase64 = oneTrace.replaceAll(
  /"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"/g,
  (_, name, hex) => `"${name}":"${Buffer.from(String(hex), 'hex').toString('base64')}"`,
)
const chunk = (json: string): string => `{"result":${json}}`

describe('a trace', () => {
  test.for<readonly [what: string, reply: Reply, found: string]>([
    ['as recorded', recorded('v3-trace'), '9'],
    [
      'in several chunks',
      {
        body: `${chunk(encodeTracesJson(rich.slice(0, 4)))}\n${chunk(encodeTracesJson(rich.slice(4, 9)))}`,
      },
      '9',
    ],
    ['with the base64 ids of old servers', { body: chunk(inBase64) }, '9'],
    ['unknown, as recorded', recorded('v3-unknown'), '"no trace"'],
    [
      'unknown, by an old gateway',
      {
        status: 404,
        body: '{"error":{"grpc_code":5,"http_code":404,"message":"trace not found"}}',
      },
      '"no trace"',
    ],
    [
      'unknown, by a storage that makes a failure of it',
      v3Error(500, 'trace not found'),
      '"no trace"',
    ],
    ['of no spans', { body: '{"result":{}}' }, '"no trace"'],
    ['of nothing', { body: '{}' }, '"no trace"'],
    [
      'a failure of the storage',
      v3Error(500, 'no living connections\nat all'),
      'SOURCE_UNAVAILABLE: URL/api/v3/traces/ID answered 500: "no living connections\\nat all"; is the storage of Jaeger healthy?',
    ],
    [
      'a failure in the midst',
      { body: `${chunk(oneTrace)}{"error":{"httpCode":500,"message":"gone"}}` },
      'SOURCE_UNAVAILABLE: URL/api/v3/traces/ID answered 500: "gone"; is the storage of Jaeger healthy?',
    ],
    [
      'a refusal of the question',
      v3Error(400, 'malformed parameter trace_id'),
      'SOURCE_INVALID: URL/api/v3/traces/ID answered 400: "malformed parameter trace_id"; is this the address of the query API of Jaeger, with its base path?',
    ],
    [
      'a refusal of the reader, in words',
      { body: '{"error":{"httpCode":403,"message":"no such tenant"}}' },
      'SOURCE_REFUSED: URL/api/v3/traces/ID answered 403: "no such tenant"; are the credentials of the backend right?',
    ],
    [
      'what is switched off',
      v3Error(501, 'disabled'),
      'SOURCE_INVALID: URL/api/v3/traces/ID answered 501: "disabled"; this Jaeger is configured without it',
    ],
    [
      'the JSON of something else',
      { body: '{"message":"hello"}' },
      'SOURCE_INVALID: URL/api/v3/traces/ID answered 200, and not as Jaeger does; is this the address of the query API of Jaeger, with its base path?',
    ],
    ['a page', page, 'SOURCE_INVALID: URL/api/v3/traces/ID answered with what is not JSON'],
    [
      'half an answer',
      { body: chunk(oneTrace).slice(0, 500) },
      'SOURCE_INVALID: URL/api/v3/traces/ID answered with what is not JSON',
    ],
    [
      'spans that are none',
      { body: chunk('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}') },
      'SOURCE_INVALID: URL/api/v3/traces/ID answered with what is not OTLP JSON: name is not a string; is this the address of the query API, and not of a page or a proxy?',
    ],
    [
      'another trace',
      { body: chunk(encodeTracesJson([span({ id: 1 })])) },
      `SOURCE_INVALID: HOST answered with spans of trace ${traceId(1)}; asked for was ID; what stands between here and Jaeger?`,
    ],
  ])('by version 3, %s', async ([, reply, found]) => {
    const said = String(await traceAs(reply, 'http-v3')).replaceAll(richId, 'ID')
    expect(said.slice(0, found.length)).toBe(found)
  })

  test.for<readonly [what: string, reply: Reply, found: string]>([
    ['as recorded', recorded('legacy-trace'), '9'],
    ['unknown, as recorded', recorded('legacy-unknown'), '"no trace"'],
    [
      'unknown, among others',
      { body: '{"data":[],"errors":[{"msg":"trace not found","traceID":"1"}]}' },
      '"no trace"',
    ],
    ['of nothing', { body: '{"data":null,"errors":null}' }, '"no trace"'],
    [
      'a failure of the storage',
      legacyError(500, 'no living connections'),
      'SOURCE_UNAVAILABLE: URL/api/traces/ID answered 500: "no living connections"; is the storage of Jaeger healthy?',
    ],
    [
      'a refusal of the question',
      legacyError(400, 'cannot parse'),
      'SOURCE_INVALID: URL/api/traces/ID answered 400: "cannot parse"; is this the address of the query API of Jaeger, with its base path?',
    ],
    [
      'the JSON of something else',
      { body: '{"data":[]}' },
      'SOURCE_INVALID: URL/api/traces/ID answered 200, and not as Jaeger does; is this the address of the query API of Jaeger, with its base path?',
    ],
    ['a page', page, 'SOURCE_INVALID: URL/api/traces/ID answered 200 with no JSON (text/html)'],
    [
      'spans that are none',
      { body: '{"data":[{"traceID":"a","spans":[{}]}],"errors":null}' },
      'SOURCE_INVALID: HOST answered with no more than spans without valid ids: 1',
    ],
    [
      'times that are none',
      {
        body: JSON.stringify({
          data: [{ traceID: 'a', spans: [{ spanID: 'b', operationName: '' }] }],
          errors: null,
        }),
      },
      'SOURCE_INVALID: URL/api/traces/ID answered with what is not Jaeger JSON: startTime is not a number of microseconds',
    ],
  ])('by its own JSON, %s', async ([, reply, found]) => {
    const said = String(await traceAs(reply, 'http-legacy')).replaceAll(richId, 'ID')
    expect(said.slice(0, found.length)).toBe(found)
  })
})

/** What a search asks of a server that has no trace, one line each. */
async function linesOf(query: TraceQuery, options: JaegerOptions): Promise<readonly string[]> {
  await using server = await backend(
    replying((path) =>
      path.startsWith('/api/v3')
        ? recorded('v3-search-none')
        : { body: '{"data":[],"errors":null}' },
    ),
  )
  using source = open(server, options)
  const answer = await source.search(query)
  expect(answer).toEqual({ items: [], total: 0, cursor: undefined, cutAt: undefined })
  return server.asked.map(({ line }) => decodeURIComponent(line.replace('GET ', '')))
}

const from = nanosOf(1_795_198_879_391_080_449n)
const to = nanosOf(1_795_198_879_803_426_127n)
const asked: TraceQuery = {
  service: 'shop',
  operation: 'POST /checkout',
  from,
  to,
  minDuration: nanosOf(1_500_000n),
  maxDuration: nanosOf(2_000_000_001n),
  status: 'error',
  attributes: [
    { name: 'http.response.status_code', compare: 'eq', value: '201' },
    { name: 'cart.items', compare: 'gt', value: '2' },
    { name: 'error', compare: 'eq', value: 'true' },
    { name: 'service.name', compare: 'eq', value: 'shop' },
    { name: 'long', compare: 'eq', value: 'x'.repeat(257) },
  ],
  limit: 20,
}

describe('a search', () => {
  test('pushes down by version 3 all that Jaeger compares alike', async () => {
    verifies('P-06', 'P-23')
    expect(await linesOf(asked, { protocol: 'http-v3' })).toEqual([
      '/api/v3/traces?query.start_time_min=2026-11-20T18:21:19.391080449Z' +
        '&query.start_time_max=2026-11-20T18:21:19.803426128Z&query.num_traces=200&query.search_depth=200' +
        '&query.raw_traces=true&query.service_name=shop&query.operation_name=POST+/checkout' +
        '&query.duration_min=1500000ns&query.duration_max=2000000001ns' +
        '&query.attributes={"http.response.status_code":"201"}',
    ])
  })

  test('pushes down by the JSON of old servers what it can say', async () => {
    expect(await linesOf(asked, { protocol: 'http-legacy' })).toEqual([
      '/api/traces?start=1795198879391080&end=1795198879803427&limit=200&raw=true&service=shop' +
        '&operation=POST+/checkout&minDuration=1500000ns&maxDuration=2000000001ns' +
        '&tags={"http.response.status_code":"201"}',
    ])
  })

  test('without a time asks for the last two days, then for all', async () => {
    const lines = await linesOf({ limit: 5 }, { protocol: 'http-v3' })
    expect(lines.map((line) => line.replace(/&query.num_traces.*/, ''))).toEqual([
      '/api/v3/traces?query.start_time_min=2026-11-19T01:00:00.000000000Z&query.start_time_max=2026-11-21T01:00:00.000000001Z',
      '/api/v3/traces?query.start_time_min=1970-01-01T00:00:00.000000000Z&query.start_time_max=2200-01-01T00:00:00.000000001Z',
    ])
  })

  test.for<readonly [string, Partial<TraceQuery>]>([
    ['times', { from: to, to: from }],
    ['durations', { minDuration: nanosOf(2n), maxDuration: nanosOf(1n) }],
  ])('asks nothing where no %s can match', async ([, bounds]) => {
    expect(await linesOf({ limit: 5, ...bounds }, { protocol: 'http-v3' })).toEqual([])
  })

  test.for(['http-v3', 'http-legacy'] as const)(
    'answers with what was found by %s',
    async (protocol) => {
      await using server = await jaeger({ ...modern, ...old })
      using source = open(server, { protocol })
      const found = await source.search({ service: 'shop', status: 'error', from, to, limit: 5 })
      expect(found).toMatchObject({
        items: [{ traceId: richId, rootName: 'POST /checkout', spans: 9, errors: 1 }],
        total: 1,
        cursor: undefined,
        cutAt: undefined,
      })
      expect(
        await source.search({ service: 'shop', status: 'ok', from, to, limit: 5 }),
      ).toMatchObject({ items: [] })
    },
  )

  test('does not leave out what begins within the microsecond that a bound cuts', async () => {
    await using server = await jaeger(old)
    using source = open(server, { protocol: 'http-legacy' })
    const query = { service: 'shop', operation: 'POST /checkout', to, limit: 5 }
    const exact = await source.search({ ...query, from, minDuration: nanosOf(412_345_678n) })
    const later = await source.search({ ...query, from: nanosOf(from + 1000n) })
    expect([exact.total, later.total]).toEqual([1, 0])
  })

  test('where the storage wants a service asks for each, and counts a trace once', async () => {
    await using server = await backend(
      replying((path, query) => {
        if (path === '/api/v3/services') return { body: '{"services":["shop","cart"]}' }
        return query.has('query.service_name')
          ? { body: chunk(oneTrace) }
          : v3Error(400, 'malformed parameter: service name is required')
      }),
    )
    using source = open(server, { protocol: 'http-v3' })
    const found = await source.search({ from, to, limit: 5 })
    expect([found.items.length, found.items[0]?.spans, found.total]).toEqual([1, 9, 1])
    expect(server.asked.map(({ line }) => /service_name=(\w+)|services/.exec(line)?.[0])).toEqual([
      undefined,
      'services',
      'service_name=cart',
      'service_name=shop',
    ])
  })

  test('says of how many services it asked no more', async () => {
    const services = Array.from({ length: 60 }, (_, at) => `s${at}`)
    await using server = await jaeger({
      '/api/services': { body: JSON.stringify({ data: services, errors: null }) },
      '/api/traces': { body: '{"data":[],"errors":null}' },
    })
    using source = open(server, { protocol: 'http-legacy' })
    expect((await source.search({ from, to, limit: 5 })).cutAt).toBe(0)
    expect(server.asked).toHaveLength(51)
  })

  test.for<readonly [string, (depth: number) => Reply, Partial<Endpoint>]>([
    [
      'too long',
      (depth) => ({ body: chunk(oneTrace) + ' '.repeat(depth * 1000) }),
      { maxBytes: 40_000 },
    ],
    [
      'beyond what the storage holds',
      (depth) =>
        depth > 30
          ? v3Error(500, 'search depth must be greater than 0 and less than max traces')
          : { body: chunk(oneTrace) },
      {},
    ],
  ])('asks for fewer traces where the answer is %s', async ([, reply, more]) => {
    await using server = await backend(
      replying((_, query) => reply(Number(query.get('query.num_traces')))),
    )
    using source = openJaeger(endpoint(server.url, more), { protocol: 'http-v3', now })
    expect((await source.search({ from, to, limit: 5 })).items).toHaveLength(1)
    const depths = server.asked.map(({ line }) => /num_traces=(\d+)/.exec(line)?.[1])
    // a failure is asked about again before it is believed
    expect([...new Set(depths)]).toEqual(['100', '25'])
  })

  test('says when Jaeger gave as many traces as it was asked for', async () => {
    const traces = (count: number): readonly Span[] =>
      Array.from({ length: count }, (_, at) =>
        span({ id: at + 1, trace: at + 1, start: at + 1, end: at + 9 }),
      )
    await using server = await backend(
      replying((_, query) => ({
        body: jaegerJsonOf(traces(Number(query.get('limit')))).text.replace(
          /}$/,
          ',"errors":null}',
        ),
      })),
    )
    using source = open(server, { protocol: 'http-legacy' })
    const answer = await source.search({ service: 'shop', limit: 3 })
    expect([answer.items.length, answer.total, answer.cutAt]).toEqual([3, undefined, 100])
  })

  test('a storage that cannot look so far back has answered for the last days', async () => {
    const narrow = { body: chunk(encodeTracesJson(rich.slice(0, 9))) }
    await using server = await backend(
      replying((_, query) =>
        query.get('query.start_time_min')?.startsWith('1970')
          ? v3Error(500, 'too_long_http_line')
          : narrow,
      ),
    )
    using source = open(server, { protocol: 'http-v3' })
    const answer = await source.search({ service: 'shop', limit: 5 })
    expect([answer.items.length, answer.total, answer.cutAt]).toEqual([1, undefined, 1])
  })

  test('a failure of the search itself is a Fault', async () => {
    await using server = await backend(replying(() => recorded('v3-search-no-times')))
    using source = open(server, { protocol: 'http-v3' })
    expect(await told(source.search({ from, to, limit: 5 }))).toContain(
      'SOURCE_INVALID: ' +
        `${server.url.origin}/api/v3/traces answered 400: "query.start_time_min and`,
    )
  })
})

describe('the losses of what version 3 answers', () => {
  const plain = span({ id: 1, start: 1_000_001, end: 2_000_001 })
  const micros = span({ id: 1, start: 1_000_000, end: 2_000_000 })
  const unknown = { ...jaegerJsonLosses, grainNanos: 1 }
  const link = defined(rich[9]?.links[0])

  test.for<readonly [string, Span, object]>([
    ['a span as any storage may hold it', plain, unknown],
    ['times in microseconds', micros, jaegerJsonLosses],
    ['flags and nanoseconds', { ...plain, flags: 257 }, lossless],
    ['flags', { ...micros, flags: 257 }, { ...jaegerJsonLosses, flags: false }],
    ['a list', { ...micros, attributes: new Map([['list', [1n]]]) }, lossless],
    [
      'attributes of the scope',
      { ...micros, scope: { ...micros.scope, attributes: new Map([['a', 1n]]) } },
      lossless,
    ],
    ['dropped attributes', { ...micros, droppedAttributesCount: 1 }, lossless],
    ['a link with attributes', { ...micros, links: [link] }, lossless],
    [
      'a link with the attribute that Jaeger gives it',
      {
        ...plain,
        links: [{ ...link, attributes: new Map([['opentracing.ref_type', 'follows_from']]) }],
      },
      unknown,
    ],
  ])('%s', async ([, one, losses]) => {
    await using server = await backend(replying(() => ({ body: chunk(encodeTracesJson([one])) })))
    using source = open(server, { protocol: 'http-v3' })
    expect(defined(await source.trace(one.traceId)).losses).toEqual(losses)
  })
})

test('what the server wrote into the spans is no attribute, and says when spans are left out', async () => {
  const warned = (warnings: AttributeValue): Span => ({
    ...span({ id: 1 }),
    attributes: new Map([
      ['@jaeger@warnings', warnings],
      ['internal.span.format', 'otlp'],
    ]),
  })
  const cases: readonly Span[] = [
    warned(['trace has more than 1 spans, showing first 1 spans only']),
    warned('trace size exceeded maximum allowed size'),
    warned(['clock skew adjustment disabled']),
  ]
  const found = await Promise.all(
    cases.map(async (one) => {
      await using server = await backend(replying(() => ({ body: chunk(encodeTracesJson([one])) })))
      using source = open(server, { protocol: 'http-v3' })
      const { spans, cut } = defined(await source.trace(one.traceId))
      return [spans[0]?.attributes.size, cut]
    }),
  )
  expect(found).toEqual([
    [0, 'trace has more than 1 spans, showing first 1 spans only'],
    [0, 'trace size exceeded maximum allowed size'],
    [0, undefined],
  ])
})
