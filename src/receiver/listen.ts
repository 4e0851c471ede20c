import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { ReceiverFacts } from '../trace/diagnosis.ts'
import { Fault } from '../trace/fault.ts'
import type { TelemetrySink } from '../trace/ports.ts'
import type { Nanos } from '../trace/time.ts'
import { answer, mediaTypeOf, signalOf } from './answer.ts'
import { cut } from './body.ts'
import { openTally, type Tally } from './tally.ts'

export interface ListenOptions {
  readonly sink: TelemetrySink
  /** The run that all that arrives belongs to. */
  readonly runId: string | null
  /** 127.0.0.1 when not given. */
  readonly host?: string
  /** The most bytes of a request, before and after decompression; 64 MiB when not given, as OTLP recommends. */
  readonly maxBytes?: number
}

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, to which exporters add `/v1/traces`. */
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

/** Listens for OTLP/HTTP on a free port; a Fault RECEIVER_UNAVAILABLE when that cannot be. */
export async function listen(options: ListenOptions): Promise<Receiver> {
  const host = options.host ?? '127.0.0.1'
  const intake = { ...options, maxBytes: options.maxBytes ?? 64 * 2 ** 20 }
  const tally = openTally()
  // a sender's idle connection is its own to close: closing it from here could meet its next request
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void respond(request, response, { ...intake, tally })
  })
  server.on('connection', (socket) => tally.accepted(socket))
  server.on('clientError', (error, socket) => tally.failed(error, socket))
  const port = await bind(server, host)
  return {
    url: `http://${host}:${port}`,
    port,
    settled: async () => {
      const probe = connect({ port, host })
      await once(probe, 'connect')
      // connections are accepted in the order they were made, so those before the probe have been
      while (!tally.disregard(probe.localPort)) await once(server, 'connection')
      probe.destroy()
    },
    openConnections: () => tally.openConnections(),
    openRequests: () => tally.openRequests(),
    lastArrival: () => tally.lastArrival(),
    facts: () => tally.facts(),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function bind(server: Server, host: string): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening').catch((cause: unknown) => {
    throw new Fault('RECEIVER_UNAVAILABLE', `cannot listen on ${host}`, { cause })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new RangeError('no port')
  return address.port
}

interface Intake {
  readonly sink: TelemetrySink
  readonly runId: string | null
  readonly maxBytes: number
  readonly tally: Tally
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  intake: Intake,
): Promise<void> {
  intake.tally.began()
  const outcome = await answer(request, intake)
  if (outcome === cut) {
    intake.tally.cut()
    return
  }
  const signal = signalOf(request)
  intake.tally.answered({
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
