import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ReceiverFacts, RequestFacts } from '../trace/diagnosis.ts'
import type { Accepted } from '../trace/ports.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { Protocol } from './protocol.ts'

export interface Answered {
  readonly signal: RequestFacts['signal']
  readonly contentType: string
  readonly status: number
  /** Undefined for what was not taken in. */
  readonly accepted: Accepted | undefined
}

/** Counts what a receiver sees. */
export interface Tally {
  accepted(socket: Socket): void
  /** What a connection began with. */
  spoke(protocol: Protocol): void
  /** What came on a connection is no HTTP. */
  failed(socket: Duplex): void
  /** A request has begun, which `answered` or `cut` ends. */
  began(): void
  answered(request: Answered): void
  /** A request never came whole. */
  cut(): void
  /** Counts the connection from this port no longer; false when it is not accepted yet. */
  disregard(remotePort: number | undefined): boolean
  closeAll(): void
  openConnections(): number
  openRequests(): number
  lastArrival(): Nanos | undefined
  facts(): ReceiverFacts
}

/** Starts counting at zero. */
export function openTally(): Tally {
  const open = new Map<number | undefined, Socket>()
  const requests = new Map<string, RequestFacts>()
  let [connections, grpcConnections, tlsConnections] = [0, 0, 0]
  let [cutRequests, spans, rejectedSpans, openRequests] = [0, 0, 0, 0]
  let lastArrival: Nanos | undefined
  return {
    accepted(socket) {
      const { remotePort } = socket
      connections += 1
      open.set(remotePort, socket)
      socket.once('close', () => {
        if (open.get(remotePort) === socket) open.delete(remotePort)
      })
    },
    spoke(protocol) {
      if (protocol === 'grpc') grpcConnections += 1
      if (protocol === 'tls') tlsConnections += 1
    },
    failed(socket) {
      socket.end(badRequest, () => socket.destroy())
    },
    began() {
      openRequests += 1
    },
    answered({ signal, contentType, status, accepted }) {
      openRequests -= 1
      const sort = JSON.stringify([signal, contentType, status])
      const before = requests.get(sort)?.requests ?? 0
      requests.set(sort, { signal, content_type: contentType, status, requests: before + 1 })
      if (signal !== 'traces' || accepted === undefined) return
      spans += accepted.stored
      rejectedSpans += accepted.rejected
      if (accepted.stored > 0) lastArrival = now()
    },
    cut() {
      openRequests -= 1
      cutRequests += 1
    },
    disregard(remotePort) {
      if (!open.delete(remotePort)) return false
      connections -= 1
      return true
    },
    closeAll() {
      for (const socket of open.values()) socket.destroy()
    },
    openConnections: () => open.size,
    openRequests: () => openRequests,
    lastArrival: () => lastArrival,
    facts: () => ({
      connections,
      grpc_connections: grpcConnections,
      tls_connections: tlsConnections,
      requests: [...requests]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, request]) => request),
      cut_requests: cutRequests,
      spans,
      rejected_spans: rejectedSpans,
    }),
  }
}

const badRequest = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'

function now(): Nanos {
  return nanosOf(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)))
}
