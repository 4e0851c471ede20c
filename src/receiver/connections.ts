import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ReceiverFacts } from '../trace/diagnosis.ts'
import type { Protocol } from './protocol.ts'

/** Counts the connections of a receiver. */
export interface Connections {
  accepted(socket: Socket): void
  /** What a connection began with. */
  spoke(protocol: Protocol): void
  /** What came on a connection is no HTTP. */
  failed(socket: Duplex): void
  /** Counts the connection from this port no longer; false when it is not accepted yet. */
  disregard(remotePort: number | undefined): boolean
  closeAll(): void
  openConnections(): number
  connectionFacts(): Pick<ReceiverFacts, 'connections' | 'grpc_connections' | 'tls_connections'>
}

/** Starts counting at zero. */
export function openConnections(): Connections {
  const open = new Map<number | undefined, Socket>()
  let [connections, grpc, tls] = [0, 0, 0]
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
      if (protocol === 'grpc') grpc += 1
      if (protocol === 'tls') tls += 1
    },
    failed(socket) {
      socket.end(badRequest, () => socket.destroy())
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
    connectionFacts: () => ({ connections, grpc_connections: grpc, tls_connections: tls }),
  }
}

const badRequest = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'
