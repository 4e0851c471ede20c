import { connect as connectHttp2 } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { PbfReader } from 'pbf'
import { expect, test } from 'vitest'
import { encodeTraces, encodeTracesJson } from '../../src/otlp/encode.ts'
import { listen } from '../../src/receiver/listen.ts'
import { Fault, type FaultCode } from '../../src/trace/fault.ts'
import type { TelemetrySink } from '../../src/trace/ports.ts'
import { fixture } from '../otlp/fixture.ts'
import { temporaryStore } from '../store/temporary.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { dial, post, until } from './post.ts'

const protobuf = { 'content-type': 'application/x-protobuf' }
const json = { 'content-type': 'application/json' }
const gzip = { 'content-encoding': 'gzip' }

test.for<readonly [string, Uint8Array | string, Record<string, string>, string]>([
  ['protobuf', fixture('recorded/rich.otlp.pb'), protobuf, ''],
  ['protobuf in gzip', gzipSync(fixture('recorded/rich.otlp.pb')), { ...protobuf, ...gzip }, ''],
  ['JSON', fixture('recorded/rich.otlp.json'), json, '{}'],
  ['JSON in gzip', gzipSync(fixture('recorded/rich.otlp.json')), { ...json, ...gzip }, '{}'],
  [
    'JSON with a character set',
    fixture('recorded/rich.otlp.json'),
    { 'content-type': 'Application/JSON; charset=utf-8' },
    '{}',
  ],
])('%s is stored and acknowledged in the same encoding', async ([, body, headers, answer]) => {
  verifies('P-25')
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const posted = await post(`${receiver.url}/v1/traces`, body, headers)
  expect([posted.status, posted.type, posted.body.toString()]).toEqual([
    200,
    headers['content-type']?.startsWith('application/x') === true
      ? 'application/x-protobuf'
      : 'application/json',
    answer,
  ])
  expect(await opened.store.counts('r')).toEqual({ spans: 10, traces: 2 })
})

test.for(['logs', 'metrics'] as const)('%s are accepted on their own path', async (signal) => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const body = fixture(`opentelemetry-proto/${signal}.json`)
  const posted = await post(`${receiver.url}/v1/${signal}`, body, json)
  expect([posted.status, posted.body.toString()]).toEqual([200, '{}'])
  expect(receiver.facts().requests).toEqual([
    { signal, content_type: 'application/json', status: 200, requests: 1 },
  ])
})

test('an empty request is a success', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const posted = await post(`${receiver.url}/v1/traces`, '', protobuf)
  expect([posted.status, posted.body.length]).toEqual([200, 0])
})

const withoutIds = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{"name":"b"}]}]}]}'

test('what is rejected is a partial success in both encodings', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const url = `${receiver.url}/v1/traces`
  const message = '2 spans have no valid ids and are not kept'
  const inJson = await post(url, withoutIds, json)
  expect([inJson.status, inJson.body.toString()]).toEqual([
    200,
    `{"partialSuccess":{"rejectedSpans":"2","errorMessage":"${message}"}}`,
  ])
  const twoEmptySpans = Buffer.from('0a06120412001200', 'hex')
  const inProtobuf = await post(url, twoEmptySpans, protobuf)
  // field 1 { field 1: 2 rejected, field 2: the message of 42 bytes }
  expect(inProtobuf.body.toString('latin1')).toBe(`\x0a\x2e\x08\x02\x12\x2a${message}`)
  expect(receiver.facts().rejected_spans).toBe(4)
})

interface Refused {
  readonly path?: string
  readonly body: Uint8Array | string
  readonly headers: Record<string, string>
}

test.for<readonly [string, number, number, Refused]>([
  ['another path', 404, 5, { path: '/v1/spans', body: '', headers: protobuf }],
  ['another content type', 415, 3, { body: 'a', headers: { 'content-type': 'text/plain' } }],
  [
    'another content encoding',
    415,
    3,
    { body: 'a', headers: { ...protobuf, 'content-encoding': 'br' } },
  ],
  ['garbage', 400, 3, { body: 'garbage', headers: protobuf }],
  [
    'a cut message',
    400,
    3,
    { body: fixture('recorded/rich.otlp.pb').subarray(0, 900), headers: protobuf },
  ],
  ['cut JSON', 400, 3, { body: '{"resourceSpans":[', headers: json }],
  ['JSON that is not UTF-8', 400, 3, { body: Buffer.of(0x7b, 0xff, 0x7d), headers: json }],
  ['JSON as protobuf', 400, 3, { body: fixture('recorded/rich.otlp.json'), headers: protobuf }],
  ['protobuf as JSON', 400, 3, { body: fixture('recorded/rich.otlp.pb'), headers: json }],
  ['no gzip', 400, 3, { body: 'no gzip', headers: { ...protobuf, ...gzip } }],
  [
    'cut gzip',
    400,
    3,
    {
      body: gzipSync(fixture('recorded/rich.otlp.pb')).subarray(0, 200),
      headers: { ...protobuf, ...gzip },
    },
  ],
  ['deep JSON', 400, 3, { body: '{"a":'.repeat(10_000), headers: json }],
  ['a large body', 413, 8, { body: Buffer.alloc(60_001), headers: protobuf }],
  [
    'a body that is large after decompression',
    413,
    8,
    { body: gzipSync(Buffer.alloc(60_001)), headers: { ...protobuf, ...gzip } },
  ],
])('%s is refused with %i and a status that says why', async ([, status, code, given]) => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r', maxBytes: 60_000 })
  const refused = await post(
    `${receiver.url}${given.path ?? '/v1/traces'}`,
    given.body,
    given.headers,
  )
  const isProtobuf = refused.type === 'application/x-protobuf'
  const isAsked = given.headers['content-type'] === 'application/x-protobuf'
  expect([refused.status, isProtobuf]).toEqual([status, isAsked])
  expect(isProtobuf ? statusOf(refused.body) : JSON.parse(refused.body.toString())).toEqual({
    code,
    message: expect.stringMatching(/\w{3}/),
  })
  const good = await post(`${receiver.url}/v1/traces`, fixture('recorded/rich.otlp.pb'), protobuf)
  expect(good.status).toBe(200)
  expect((await opened.store.counts('r')).spans).toBe(10)
})

function statusOf(body: Buffer): { readonly code: number; readonly message: string } {
  return new PbfReader(body).readFields(
    (field, status, reader) => {
      if (field === 1) status.code = reader.readVarint()
      if (field === 2) status.message = reader.readString()
    },
    { code: 0, message: '' },
  )
}

test('the limit is 64 MiB, before and after decompression', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const url = `${receiver.url}/v1/traces`
  // a field that no message has, so that all else is the size
  const padded = (size: number): Buffer => {
    const body = Buffer.alloc(size)
    body.writeUIntBE(0xfa3e, 0, 2)
    const length = size - 6
    for (let index = 0; index < 4; index += 1) {
      body[2 + index] = ((length >>> (7 * index)) & 0x7f) | (index < 3 ? 0x80 : 0)
    }
    return body
  }
  const limit = 64 * 2 ** 20
  expect((await post(url, padded(limit), protobuf)).status).toBe(200)
  expect((await post(url, padded(limit + 1), protobuf)).status).toBe(413)
  expect((await post(url, gzipSync(padded(limit + 1)), { ...protobuf, ...gzip })).status).toBe(413)
})

test('another method is refused and told which one is allowed', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const response = await fetch(`${receiver.url}/v1/traces`)
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
})

test.for<FaultCode>(['STORE_UNAVAILABLE', 'STORE_FULL'])(
  'with %s the sender is asked to try again',
  async (code) => {
    const sink: TelemetrySink = {
      write: () => {
        throw new Fault(code, 'the store is away')
      },
    }
    await using receiver = await listen({ sink, runId: null })
    const refused = await post(`${receiver.url}/v1/traces`, '', protobuf)
    expect([refused.status, refused.headers.get('retry-after'), statusOf(refused.body)]).toEqual([
      503,
      '1',
      { code: 14, message: 'the store is away' },
    ])
    expect(receiver.facts().requests).toEqual([
      { signal: 'traces', content_type: 'application/x-protobuf', status: 503, requests: 1 },
    ])
  },
)

test('facts tell never connected, connected and silent, gRPC, TLS and garbage apart', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const nothing = {
    connections: 0,
    grpc_connections: 0,
    tls_connections: 0,
    requests: [],
    cut_requests: 0,
    spans: 0,
    rejected_spans: 0,
  }
  await receiver.settled()
  expect(receiver.facts()).toEqual(nothing)

  const silent = await dial(receiver.port)
  await receiver.settled()
  expect(receiver.facts()).toEqual({ ...nothing, connections: 1 })
  silent.destroy()

  const grpc = connectHttp2(receiver.url)
  grpc.on('error', () => grpc.destroy())
  await until(() => receiver.facts().grpc_connections === 1)
  expect(receiver.facts()).toEqual({ ...nothing, connections: 2, grpc_connections: 1 })
  grpc.destroy()

  const garbage = await dial(receiver.port)
  garbage.write('\x01\x02 hello\r\n\r\n')
  await receiver.settled()
  await until(() => receiver.openConnections() === 0)
  expect(receiver.facts()).toEqual({ ...nothing, connections: 3, grpc_connections: 1 })

  const tls = await dial(receiver.port)
  tls.write('\x16\x03\x01 hello')
  await until(() => receiver.facts().tls_connections === 1)
  await until(() => receiver.openConnections() === 0)
  expect(receiver.facts()).toEqual({
    ...nothing,
    connections: 4,
    grpc_connections: 1,
    tls_connections: 1,
  })
})

test('a half-sent body is a cut request and harms no other', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const head = 'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n'
  const slow = await dial(receiver.port)
  slow.write(`${head}Content-Length: 100\r\n\r\nhalf`)
  const other = await post(`${receiver.url}/v1/traces`, encodeTraces([span({ id: 1 })]), protobuf)
  expect(other.status).toBe(200)
  slow.destroy()
  await until(() => receiver.facts().cut_requests === 1)
  expect(receiver.facts().requests).toHaveLength(1)
  expect((await opened.store.counts('r')).spans).toBe(1)
})

test.for(['', 'PRI *', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'])(
  'a sender that breaks off after %j harms no other',
  async (said) => {
    await using opened = temporaryStore()
    await using receiver = await listen({ sink: opened.store, runId: 'r' })
    const rude = await dial(receiver.port)
    if (said !== '') rude.write(said)
    await until(() => receiver.openConnections() === 1)
    rude.resetAndDestroy()
    await until(() => receiver.openConnections() === 0)
    const other = await post(`${receiver.url}/v1/traces`, encodeTraces([span({ id: 1 })]), protobuf)
    expect([other.status, receiver.openRequests()]).toEqual([200, 0])
  },
)

test('a connection is open until its sender closes it, and then all it sent has arrived', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const body = encodeTracesJson([span({ id: 1 })])
  const sender = await dial(receiver.port)
  await receiver.settled()
  expect([receiver.openConnections(), receiver.lastArrival()]).toEqual([1, undefined])
  sender.end(
    `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  await until(() => receiver.openConnections() === 0)
  expect((await opened.store.counts('r')).spans).toBe(1)
  expect(receiver.lastArrival()).toEqual(expect.any(BigInt))
})

test('a receiver ends although a sender keeps its connection', async () => {
  await using opened = temporaryStore()
  const receiver = await listen({ sink: opened.store, runId: 'r' })
  await dial(receiver.port)
  await receiver.settled()
  await receiver[Symbol.asyncDispose]()
  await expect(fetch(`${receiver.url}/v1/traces`)).rejects.toThrow('fetch failed')
})

test('a host that is not ours is a Fault', async () => {
  await using opened = temporaryStore()
  await expect(listen({ sink: opened.store, runId: 'r', host: '192.0.2.1' })).rejects.toThrow(
    expect.objectContaining({ code: 'RECEIVER_UNAVAILABLE' }),
  )
})
