import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server on loopback that answers as it is told, and remembers what it was asked. */
export interface Backend extends AsyncDisposable {
  readonly url: URL
  readonly asked: readonly Asked[]
}

export interface Asked {
  readonly line: string
  readonly headers: IncomingMessage['headers']
}

export function backend(answer: RequestListener, tls?: ServerOptions): Promise<Backend> {
  const asked: Asked[] = []
  const listener: RequestListener = (request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    answer(request, response)
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  return listening(server, asked, tls === undefined ? 'http' : 'https')
}

function listening(server: Server, asked: readonly Asked[], protocol: string): Promise<Backend> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  return new Promise((ready) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      ready({
        url: new URL(`${protocol}://127.0.0.1:${port}`),
        asked,
        [Symbol.asyncDispose]: () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}

/** A port on loopback where nothing listens. */
export async function closedUrl(): Promise<URL> {
  await using gone = await backend((_, response) => response.end())
  return gone.url
}

export interface Certificates {
  readonly ca: string
  /** Of a server by the name that was asked for. */
  readonly cert: string
  readonly key: string
}

/** A new authority, and a certificate that it signed for a name, as `DNS:example.test` or `IP:127.0.0.1`. */
export function certificates(subject: string): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'tracespec-tls-'))
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  }
  const fresh = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  try {
    openssl(
      ...fresh,
      '-x509',
      '-days',
      '2',
      '-subj',
      '/CN=test authority',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    )
    openssl(...fresh, '-subj', '/CN=test server', '-keyout', 'key.pem', '-out', 'request.pem')
    writeFileSync(join(folder, 'names'), `subjectAltName=${subject}\n`)
    openssl(
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      'request.pem',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      'names',
      '-out',
      'cert.pem',
    )
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
