import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { ReceiverFacts } from '../trace/diagnosis.ts'
import { Fault } from '../trace/fault.ts'
import type { TelemetrySink } from '../trace/ports.ts'
import type { Nanos } from '../trace/time.ts'
import { answer, mediaTypeOf, signalOf, type Intake } from './answer.ts'
import { cut } from './body.ts'
import { openConnections, type Connections } from './connections.ts'
import type { GrpcServer } from './grpc.ts'
import { protocolOf } from './protocol.ts'
import { openTally, type Tally } from './tally.ts'

export interface ListenOptions {
  readonly sink: TelemetrySink
  /** The run that all that arrives belongs to. */
  readonly runId: string | null
  /** 127.0.0.1 when not given. */
  readonly host?: string
  /** A free one when not given. */
  readonly port?: number
  /** The most bytes of a request, before and after decompression; 64 MiB when not given, as OTLP recommends. */
  readonly maxBytes?: number
}

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, to which exporters over HTTP add `/v1/traces`; it answers gRPC as well. */
  readonly url: string
  readonly port: number
  /** Resolves when every connection made before the call has been accepted and is counted. */
  settled(): Promise<void>
  /**
   * Connections accepted and not yet closed. An idle one counts too: what its process wrote last may still be unread, and is
   * read before the close is seen.
   */
  openConnections(): number
  /** Requests that have begun and are not answered. */
  openRequests(): number
  /** When the last spans were committed; undefined before the first. */
  lastArrival(): Nanos | undefined
  facts(): ReceiverFacts
}

/** Listens for OTLP over HTTP and gRPC on one port; a Fault RECEIVER_UNAVAILABLE when that cannot be. */
export async function listen(options: ListenOptions): Promise<Receiver> {
  const host = options.host ?? '127.0.0.1'
  const [tally, connections] = [openTally(), openConnections()]
  const intake = { ...options, maxBytes: options.maxBytes ?? 64 * 2 ** 20 }
  const speakers = openSpeakers({ intake, tally, connections })
  const server = createServer((socket) => {
    connections.accepted(socket)
    void speakers.take(socket)
  })
  const port = await bind(server, host, options.port ?? 0)
  return {
    url: `http://${host}:${port}`,
    port,
    settled: async () => {
      const probe = connect({ port, host })
      await once(probe, 'connect')
      // connections are accepted in the order they were made, so those before the probe have been
      while (!connections.disregard(probe.localPort)) await once(server, 'connection')
      probe.destroy()
    },
    openConnections: () => connections.openConnections(),
    openRequests: () => tally.openRequests(),
    lastArrival: () => tally.lastArrival(),
    facts: () => ({ ...connections.connectionFacts(), ...tally.requestFacts() }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      speakers.close()
      connections.closeAll()
      await closed
    },
  }
}

async function bind(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening').catch((cause: unknown) => {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    const why = isTaken ? `: port ${port} is in use` : ''
    const hint = isTaken ? 'end what listens there, or receive on another port' : undefined
    throw new Fault('RECEIVER_UNAVAILABLE', `cannot listen on ${host}${why}`, {
      cause,
      ...(hint !== undefined && { hint }),
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new RangeError('no port')
  return address.port
}

interface Speakers {
  /** Serves a connection in the protocol that it begins with. */
  take(socket: Socket): Promise<void>
  close(): void
}

interface Around {
  readonly intake: Intake
  readonly tally: Tally
  readonly connections: Connections
}

function openSpeakers({ intake, tally, connections }: Around): Speakers {
  // a sender's idle connection is its own to close: closing it from here could meet its next request
  const http = createHttp({ keepAliveTimeout: 0 }, (request, response) => {
    void respond(request, response, { intake, tally })
  })
  http.on('clientError', (_, socket) => connections.failed(socket))
  let grpc: Promise<GrpcServer> | undefined
  return {
    take: async (socket) => {
      const protocol = await protocolOf(socket)
      if (protocol === undefined) return
      connections.spoke(protocol)
      switch (protocol) {
        case 'http':
          http.emit('connection', socket)
          return
        case 'grpc':
          // few programs speak it, and it takes longer to load than all else
          grpc ??= import('./grpc.ts').then(({ openGrpc }) => openGrpc(intake, tally))
          ;(await grpc).take(socket)
          return
        case 'tls':
          socket.destroy()
      }
    },
    close: () => void grpc?.then((server) => server.close()),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { intake, tally }: Pick<Around, 'intake' | 'tally'>,
): Promise<void> {
  tally.began()
  const outcome = await answer(request, intake)
  if (outcome === cut) {
    tally.cut()
    return
  }
  const signal = signalOf(request)
  tally.answered({
    signal: signal ?? 'other',
    contentType: mediaTypeOf(request),
    status: outcome.status,
    accepted: outcome.accepted,
  })
  response.writeHead(outcome.status, {
    ...outcome.headers,
    'content-length': outcome.body.length,
  })
  response.end(outcome.body)
}
