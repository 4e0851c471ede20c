import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { openClickHouse } from '../../src/sources/clickhouse.ts'
import { spanOfRow } from '../../src/sources/clickhouse-columns.ts'
import { spanConditions } from '../../src/sources/clickhouse-conditions.ts'
import type { Endpoint } from '../../src/sources/endpoint.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const secret = 'S3cret-of-the-test'

interface Lying extends AsyncDisposable {
  readonly endpoint: Endpoint
  readonly requests: readonly string[]
}

async function lying(listener: RequestListener): Promise<Lying> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`)
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    requests,
    endpoint: {
      url: new URL(`http://127.0.0.1:${port}`),
      headers: { authorization: `Basic ${secret}` },
      tls: undefined,
      timeoutMs: 1_500,
      maxBytes: 100_000,
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const columns = ['Timestamp', 'TraceId', 'SpanId', 'SpanName', 'Duration']
const described = [
  ...columns.map((name) => ({ table: 'otel_traces', name, type: 'String' })),
  ...['ResourceAttributes', 'SpanAttributes'].map((name) => ({
    table: 'otel_traces',
    name,
    type: 'Map(LowCardinality(String), String)',
  })),
]
const row = {
  traceId: traceId(1),
  spanId: 'b7ad6b7169203331',
  name: 'a',
  start: '1',
  duration: '1',
}

/** As ClickHouse writes it: https://clickhouse.com/docs/interfaces/formats/JSON */
function answerOf(data: readonly object[], rest: object = {}): string {
  return JSON.stringify({ meta: [], data, rows: data.length, ...rest })
}

/** Tells the columns as ClickHouse does, and lies about spans. */
function afterColumns(lie: RequestListener): RequestListener {
  let isFirst = true
  return (request, response) => {
    if (isFirst) response.end(answerOf(described))
    else lie(request, response)
    isFirst = false
  }
}

const error = (code: number, name: string): string =>
  `Code: ${code}. DB::Exception: about SELECT ${secret}. (${name}) (version 26.7.2.1)`

test.for<readonly [string, RequestListener, string, RegExp]>([
  [
    'a page in place of an answer',
    (_, response) => response.end('<!doctype html>\n<title>Sign in</title>'),
    'SOURCE_INVALID',
    /broke its answer off/,
  ],
  [
    'a page with status 500',
    (_, response) => response.writeHead(500).end(`<html>${secret}</html>`),
    'SOURCE_INVALID',
    /does not answer as ClickHouse does/,
  ],
  [
    'a redirect',
    (_, response) => response.writeHead(302, { location: 'http://example.org/' }).end(),
    'SOURCE_INVALID',
    /does not answer as ClickHouse does/,
  ],
  [
    'a wrong password',
    (_, response) => response.writeHead(403).end(error(516, 'AUTHENTICATION_FAILED')),
    'SOURCE_REFUSED',
    /error 516 AUTHENTICATION_FAILED/,
  ],
  [
    'too little memory, whenever it is asked',
    (_, response) => response.writeHead(500).end(error(241, 'MEMORY_LIMIT_EXCEEDED')),
    'SOURCE_UNAVAILABLE',
    /error 241/,
  ],
  [
    'a limit of its own',
    (_, response) => response.writeHead(500).end(error(396, 'TOO_MANY_ROWS_OR_BYTES')),
    'TOO_LARGE',
    /error 396/,
  ],
  [
    'an error after the first rows',
    afterColumns((_, response) =>
      response.end(answerOf([row]).slice(0, -9) + error(241, 'MEMORY_LIMIT_EXCEEDED')),
    ),
    'SOURCE_INVALID',
    /broke its answer off/,
  ],
  [
    'an error that is written into the answer',
    afterColumns((_, response) => response.end(answerOf([row], { exception: error(241, 'X') }))),
    'SOURCE_INVALID',
    /broke its answer off/,
  ],
  [
    'fewer rows than it says',
    afterColumns((_, response) => response.end(answerOf([row], { rows: 2 }))),
    'SOURCE_INVALID',
    /broke its answer off/,
  ],
  [
    'an answer that a proxy ends early and cleanly',
    afterColumns((_, response) => response.end(answerOf([row, row]).slice(0, -40))),
    'SOURCE_INVALID',
    /broke its answer off/,
  ],
  [
    'an answer that is cut off',
    afterColumns((_, response) => {
      response.write(answerOf([row]).slice(0, 30))
      setImmediate(() => response.destroy())
    }),
    'SOURCE_UNAVAILABLE',
    /cut the connection off|no answer from/,
  ],
  [
    'more than may come',
    afterColumns((_, response) => response.end(answerOf(Array.from({ length: 2_000 }, () => row)))),
    'TOO_LARGE',
    /more than 100000 bytes/,
  ],
  [
    'a span without valid ids',
    afterColumns((_, response) => response.end(answerOf([{ ...row, traceId: 'x' }]))),
    'SOURCE_INVALID',
    /without valid ids/,
  ],
  ['no answer at all', () => undefined, 'SOURCE_UNAVAILABLE', /did not answer within 1500 ms/],
])('%s is a Fault without secrets', async ([, listener, code, message]) => {
  verifies('P-22')
  await using server = await lying(listener)
  using source = openClickHouse(server.endpoint)
  const fault = await source.trace(traceId(1)).then(
    (found) => found,
    (cause: unknown) => cause,
  )
  expect(fault).toMatchObject({ name: 'Fault', code, message: expect.stringMatching(message) })
  expect(String((fault as Error).message)).not.toContain(secret)
  expect(server.requests.filter((request) => !request.endsWith(`Basic ${secret}`))).toEqual([])
  expect(server.requests.filter((request) => request.split(' ')[1]?.includes(secret))).toEqual([])
  expect(server.requests.length).toBeLessThanOrEqual(5)
})

test('what may pass is asked again', async () => {
  let failures = 2
  await using server = await lying((_, response) => {
    failures -= 1
    if (failures >= 0) response.writeHead(500).end(error(202, 'TOO_MANY_SIMULTANEOUS_QUERIES'))
    else response.end(answerOf(failures === -1 ? described : [row]))
  })
  using source = openClickHouse(server.endpoint)
  expect((await source.trace(traceId(1)))?.spans).toHaveLength(1)
})

test('nothing listens', async () => {
  const closed = await lying(() => undefined)
  await closed[Symbol.asyncDispose]()
  using source = openClickHouse(closed.endpoint)
  await expect(source.trace(traceId(1))).rejects.toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    message: expect.stringContaining('nothing listens'),
  })
})

test('a caller who gives up is not answered', async () => {
  await using server = await lying(() => undefined)
  using source = openClickHouse(server.endpoint)
  const reason = new Error('enough')
  const giving = new AbortController()
  setTimeout(() => giving.abort(reason), 50)
  await expect(source.trace(traceId(1), giving.signal)).rejects.toBe(reason)
})

test('no text of a query stands in SQL', () => {
  const hostile = "'; DROP TABLE otel_traces; --"
  const { sql, values } = spanConditions({
    service: hostile,
    operation: hostile,
    from: nanosOf(1n),
    to: nanosOf(2n ** 70n),
    minDuration: nanosOf(1n),
    maxDuration: nanosOf(2n),
    status: 'error',
    attributes: (['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const).map((compare) => ({
      name: hostile,
      compare,
      value: hostile,
    })),
    limit: 1,
  })
  expect(sql).not.toContain('DROP')
  expect(values['to']).toBe(String(2n ** 63n - 1n))
})

test.for(['Internal', 'Server', 'Client', 'Producer', 'Consumer', 'Unspecified'])(
  'a kind is known by both of its names: %s',
  (kind) => {
    const read = (written: string): unknown => spanOfRow({ ...row, kind: written })?.kind
    expect([read(kind), read(`SPAN_KIND_${kind.toUpperCase()}`)]).toEqual([
      kind.toLowerCase(),
      kind.toLowerCase(),
    ])
  },
)

const packages = [
  {
    name: '@clickhouse/client',
    program: `const { openClickHouse } = await import('MODULE/sources/clickhouse.ts')
      await openClickHouse({ url: new URL('http://127.0.0.1:1'), headers: {}, tls: undefined, timeoutMs: 1, maxBytes: 1 })
        .trace('1'.repeat(32)).catch((error) => console.log(error.name, error.code, error.hint))`,
  },
  {
    name: 'pg',
    program: `const { openPostgresStore } = await import('MODULE/store/postgres/store.ts')
      await openPostgresStore({ url: 'postgres://127.0.0.1:1/d', project: 'p', place: 'h' })
        .catch((error) => console.log(error.name, error.code, error.hint))`,
  },
] as const

test.for(packages)(
  'without the package $name is a Fault that says how to install it',
  ({ name, program }) => {
    const module = new URL('../../src', import.meta.url).href
    const missing = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve(specifier, context, next) {
        return next(specifier === '${name}' ? 'a-package-that-is-not-installed' : specifier, context)
      },
    })
    ${program.replaceAll('MODULE', module)}`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', missing], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect([stdout, stderr]).toEqual([
      expect.stringContaining(
        `Fault PACKAGE_MISSING install it beside tracespec: npm install ${name}@`,
      ),
      '',
    ])
  },
)
