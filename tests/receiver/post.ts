import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface Posted {
  readonly status: number
  readonly type: string | null
  readonly body: Buffer
  readonly headers: Headers
}

/** Posts a body as an exporter does. */
export async function post(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>>,
): Promise<Posted> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
  const response = await fetch(url, { method: 'POST', body: bytes, headers: { ...headers } })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: Buffer.from(await response.arrayBuffer()),
    headers: response.headers,
  }
}

/** A raw connection, for what no HTTP client would send. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Waits for a condition, at most five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition never held')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
