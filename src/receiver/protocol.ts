import { once } from 'node:events'
import type { Socket } from 'node:net'

/** What a sender speaks, as its first bytes tell. */
export type Protocol = 'http' | 'grpc' | 'tls'

/** Waits for the first bytes and puts them back; undefined when the connection ends before it says anything. */
export async function protocolOf(socket: Socket): Promise<Protocol | undefined> {
  for (let seen = Buffer.alloc(0); ;) {
    const more = read(socket)
    if (more !== undefined) {
      seen = Buffer.concat([seen, more])
      const protocol = toldBy(seen)
      if (protocol === undefined) continue
      socket.unshift(seen)
      return protocol
    }
    if (socket.readableEnded || socket.destroyed) return undefined
    await moreOrEnd(socket)
  }
}

/** A peer may break a connection off before it says anything, as checks of a port do: it has said nothing then. */
async function moreOrEnd(socket: Socket): Promise<void> {
  try {
    await Promise.race([once(socket, 'readable'), once(socket, 'close')])
  } catch (error) {
    if (!socket.destroyed) throw error
  }
}

function read(socket: Socket): Buffer | undefined {
  const bytes: unknown = socket.read()
  return Buffer.isBuffer(bytes) ? bytes : undefined
}

/** The first bytes of HTTP/2, which gRPC speaks: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const http2 = 'PRI * HTTP/2'

/** A handshake record: https://www.rfc-editor.org/rfc/rfc8446#section-5.1 */
const tlsHandshake = 22

/** Undefined while more bytes are needed. */
function toldBy(bytes: Buffer): Protocol | undefined {
  if (bytes[0] === tlsHandshake) return 'tls'
  const start = bytes.toString('latin1', 0, http2.length)
  if (start === http2) return 'grpc'
  return http2.startsWith(start) ? undefined : 'http'
}
