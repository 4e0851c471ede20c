import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { ReceiverView } from '../../src/runner/outcome.ts'
import type { RequestFacts } from '../../src/trace/diagnosis.ts'
import { nanosOf, type Nanos } from '../../src/trace/time.ts'

/** A real HTTP endpoint that keeps the bytes of what it is sent, for tests of the runner alone. */
export interface Endpoint {
  readonly url: string
  readonly view: ReceiverView
  /** How often a span's name (or any text) stands in what was received. */
  received(text: string): number
  contentTypes(): string[]
  [Symbol.asyncDispose](): Promise<void>
}

export const wallClock = (): Nanos => nanosOf(BigInt(Date.now()) * 1_000_000n)

export async function openEndpoint(status = 200): Promise<Endpoint> {
  const bodies: Buffer[] = []
  const requests: RequestFacts[] = []
  const counts = { connections: 0, open: 0, grpc: 0, cut: 0 }
  let lastArrival: Nanos | undefined
  const server = createServer((request, response) => {
    take(request).then(
      (body) => {
        const signal = signalOf(request)
        const answer = signal === 'other' ? 404 : status
        if (signal === 'traces' && answer === 200) {
          bodies.push(body)
          lastArrival = wallClock()
        }
        requests.push({
          signal,
          content_type: request.headers['content-type'] ?? '',
          status: answer,
          requests: 1,
        })
        response.writeHead(answer).end()
      },
      () => (counts.cut += 1),
    )
  })
  server.on('connection', (socket) => {
    counts.connections += 1
    counts.open += 1
    socket.on('close', () => (counts.open -= 1))
  })
  server.on('clientError', (error, socket) => {
    if ('rawPacket' in error && String(error.rawPacket).startsWith('PRI * HTTP/2')) counts.grpc += 1
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const everything = (): string => Buffer.concat(bodies).toString('latin1')
  return {
    url: `http://127.0.0.1:${port}`,
    received: (text) => everything().split(text).length - 1,
    contentTypes: () => [...new Set(requests.map(({ content_type }) => content_type))],
    view: {
      settled: async () => {
        await setImmediate()
        await setImmediate()
      },
      openConnections: () => counts.open,
      lastArrival: () => lastArrival,
      facts: () => ({
        connections: counts.connections,
        grpc_connections: counts.grpc,
        requests,
        cut_requests: counts.cut,
        spans: bodies.length,
        rejected_spans: 0,
      }),
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function signalOf({ url }: IncomingMessage): RequestFacts['signal'] {
  const signals = ['traces', 'metrics', 'logs'] as const
  return signals.find((signal) => url === `/v1/${signal}`) ?? 'other'
}

async function take(request: IncomingMessage): Promise<Buffer> {
  const body = await buffer(request)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}
