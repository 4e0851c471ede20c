import { execFile } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Endpoint } from '../../src/sources/endpoint.ts'
import { openZipkin } from '../../src/sources/zipkin.ts'
import { parseTraceId, type TraceId } from '../../src/trace/ids.ts'
import type { TraceQuery } from '../../src/trace/query.ts'
import { serviceName } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { fixture } from '../otlp/fixture.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'
import { backend, type Backend } from './backend.ts'

function endpoint(url: URL): Endpoint {
  return { url, headers: {}, tls: undefined, timeoutMs: 5_000, maxBytes: 2 ** 24 }
}

interface Reply {
  readonly status?: number
  readonly type?: string
  readonly body: string
}

/** A Zipkin that answers every question so, in Zipkin's own content types. */
function zipkin({ status = 200, type, body }: Reply): Promise<Backend> {
  return backend((_, response) => {
    const own = status === 200 ? 'application/json' : 'text/*'
    response.writeHead(status, { 'content-type': type ?? own }).end(body)
  })
}

const ascend = fixture('zipkin/ascend.json').toString()
const ascendId = id('0000000000000000ef86c83c0a05a6d6')
const messaging = fixture('zipkin/messaging-kafka.json').toString()

function id(text: string): TraceId {
  return defined(parseTraceId(text))
}

test('a trace is asked for by its id and read with what Zipkin loses', async () => {
  verifies('P-24')
  await using server = await zipkin({ body: ascend })
  using source = openZipkin(endpoint(server.url))
  const found = defined(await source.trace(ascendId))
  expect([found.spans.length, found.cut, found.losses.links]).toEqual([8, undefined, 'lost'])
  expect(server.asked.map(({ line }) => line)).toEqual([`GET /api/v2/trace/${ascendId}`])
  expect(source.page?.(ascendId)).toBe(`${server.url.href}zipkin/traces/${ascendId}`)
})

test.for<readonly [string, Reply]>([
  ['does not know it', { status: 404, body: 'ef86c83c0a05a6d6 not found' }],
  ['has no span of it', { body: '[]' }],
])('there is no trace where Zipkin %s', async ([, reply]) => {
  await using server = await zipkin(reply)
  using source = openZipkin(endpoint(server.url))
  expect(await source.trace(ascendId)).toBeUndefined()
})

test.for<readonly [string, string, Reply]>([
  ['a path that it has not', 'SOURCE_INVALID', { status: 404, body: '404 Not Found' }],
  ['another id that is unknown', 'SOURCE_INVALID', { status: 404, body: 'abc not found' }],
  ['a page', 'SOURCE_INVALID', { type: 'text/html', body: '<html></html>' }],
  ['an object', 'SOURCE_INVALID', { body: '{"error":"x"}' }],
  ['another trace', 'SOURCE_INVALID', { body: messaging }],
  ['spans without ids', 'SOURCE_INVALID', { body: '[{"name":"x"}]' }],
  ['a refusal', 'SOURCE_REFUSED', { status: 400, body: 'limit <= 0' }],
  ['a failure', 'SOURCE_UNAVAILABLE', { status: 500, body: 'java.lang.NullPointerException' }],
])('%s is a Fault %s', async ([, code, reply]) => {
  await using server = await zipkin(reply)
  using source = openZipkin(endpoint(server.url))
  await expect(source.trace(ascendId)).rejects.toThrow(expect.objectContaining({ code }))
})

test('spans whose ids are equal in their last 16 digits are of the trace that was asked for', async () => {
  await using server = await zipkin({ body: ascend })
  using source = openZipkin(endpoint(server.url))
  const asked = id('aaaaaaaaaaaaaaaaef86c83c0a05a6d6')
  const found = defined(await source.trace(asked))
  expect(new Set(found.spans.map(({ traceId }) => traceId))).toEqual(new Set([asked]))
})

const at = nanosOf(1_531_282_088_533_035_000n)

test.for<readonly [string, Omit<TraceQuery, 'limit'>, Readonly<Record<string, string>>]>([
  [
    'names',
    { service: 'Shop', operation: 'GET /Cart' },
    { serviceName: 'shop', spanName: 'get /cart' },
  ],
  [
    'the time',
    { from: nanosOf(at), to: nanosOf(at) },
    { endTs: '1531282088534', lookback: '86400001' },
  ],
  [
    'durations',
    { minDuration: nanosOf(1_500_999n), maxDuration: nanosOf(2_000_001n) },
    { minDuration: '1500', maxDuration: '2001' },
  ],
  ['a duration without a least one', { maxDuration: nanosOf(5n) }, {}],
  ['a duration below a microsecond', { minDuration: nanosOf(999n) }, {}],
  [
    'tags',
    {
      attributes: [
        { name: 'http.method', compare: 'eq', value: 'GET' },
        { name: 'http.path', compare: 'eq', value: '/a=b c' },
      ],
    },
    { annotationQuery: 'http.method=GET and http.path=/a=b c' },
  ],
  [
    'what it cannot say',
    {
      status: 'error',
      attributes: [
        { name: 'a', compare: 'gt', value: '1' },
        { name: 'b', compare: 'eq', value: 'this and that' },
        { name: 'c=d', compare: 'eq', value: 'x' },
        { name: 'peer.service', compare: 'eq', value: 'x' },
        { name: 'e', compare: 'eq', value: ' x' },
        { name: 'f', compare: 'eq', value: 'x'.repeat(300) },
      ],
    },
    {},
  ],
])(
  '%s are asked of Zipkin as far as it never leaves out what is wanted',
  async ([, part, expected]) => {
    verifies('P-24')
    await using server = await zipkin({ body: '[]' })
    using source = openZipkin(endpoint(server.url))
    expect(await source.search({ ...part, limit: 5 })).toEqual({
      items: [],
      total: 0,
      cursor: undefined,
      cutAt: undefined,
    })
    const asked = new URL(defined(server.asked[0]).line.slice('GET '.length), server.url)
    const { limit, endTs, lookback, ...rest } = Object.fromEntries(asked.searchParams)
    expect([asked.pathname, rest]).toEqual([
      '/api/v2/traces',
      Object.fromEntries(Object.entries(expected).filter(([name]) => !/endTs|lookback/.test(name))),
    ])
    expect({ endTs, lookback }).toMatchObject(
      Object.fromEntries(Object.entries(expected).filter(([name]) => /endTs|lookback/.test(name))),
    )
    expect(Number(limit)).toBeGreaterThan(5)
  },
)

test.for<readonly [string, Omit<TraceQuery, 'limit'>, readonly string[]]>([
  ['nothing', {}, ['poll', 'get']],
  ['a service in other case', { service: 'Content-Service' }, ['get']],
  ['a name in other case', { operation: 'HYSTRIX' }, ['get']],
  ['service and name of two spans', { service: 'mobile-gateway', operation: 'hystrix' }, []],
  ['a least duration', { operation: 'hystrix', minDuration: nanosOf(864_000n) }, []],
  ['a tag', { attributes: [{ name: 'http.method', compare: 'eq', value: 'GET' }] }, ['get']],
  ['a moment', { from: nanosOf(at + 100_000_000n) }, ['poll']],
])('what Zipkin gives is filtered by %s', async ([, part, roots]) => {
  await using server = await zipkin({ body: `[${ascend},${messaging}]` })
  using source = openZipkin(endpoint(server.url))
  const { items, total } = await source.search({ ...part, limit: 5 })
  expect([items.map(({ rootName }) => rootName), total]).toEqual([roots, roots.length])
})

test('a search that Zipkin cut says so and goes on after its cursor', async () => {
  const traces = Array.from({ length: 7 }, (_, at) => [
    {
      traceId: `${at + 1}`,
      id: '1',
      name: `trace ${at}`,
      timestamp: 1_700_000_000_000_000 + at,
      duration: 1,
    },
  ]).toReversed()
  await using server = await backend((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://loopback')
    const end = Number(searchParams.get('endTs')) * 1000
    const found = traces.filter(([first]) => defined(first).timestamp <= end)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(found.slice(0, Number(searchParams.get('limit')))))
  })
  using source = openZipkin(endpoint(server.url))
  const first = await source.search({ limit: 2 })
  expect(first).toMatchObject({
    items: [{ rootName: 'trace 6' }, { rootName: 'trace 5' }],
    total: undefined,
    cutAt: 2,
  })
  const second = await source.search({ limit: 7, cursor: defined(first.cursor) })
  expect(second).toMatchObject({
    items: [4, 3, 2, 1, 0].map((number) => ({ rootName: `trace ${number}` })),
    total: undefined,
    cursor: undefined,
    cutAt: undefined,
  })
  await expect(source.search({ limit: 2, cursor: 'x' })).rejects.toThrow(
    expect.objectContaining({ code: 'USAGE' }),
  )
})

test('traces of one moment, which Zipkin cuts anywhere, are all found in the end', async () => {
  const traces = Array.from({ length: 9 }, (_, at) => [
    {
      traceId: `${at + 1}`,
      id: '1',
      name: `trace ${at}`,
      timestamp: 1_700_000_000_000_000 + (at < 6 ? 0 : at),
      duration: 1,
    },
  ]).toReversed()
  await using server = await backend((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://loopback')
    const end = Number(searchParams.get('endTs')) * 1000
    const given = traces.filter(([first]) => defined(first).timestamp <= end)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(given.slice(0, Number(searchParams.get('limit')))))
  })
  using source = openZipkin(endpoint(server.url))
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await source.search({ limit: 2, ...(cursor !== undefined && { cursor }) })
    names.push(...page.items.map(({ rootName }) => rootName))
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(names).toEqual([8, 7, 6, 0, 1, 2, 3, 4, 5].map((number) => `trace ${number}`))
})

const run = promisify(execFile)
const program = fileURLToPath(
  new URL('../../fixtures/apps/programs/zipkin-exporter.mjs', import.meta.url),
)

test("what OpenTelemetry's exporter for JavaScript sends is read with what it leaves out", async () => {
  verifies('P-24')
  const sent: string[] = []
  await using receiver = await backend((request, response) => {
    void text(request).then((body) => {
      sent.push(body)
      response.writeHead(202).end()
    })
  })
  const env = {
    ...process.env,
    ZIPKIN_ENDPOINT: `${receiver.url.href}api/v2/spans`,
    OTEL_SERVICE_NAME: 'Shop',
  }
  await run(process.execPath, [program], { env })
  const records: unknown = JSON.parse(defined(sent[0]))
  if (!Array.isArray(records)) throw new TypeError('no list')
  const { traceId } = records.find(({ kind }) => kind === 'SERVER')
  await using server = await zipkin({
    body: JSON.stringify(records.filter((record) => record.traceId === traceId)),
  })
  using source = openZipkin(endpoint(server.url))
  const { spans } = defined(await source.trace(id(traceId)))
  const server1 = defined(spans.find(({ kind }) => kind === 'server'))
  const told = spans.map((span) => [
    span.name,
    serviceName(span),
    span.kind,
    span.status,
    Object.fromEntries(span.attributes),
    span.events.map(({ name, attributes }) => [name, attributes.size]),
    span.parentSpanId === undefined ? 'root' : span.parentSpanId === server1.spanId,
    [span.scope.name, span.links.length],
  ])
  expect(told).toHaveLength(4)
  expect(told).toEqual(
    expect.arrayContaining([
      ['GET', 'Shop', 'client', { code: 'error', message: 'no answer' }, {}, [], true, ['', 0]],
      [
        'GET /Cart',
        'Shop',
        'server',
        { code: 'unset', message: '' },
        { 'http.route': '/cart', items: '3', ratio: '0.5', cached: 'false', list: 'a,b' },
        [['cart.read', 0]],
        'root',
        ['', 0],
      ],
      ['fine', 'Shop', 'internal', { code: 'ok', message: '' }, {}, [], true, ['', 0]],
      ['silent', 'Shop', 'internal', { code: 'error', message: '' }, {}, [], true, ['', 0]],
    ]),
  )
})
