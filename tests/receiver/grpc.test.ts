import { connect } from 'node:http2'
import {
  Client,
  compressionAlgorithms,
  credentials,
  status,
  type ServiceError,
} from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { requestFromJson } from '../../src/otlp/from-json.ts'
import { listen, type Receiver } from '../../src/receiver/listen.ts'
import { Fault, type FaultCode } from '../../src/trace/fault.ts'
import type { Signal, TelemetrySink } from '../../src/trace/ports.ts'
import { fixture } from '../otlp/fixture.ts'
import { temporaryStore } from '../store/temporary.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { post, until } from './post.ts'

const paths: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}

interface Sender extends Disposable {
  /** The bytes of the answer; throws the ServiceError. */
  export(path: string, request: Uint8Array): Promise<Buffer>
}

function senderTo(receiver: Receiver, options: { readonly gzip?: boolean } = {}): Sender {
  const client = new Client(`127.0.0.1:${receiver.port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.default_compression_algorithm':
      options.gzip === true ? compressionAlgorithms.gzip : compressionAlgorithms.identity,
  })
  return {
    export: (path, request) =>
      new Promise((resolve, reject) => {
        const answered = (error: ServiceError | null, answer: Buffer | undefined): void => {
          if (error === null && answer !== undefined) resolve(answer)
          else reject(error ?? new Error('no answer'))
        }
        const bytes = (value: Uint8Array): Buffer => Buffer.from(value)
        client.makeUnaryRequest(path, bytes, (value) => value, request, answered)
      }),
    [Symbol.dispose]: () => client.close(),
  }
}

test.for([{ gzip: false }, { gzip: true }])('spans over gRPC are stored, %o', async (options) => {
  verifies('P-25')
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  using sender = senderTo(receiver, options)
  const answer = await sender.export(paths.traces, fixture('recorded/rich.otlp.pb'))
  expect(answer.length).toBe(0)
  expect(await opened.store.counts('r')).toEqual({ spans: 10, traces: 2 })
  expect(receiver.facts()).toMatchObject({
    grpc_connections: 1,
    requests: [{ signal: 'traces', content_type: 'application/grpc', status: 200, requests: 1 }],
    spans: 10,
  })
})

test.for(['logs', 'metrics'] as const)('%s are accepted by their own service', async (signal) => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  using sender = senderTo(receiver)
  const text = new TextDecoder().decode(fixture(`opentelemetry-proto/${signal}.json`))
  await sender.export(paths[signal], requestFromJson(text, signal))
  expect(receiver.facts().requests).toEqual([
    { signal, content_type: 'application/grpc', status: 200, requests: 1 },
  ])
})

test('one port answers HTTP and gRPC side by side, and both arrive in one run', async () => {
  verifies('P-25')
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  using sender = senderTo(receiver)
  const headers = { 'content-type': 'application/x-protobuf' }
  const url = `${receiver.url}/v1/traces`
  const sent = [1, 2, 3, 4].map((id) => encodeTraces([span({ id, trace: id })]))
  await Promise.all(
    sent.map((request, index) =>
      index % 2 === 0 ? sender.export(paths.traces, request) : post(url, request, headers),
    ),
  )
  expect(await opened.store.counts('r')).toEqual({ spans: 4, traces: 4 })
})

test('what is rejected is a partial success', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  using sender = senderTo(receiver)
  const answer = await sender.export(paths.traces, Buffer.from('0a06120412001200', 'hex'))
  expect(answer.toString()).toContain('2 spans have no valid ids and are not kept')
  expect(receiver.facts().rejected_spans).toBe(2)
})

test.for<readonly [string, status, Uint8Array]>([
  ['garbage', status.INVALID_ARGUMENT, Buffer.from('garbage')],
  ['a large message', status.RESOURCE_EXHAUSTED, Buffer.alloc(60_001)],
])('%s is refused with status %i, and the next request is served', async ([, code, request]) => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r', maxBytes: 60_000 })
  using sender = senderTo(receiver)
  await expect(sender.export(paths.traces, request)).rejects.toThrow(
    expect.objectContaining({ code }),
  )
  using compressing = senderTo(receiver, { gzip: true })
  await expect(compressing.export(paths.traces, request)).rejects.toThrow(
    expect.objectContaining({ code }),
  )
  await sender.export(paths.traces, fixture('recorded/rich.otlp.pb'))
  expect((await opened.store.counts('r')).spans).toBe(10)
})

test('a message of 40 MiB is taken', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  using sender = senderTo(receiver)
  const attributes = new Map([['padding', 'x'.repeat(40 * 2 ** 20)]])
  await sender.export(paths.traces, encodeTraces([span({ id: 1, attributes })]))
  expect((await opened.store.counts('r')).spans).toBe(1)
})

test('a service that is not OTLP is unknown', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  using sender = senderTo(receiver)
  await expect(sender.export('/a.B/C', new Uint8Array())).rejects.toThrow(
    expect.objectContaining({ code: status.UNIMPLEMENTED }),
  )
})

test.for<FaultCode>(['STORE_UNAVAILABLE', 'STORE_FULL'])(
  'with %s the sender is asked to try again',
  async (code) => {
    const sink: TelemetrySink = {
      write: () => Promise.reject(new Fault(code, 'the store is away')),
    }
    await using receiver = await listen({ sink, runId: null })
    using sender = senderTo(receiver)
    await expect(sender.export(paths.traces, new Uint8Array())).rejects.toThrow(
      expect.objectContaining({ code: status.UNAVAILABLE, details: 'the store is away' }),
    )
    expect(receiver.facts().requests).toMatchObject([{ status: 503, requests: 1 }])
  },
)

test('a connection that goes in the middle of a message is a cut request', async () => {
  await using opened = temporaryStore()
  await using receiver = await listen({ sink: opened.store, runId: 'r' })
  const session = connect(receiver.url)
  session.on('error', () => session.destroy())
  const sent = session.request({
    ':method': 'POST',
    ':path': paths.traces,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  sent.on('error', () => sent.destroy())
  // 100 bytes are announced and 4 come
  sent.write(Buffer.from('0000000064 68616c66'.replace(' ', ''), 'hex'))
  await until(() => receiver.openRequests() === 1)
  session.destroy()
  await until(() => receiver.facts().cut_requests === 1)
  expect(receiver.openRequests()).toBe(0)
})
