import { ServerCredentials, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { PbfReader } from 'pbf'
import { describe, expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTraces } from '../../src/otlp/encode.ts'
import type { Endpoint } from '../../src/sources/endpoint.ts'
import { openJaeger, type JaegerProtocol } from '../../src/sources/jaeger.ts'
import { readSpansChunk } from '../../src/sources/jaeger-messages.ts'
import { jaegerModelLosses } from '../../src/sources/jaeger-model.ts'
import { Fault } from '../../src/trace/fault.ts'
import { lossless } from '../../src/trace/losses.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { fixture } from '../otlp/fixture.ts'
import { defined } from '../trace/defined.ts'
import { span, traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { backend, certificates, closedUrl } from './backend.ts'
import { grpcBackend, type GrpcBackend, type GrpcReply } from './grpc-backend.ts'
import { keptByJaeger } from './jaeger-kept.ts'

const rich = decodeTraces(fixture('recorded/rich.otlp.pb')).spans.slice(0, 9)
const richId = defined(rich[0]).traceId
const v3Trace = fixture('recorded/jaeger/grpc-v3-trace.pb')
const v2Trace = fixture('recorded/jaeger/grpc-v2-trace.pb')
const v3 = '/jaeger.api_v3.QueryService'
const v2 = '/jaeger.api_v2.QueryService'
const services: GrpcReply = { messages: [Buffer.from('\n\x04shop')] }

function endpoint(url: URL, more: Partial<Endpoint> = {}): Endpoint {
  return { url, headers: {}, tls: undefined, timeoutMs: 5000, maxBytes: 2 ** 24, ...more }
}

function inOrder(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1))
}

interface Way {
  readonly protocol: JaegerProtocol
  readonly method: string
  readonly messages: readonly Buffer[]
  readonly losses: object
  readonly kept: (span: Span) => Span
}

const ways: readonly Way[] = [
  {
    protocol: 'grpc-v3',
    method: `${v3}/GetTrace`,
    messages: [v3Trace],
    losses: lossless,
    // the server keeps no schema URLs
    kept: (one) => ({ ...one, resource: { ...one.resource, schemaUrl: '' } }),
  },
  {
    protocol: 'grpc-v2',
    method: `${v2}/GetTrace`,
    messages: [v2Trace],
    losses: jaegerModelLosses,
    kept: (one) => ({ ...keptByJaeger(one, 1n), flags: 0 }),
  },
]

test.for(ways)(
  'a recorded trace is read by $protocol',
  async ({ protocol, method, messages, losses, kept }) => {
    verifies('P-23')
    await using server = await grpcBackend({ [method]: () => ({ messages }) })
    using source = openJaeger(endpoint(server.url), { protocol })
    const found = defined(await source.trace(richId))
    expect({ ...found, spans: inOrder(found.spans) }).toEqual({
      spans: inOrder(rich.map(kept)),
      losses,
      cut: undefined,
    })
  },
)

test('spans of version 2 that come in chunks share their resource', async () => {
  await using server = await grpcBackend({
    [`${v2}/GetTrace`]: () => ({ messages: chunks(v2Trace) }),
  })
  using source = openJaeger(endpoint(server.url), { protocol: 'grpc-v2' })
  const { spans } = defined(await source.trace(richId))
  expect([spans.length, new Set(spans.map(({ resource }) => resource)).size]).toEqual([9, 2])
})

/** Each span as a message of its own. */
function chunks(message: Uint8Array): readonly Uint8Array[] {
  const reader = new PbfReader(message)
  const starts: number[] = []
  while (reader.pos < reader.length) {
    starts.push(reader.pos)
    reader.skip(reader.readVarint())
  }
  return starts.map((start, at) => message.subarray(start, starts[at + 1]))
}

describe('the way', () => {
  test('is version 3 where the server has it', async () => {
    await using server = await grpcBackend({
      [`${v3}/GetServices`]: () => services,
      [`${v3}/GetTrace`]: () => ({ messages: [v3Trace] }),
    })
    using source = openJaeger(endpoint(server.url))
    expect(defined(await source.trace(richId)).losses).toEqual(lossless)
    expect(source.page).toBeUndefined()
  })

  test('is version 2 where it has not', async () => {
    await using server = await grpcBackend({ [`${v2}/GetTrace`]: () => ({ messages: [v2Trace] }) })
    using source = openJaeger(endpoint(server.url))
    expect(defined(await source.trace(richId)).losses).toEqual(jaegerModelLosses)
    expect(source.capabilities.losses).toEqual({ ...jaegerModelLosses, grainNanos: 1000 })
  })

  test('takes headers along, and a bearer token also by the name that Jaeger knows', async () => {
    await using server = await grpcBackend({ [`${v3}/GetTrace`]: () => ({ messages: [v3Trace] }) })
    const headers = { Authorization: 'Bearer s3cret', 'x-tenant': 'shop' }
    using source = openJaeger(endpoint(server.url, { headers }), { protocol: 'grpc-v3' })
    await source.trace(richId)
    expect(server.asked.map((asked) => asked.headers)).toMatchObject([
      { authorization: 'Bearer s3cret', 'bearer.token': 's3cret', 'x-tenant': 'shop' },
    ])
  })
})

/** What a reader is told of a trace, in a line: code, message and hint. */
async function told(url: URL, more: Partial<Endpoint> = {}): Promise<string> {
  using source = openJaeger(endpoint(url, more), { protocol: 'grpc-v3' })
  try {
    return `${(await source.trace(richId))?.spans.length ?? 'no trace'}`
  } catch (error) {
    if (error instanceof Fault)
      return `${error.code}: ${error.message}; ${error.hint ?? ''}`.replaceAll(url.host, 'HOST')
    throw error
  }
}

function answering(reply: (attempt: number) => GrpcReply): Promise<GrpcBackend> {
  return grpcBackend({ [`${v3}/GetTrace`]: reply })
}

const tryAgain = 'try again; is the backend healthy and the way to it open?'
const wrongPort = 'is this the gRPC port of the query API of this backend?'
const credentials = 'are the credentials of the backend right, and may they read traces?'

describe('a trace', () => {
  test.for<readonly [what: string, reply: GrpcReply, told: string]>([
    ['whole', { messages: [v3Trace] }, '9'],
    ['in several messages', { messages: rich.map((one) => encodeTraces([one])) }, '9'],
    ['unknown to 2.13', {}, 'no trace'],
    ['unknown to later servers', { status: { code: status.NOT_FOUND } }, 'no trace'],
    [
      'of another id',
      { messages: [encodeTraces([span({ id: 1 })])] },
      `SOURCE_INVALID: HOST answered with spans of trace ${traceId(1)}; asked for was ${richId}; what stands between here and Jaeger?`,
    ],
    [
      'that is none',
      { messages: [Buffer.from('traces')] },
      'SOURCE_INVALID: HOST answered with what is not OTLP protobuf: a field has no valid wire type; is this the address of the query API, and not of a page or a proxy?',
    ],
  ])('%s', async ([, reply, found]) => {
    await using server = await answering(() => reply)
    expect(await told(server.url)).toBe(found)
  })

  test.for<readonly [name: keyof typeof status, code: string, hint: string]>([
    ['CANCELLED', 'SOURCE_UNAVAILABLE', tryAgain],
    ['UNKNOWN', 'SOURCE_UNAVAILABLE', tryAgain],
    ['INVALID_ARGUMENT', 'SOURCE_INVALID', wrongPort],
    ['ALREADY_EXISTS', 'SOURCE_INVALID', wrongPort],
    ['PERMISSION_DENIED', 'SOURCE_REFUSED', credentials],
    ['FAILED_PRECONDITION', 'SOURCE_INVALID', wrongPort],
    ['ABORTED', 'SOURCE_UNAVAILABLE', tryAgain],
    ['OUT_OF_RANGE', 'SOURCE_INVALID', wrongPort],
    ['UNIMPLEMENTED', 'SOURCE_INVALID', wrongPort],
    ['INTERNAL', 'SOURCE_UNAVAILABLE', tryAgain],
    ['DATA_LOSS', 'SOURCE_UNAVAILABLE', tryAgain],
    ['UNAUTHENTICATED', 'SOURCE_REFUSED', credentials],
  ])('%s is a Fault at once', async ([name, code, hint]) => {
    await using server = await answering(() => ({
      status: { code: status[name], details: 'no\nway' },
    }))
    expect(await told(server.url)).toBe(
      `${code}: HOST answered with gRPC status ${status[name]}: "no\\nway"; ${hint}`,
    )
    expect(server.asked).toHaveLength(1)
  })

  test.for(['UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const)('%s may pass', async (name) => {
    await using server = await answering((attempt) =>
      attempt < 3 ? { status: { code: status[name] } } : { messages: [v3Trace] },
    )
    expect(await told(server.url)).toBe('9')
    expect(server.asked).toHaveLength(3)
  })

  test('what fails after it began is not asked for again', async () => {
    await using server = await answering(() => ({
      messages: [v3Trace],
      status: { code: status.UNAVAILABLE },
    }))
    expect(await told(server.url)).toBe(
      `SOURCE_UNAVAILABLE: HOST answered with gRPC status 14; ${tryAgain}`,
    )
    expect(server.asked).toHaveLength(1)
  })

  test('of a server that stays silent is given up when the time is over', async () => {
    await using server = await answering(() => ({ messages: [v3Trace], status: 'none' }))
    expect(await told(server.url, { timeoutMs: 300 })).toMatch(
      /^SOURCE_UNAVAILABLE: HOST answered with gRPC status 4/,
    )
  })

  test('is left when the caller gives up, with the reason of the caller', async () => {
    await using server = await answering(() => ({ messages: [v3Trace], status: 'none' }))
    using source = openJaeger(endpoint(server.url), { protocol: 'grpc-v3' })
    const reason = new Error('given up')
    const ended = new AbortController()
    const asked = source.trace(richId, ended.signal)
    setTimeout(() => ended.abort(reason), 100)
    await expect(asked).rejects.toBe(reason)
  })

  const large = encodeTraces([
    { ...span({ id: 1 }), traceId: richId, name: 'x'.repeat(5 * 2 ** 20) },
  ])

  test('of more than 4 MiB in one message is read', async () => {
    await using server = await answering(() => ({ messages: [large] }))
    expect(await told(server.url)).toBe('1')
  })

  test.for([
    ['in one message', [large]],
    ['in all', [v3Trace, v3Trace, v3Trace]],
  ] as const)('of more than the limit %s is too large', async ([, messages]) => {
    await using server = await answering(() => ({ messages }))
    expect(await told(server.url, { maxBytes: 6000 })).toMatch(/^TOO_LARGE: HOST .*; ask for less/)
  })
})

describe('a connection', () => {
  test('that nobody takes is a Fault at once', async () => {
    const url = new URL((await closedUrl()).href.replace(/^http/, 'grpc'))
    expect(await told(url)).toMatch(
      /^SOURCE_UNAVAILABLE: HOST answered with gRPC status 14: ".*ECONNREFUSED.*"; start the backend or correct its address$/,
    )
  })

  test('to a server that speaks no gRPC is a Fault', async () => {
    await using server = await backend((_, response) => response.end('hello'))
    expect(await told(server.url)).toMatch(
      /^SOURCE_INVALID: HOST answered with gRPC status 14: .*; what listens there speaks no gRPC; /,
    )
  })

  test.for([
    ['is made with the authority that is named', 'IP:127.0.0.1', true, '9'],
    ['is refused without it', 'IP:127.0.0.1', false, 'SOURCE_REFUSED'],
    ['is refused when the certificate has another name', 'DNS:jaeger.test', true, 'SOURCE_REFUSED'],
  ] as const)('with TLS %s', async ([, subject, isNamed, found]) => {
    const { ca, cert, key } = certificates(subject)
    const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }
    await using server = await grpcBackend(
      { [`${v3}/GetTrace`]: () => ({ messages: [v3Trace] }) },
      ServerCredentials.createSsl(null, [pair]),
    )
    const tls = isNamed ? { ca, cert: undefined, key: undefined } : undefined
    expect((await told(server.url, { tls })).split(':')[0]).toBe(found)
    if (found === '9') return
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect((await told(server.url, { tls })).split(':')[0]).toBe(found)
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
    expect(server.asked).toEqual([])
  })

  test.for(['grpc', 'grpcs'])('of localhost by %s goes to this machine', async (scheme) => {
    const { ca, cert, key } = certificates('DNS:localhost')
    const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }
    await using server = await grpcBackend(
      { [`${v3}/GetTrace`]: () => ({ messages: [v3Trace] }) },
      scheme === 'grpc'
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [pair]),
    )
    const url = new URL(`${scheme}://localhost:${server.url.port}`)
    expect(await told(url, { tls: { ca, cert: undefined, key: undefined } })).toBe('9')
  })

  test('with a key that is none is a Fault', async () => {
    const { ca, cert } = certificates('IP:127.0.0.1')
    const tls = { ca, cert, key: '-----BEGIN s3cret' }
    expect(await told(new URL('grpcs://127.0.0.1:1'), { tls })).toMatch(
      /^FILE_UNREADABLE: the files of tls: of the backend cannot be used; /,
    )
  })
})

test('a search asks for what Jaeger can filter, and for raw traces', async () => {
  await using server = await grpcBackend({ [`${v2}/FindTraces`]: () => ({ messages: [v2Trace] }) })
  using source = openJaeger(endpoint(server.url), { protocol: 'grpc-v2' })
  const from = nanosOf(1_795_198_879_391_080_449n)
  const found = await source.search({
    service: 'shop',
    operation: 'POST /checkout',
    from,
    to: nanosOf(from + 1_000_000_000n),
    minDuration: nanosOf(400_000_000n),
    attributes: [{ name: 'http.route', compare: 'eq', value: '/checkout' }],
    limit: 5,
  })
  expect([found.items.map(({ traceId: id }) => id), found.total]).toEqual([[richId], 1])
  const request = defined(server.asked[0]).request
  const query = defined(fieldsOf(request).get(1))
  const text = (value: Uint8Array | number | undefined): string =>
    Buffer.from(bytes(value)).toString()
  const time = (value: Uint8Array | number | undefined): readonly unknown[] => [
    ...fieldsOf(bytes(value)).values(),
  ]
  const fields = fieldsOf(bytes(query))
  const entry = fieldsOf(bytes(fields.get(3)))
  expect({
    names: [1, 2].map((field) => text(fields.get(field))),
    attribute: [1, 2].map((field) => text(entry.get(field))),
    times: [4, 5, 6].map((field) => time(fields.get(field))),
    rest: [7, 8, 9].map((field) => fields.get(field)),
  }).toEqual({
    names: ['shop', 'POST /checkout'],
    attribute: ['http.route', '/checkout'],
    times: [
      [1_795_198_879, 391_080_449],
      [1_795_198_880, 391_080_450],
      [0, 400_000_000],
    ],
    rest: [undefined, 100, 1],
  })
})

type Fields = ReadonlyMap<number, Uint8Array | number>

/** The fields of a message, numbers and lengths only. */
function fieldsOf(message: Uint8Array | number): Fields {
  const reader = new PbfReader(bytes(message))
  const fields = new Map<number, Uint8Array | number>()
  while (reader.pos < reader.length) {
    const tag = reader.readVarint()
    fields.set(tag >>> 3, (tag & 7) === 2 ? reader.readBytes() : reader.readVarint())
  }
  return fields
}

function bytes(value: Uint8Array | number | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError('no message')
}

test('whatever bytes a chunk of spans has, they are spans or a Fault', () => {
  const damaged = fc
    .tuple(fc.nat(v2Trace.length - 1), fc.nat(255))
    .map(([at, byte]) => Uint8Array.from(v2Trace, (old, index) => (index === at ? byte : old)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), (message) => {
      const read = attempt(() => readSpansChunk(message, new Map()))
      expect(Array.isArray(read) || read instanceof Fault).toBe(true)
    }),
  )
})

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}
