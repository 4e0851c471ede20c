import { createServer, type AddressInfo } from 'node:net'
import type { RequestListener, ServerResponse } from 'node:http'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/sources/endpoint.ts'
import { jsonOf } from '../../src/sources/http-answer.ts'
import { openHttp } from '../../src/sources/http.ts'
import { probe } from '../../src/sources/probe.ts'
import { Fault } from '../../src/trace/fault.ts'
import { verifies } from '../verifies.ts'
import { backend, certificates, closedUrl } from './backend.ts'

const secret = { authorization: 'Bearer s3cret', 'x-tenant': 'shop' }

function endpoint(url: URL, more: Partial<Endpoint> = {}): Endpoint {
  return { url, headers: secret, tls: undefined, timeoutMs: 5000, maxBytes: 1_000_000, ...more }
}

/** What a reader is told, in a line: code, message and hint. The least jitter keeps the tests short. */
async function asked(to: Endpoint, path = '/api'): Promise<string> {
  using http = openHttp(to, () => 0)
  try {
    const { status, body } = await http.get(path)
    return `${status} ${body.toString()}`
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}; ${error.hint ?? ''}`
    throw error
  }
}

type Answer = (response: ServerResponse) => void

/** Answers one after the other; the last again and again. */
function inTurn(...answers: readonly Answer[]): RequestListener {
  let at = 0
  return (_, response) => {
    answers[Math.min(at, answers.length - 1)]?.(response)
    at += 1
  }
}

const ok: Answer = (response) => void response.end('fine')
const hangUp: Answer = (response) => void response.socket?.destroy()
const silence: Answer = () => undefined

function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end('no')
}

const halfAnswer: Answer = (response) => {
  response.writeHead(200, { 'content-length': '100' }).write('{"half":')
  setTimeout(() => response.socket?.destroy(), 10)
}

/** A body without an end; what is not read is not made. */
const endless: Answer = (response) => {
  const chunk = Buffer.alloc(65_536, 'x')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

test('a request has the path, the query and the headers that it was given', async () => {
  await using server = await backend((_, response) => response.end('fine'))
  using http = openHttp(endpoint(new URL('/base/', server.url)))
  await http.get('/api/a%2Fb', { query: { tag: ['a=1', 'b&2'], limit: '5' } })
  await http.post('/v1', { body: 'hello', contentType: 'text/plain', accept: 'text/csv' })
  expect(server.asked.map(({ line }) => line)).toEqual([
    'GET /base/api/a%2Fb?tag=a%3D1&tag=b%262&limit=5',
    'POST /base/v1',
  ])
  expect(server.asked[1]?.headers).toMatchObject({
    ...secret,
    accept: 'text/csv',
    'content-type': 'text/plain',
    'user-agent': 'tracespec',
  })
})

test.for<readonly [string, (text: string) => Buffer]>([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
  ['identity', (text) => Buffer.from(text)],
])('an answer in %s is read', async ([encoding, compress]) => {
  await using server = await backend((_, response) => {
    response.setHeader('content-encoding', encoding)
    response.end(compress('{"a":9007199254740993}'))
  })
  using http = openHttp(endpoint(server.url))
  expect(jsonOf(await http.get('/'))).toEqual({ a: 9007199254740993n })
})

describe('what may pass is asked again', () => {
  test.for<readonly [string, readonly Answer[], number]>([
    ['a connection that is cut', [hangUp, ok], 2],
    ['half an answer', [halfAnswer, halfAnswer, ok], 3],
    ['502, 503 and 504', [status(502), status(503), status(504), ok], 4],
    ['500', [status(500), ok], 2],
    ['500 twice', [status(500), status(500), ok], 3],
    ['429', [status(429, { 'retry-after': '0' }), ok], 2],
    ['a date that has passed', [status(503, { 'retry-after': new Date(0).toUTCString() }), ok], 2],
    ['a time that is none', [status(503, { 'retry-after': 'soon' }), ok], 2],
  ])('%s', async ([, answers, times]) => {
    verifies('P-27')
    await using server = await backend(inTurn(...answers))
    expect(await asked(endpoint(server.url))).toBe('200 fine')
    expect(server.asked.length).toBe(times)
  })

  test('as often as is sensible', async () => {
    await using server = await backend(inTurn(status(503)))
    expect(await asked(endpoint(server.url))).toBe(
      `SOURCE_UNAVAILABLE: ${server.url.href}api answered 503; try again; is the backend healthy?`,
    )
    expect(server.asked.length).toBe(4)
  })

  test('a failure of the server more seldom, and what it says of it is the answer', async () => {
    await using server = await backend(inTurn(status(500)))
    expect(await asked(endpoint(server.url))).toBe('500 no')
    expect(server.asked.length).toBe(3)
  })

  test('not before the time that the server names', async () => {
    await using server = await backend(inTurn(status(429, { 'retry-after': '1' }), ok))
    const before = performance.now()
    expect(await asked(endpoint(server.url))).toBe('200 fine')
    expect(performance.now() - before).toBeGreaterThan(950)
  })

  test('not when the server names a time that is too late', async () => {
    await using server = await backend(inTurn(status(429, { 'retry-after': '3600' })))
    expect(await asked(endpoint(server.url))).toBe(
      `SOURCE_UNAVAILABLE: ${server.url.href}api answered 429; it can be asked again in 3600 s, which is later than timeout_ms of the backend allows`,
    )
    expect(server.asked.length).toBe(1)
  })

  test('a POST only when it may be sent twice', async () => {
    await using server = await backend(inTurn(hangUp, hangUp, ok))
    using http = openHttp(endpoint(server.url), () => 0)
    const post = { body: 'x', contentType: 'text/plain' }
    await expect(http.post('/', post)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    expect((await http.post('/', { ...post, idempotent: true })).status).toBe(200)
    expect(server.asked.length).toBe(3)
  })
})

describe('nothing hangs', () => {
  test.for<readonly [string, readonly Answer[], string]>([
    ['a server that says nothing', [silence], 'did not answer within 300 ms'],
    [
      'a server that fails and then says nothing',
      [hangUp, silence],
      'did not answer within 300 ms (before that: ',
    ],
    [
      'a body that stops',
      [(response) => void response.writeHead(200).write('{')],
      'did not answer within 300 ms',
    ],
  ])('%s', async ([, answers, says]) => {
    await using server = await backend(inTurn(...answers))
    const before = performance.now()
    const told = await asked(endpoint(server.url, { timeoutMs: 300 }))
    expect(performance.now() - before).toBeLessThan(2000)
    expect(told).toContain(`SOURCE_UNAVAILABLE: ${server.url.href}api ${says}`)
  })

  test('a caller that has enough', async () => {
    await using server = await backend(inTurn(silence))
    using http = openHttp(endpoint(server.url))
    const reason = new Error('enough')
    const waiting = http.get('/', { signal: AbortSignal.any([after(100, reason)]) })
    await expect(waiting).rejects.toBe(reason)
  })
})

function after(ms: number, reason: Error): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), ms)
  return controller.signal
}

describe('no more is held than is allowed', () => {
  test.for<readonly [string, Answer]>([
    [
      'a length of 2 GB',
      (response) => void response.writeHead(200, { 'content-length': '2147483648' }).write('x'),
    ],
    ['a body without an end', endless],
    [
      'a small body that is large',
      (response) =>
        void response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync(Buffer.alloc(50_000_000))),
    ],
    [
      'the same in zstd',
      (response) =>
        void response
          .writeHead(200, { 'content-encoding': 'zstd' })
          .end(zstdCompressSync(Buffer.alloc(50_000_000))),
    ],
    [
      'much that is nothing',
      (response) =>
        void response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(Buffer.concat(Array<Buffer>(60_000).fill(gzipSync('')))),
    ],
  ])('%s', async ([, answer]) => {
    await using server = await backend(inTurn(answer))
    const before = process.memoryUsage().rss
    expect(await asked(endpoint(server.url))).toMatch(
      /^TOO_LARGE: .*api answers with more than 0 MiB; ask for less/,
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000)
    expect(server.asked.length).toBe(1)
  })
})

describe('credentials go to the named address alone', () => {
  test('a redirect within it is followed', async () => {
    await using server = await backend((request, response) => {
      if (request.url === '/new?a=1') response.end('fine')
      else response.writeHead(302, { location: '/new?a=1' }).end()
    })
    expect(await asked(endpoint(server.url))).toBe('200 fine')
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer s3cret',
      'Bearer s3cret',
    ])
  })

  test('a redirect to another host is refused, and that host is not asked', async () => {
    verifies('P-27')
    await using other = await backend((_, response) => response.end('thanks'))
    await using server = await backend(inTurn(status(307, { location: `${other.url.href}take` })))
    expect(await asked(endpoint(server.url))).toBe(
      `SOURCE_REFUSED: ${server.url.href}api redirects to ${other.url.origin}; requests go only to the address that was named; name that one if it is the backend`,
    )
    expect(other.asked).toEqual([])
  })

  test.for<readonly [string, string]>([
    ['https of the same name', 'https://127.0.0.1/'],
    ['another port', 'http://127.0.0.1:1/'],
    ['a name with this one before it', 'http://127.0.0.1@evil.test/'],
    ['a path that is a host', '//evil.test/'],
    ['no address', 'http://'],
    ['a file', 'file:///etc/passwd'],
  ])('a redirect to %s is refused', async ([, location]) => {
    await using server = await backend(inTurn(status(302, { location })))
    expect(await asked(endpoint(server.url))).toMatch(/^SOURCE_REFUSED: .* redirects to /)
    expect(server.asked.length).toBe(1)
  })

  test('redirects come to an end', async () => {
    await using server = await backend(inTurn(status(302, { location: '/again' })))
    expect(await asked(endpoint(server.url))).toContain(
      `redirects on and on, now to ${server.url.href}`,
    )
    expect(server.asked.length).toBe(6)
  })

  test('a POST is not redirected', async () => {
    await using server = await backend(inTurn(status(303, { location: '/seen' })))
    using http = openHttp(endpoint(server.url))
    await expect(http.post('/', { body: 'x', contentType: 'text/plain' })).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
    })
  })
})

describe('what went wrong is named', () => {
  test.for<readonly [number, Endpoint['headers'], string]>([
    [401, {}, 'give the backend its auth: or headers: in tracespec.yaml'],
    [401, secret, 'are the credentials of the backend right, and may they read traces?'],
    [403, secret, 'are the credentials of the backend right, and may they read traces?'],
  ])('%i', async ([code, headers, hint]) => {
    await using server = await backend(inTurn(status(code)))
    expect(await asked(endpoint(server.url, { headers }))).toBe(
      `SOURCE_REFUSED: ${server.url.href}api answered ${code}; ${hint}`,
    )
  })

  test('other statuses are the answer', async () => {
    await using server = await backend(inTurn(status(501)))
    expect(await asked(endpoint(server.url))).toBe('501 no')
    expect(server.asked.length).toBe(1)
  })

  test('nobody listens', async () => {
    const url = await closedUrl()
    expect(await asked(endpoint(url))).toBe(
      `SOURCE_UNAVAILABLE: nothing listens on ${url.host}; start the backend or correct its address`,
    )
  })

  test('a host that is not known', async () => {
    const told = await asked(endpoint(new URL('http://no-such-host.invalid:1')))
    expect(told).toMatch(/^SOURCE_UNAVAILABLE: .*no-such-host\.invalid/)
  })

  test('a server that speaks another language', async () => {
    await using server = createServer((socket) => socket.resume().end('SSH-2.0-OpenSSH\r\n'))
    const { port } = await new Promise<AddressInfo>((ready) => {
      server.listen(0, '127.0.0.1', () => ready(server.address() as AddressInfo))
    })
    expect(await asked(endpoint(new URL(`http://127.0.0.1:${port}`)))).toBe(
      `SOURCE_INVALID: what 127.0.0.1:${port} answers is no HTTP; is this the port of the query API, and http: or https: as it speaks?`,
    )
  })

  test.for<readonly [string, string]>([
    ['br', 'answered in the encoding "br"'],
    ['gzip', 'answered is damaged gzip'],
  ])('a body in %s that cannot be read', async ([encoding, says]) => {
    await using server = await backend(inTurn(status(200, { 'content-encoding': encoding })))
    const told = await asked(endpoint(server.url))
    expect(told).toMatch(/^SOURCE_INVALID: /)
    expect(told).toContain(says)
  })

  test.for<readonly [string, string, string]>([
    ['a page', '<!doctype html>\n<title>Sign in\u001b[2J', '"<!doctype html>"'],
    ['nothing', '', 'an empty body'],
    ['half a document', '{"a":[1', '"{\\"a\\":[1"'],
    ['a control', '\u001b[2J', '"\\u001b[2J"'],
    ['two documents', '{} {}', '"{} {}"'],
  ])('%s instead of JSON', async ([, body, shown]) => {
    await using server = await backend((_, response) => {
      response.writeHead(200, { 'content-type': 'Text/HTML; charset=utf-8' }).end(body)
    })
    using http = openHttp(endpoint(server.url))
    const answer = await http.get('/api')
    expect(() => jsonOf(answer)).toThrow(
      expect.objectContaining({
        code: 'SOURCE_INVALID',
        message: `${server.url.href}api answered 200 with no JSON (text/html): ${shown}`,
      }),
    )
  })
})

describe('over TLS', () => {
  const own = certificates('IP:127.0.0.1')
  const pem = { ca: own.ca, cert: undefined, key: undefined }

  test('the authority that is named is trusted', async () => {
    verifies('P-27')
    await using server = await backend(inTurn(ok), own)
    expect(await asked(endpoint(server.url, { tls: pem }))).toBe('200 fine')
  })

  test('no other is, whatever the environment says', async () => {
    await using server = await backend(inTurn(ok), own)
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect(await asked(endpoint(server.url))).toMatch(
        /^SOURCE_REFUSED: the certificate that 127\.0\.0\.1:\d+ shows is not trusted: \w+; name the authority/,
      )
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
    expect(server.asked).toEqual([])
  })

  test('a certificate for another name is refused', async () => {
    const other = certificates('DNS:jaeger.example.test')
    await using server = await backend(inTurn(ok), other)
    expect(await asked(endpoint(server.url, { tls: { ...pem, ca: other.ca } }))).toBe(
      `SOURCE_REFUSED: the certificate that ${server.url.host} shows is made out to another name; name the backend as its certificate does; somebody else may be answering`,
    )
    expect(server.asked).toEqual([])
  })

  test('a certificate of our own is shown', async () => {
    await using server = await backend(inTurn(ok), {
      ...own,
      requestCert: true,
      rejectUnauthorized: true,
    })
    expect(
      await asked(endpoint(server.url, { tls: { ...pem, cert: own.cert, key: own.key } })),
    ).toBe('200 fine')
    expect(await asked(endpoint(server.url, { tls: pem }))).toMatch(
      /^SOURCE_(REFUSED|UNAVAILABLE): /,
    )
  })

  test('a server that speaks http is named', async () => {
    await using server = await backend(inTurn(ok))
    const url = new URL(server.url.href.replace('http:', 'https:'))
    expect(await asked(endpoint(url))).toMatch(
      /^SOURCE_REFUSED: .* found no common TLS; does it speak http:/,
    )
  })

  test('a key that is none is refused', async () => {
    await using server = await backend(inTurn(ok), own)
    const to = endpoint(server.url, { tls: { ...pem, cert: own.cert, key: '-----BEGIN s3cret' } })
    expect(() => openHttp(to)).toThrow(
      expect.objectContaining({
        code: 'FILE_UNREADABLE',
        message: 'the files of tls: of the backend cannot be used',
      }),
    )
  })
})

test('localhost is this machine, whoever answers for the name', async () => {
  await using server = await backend(inTurn(ok))
  const url = new URL(`http://localhost:${server.url.port}`)
  expect(await asked(endpoint(url))).toBe('200 fine')
})

describe('an address is asked what it is', () => {
  const page: Answer = (response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')

  test.for<readonly [string, string, string]>([
    ['jaeger', '/api/v3/services', '{"services":["a"]}'],
    ['jaeger', '/api/services', '{"data":null,"total":0}'],
    ['zipkin', '/api/v2/services', '[]'],
    ['tempo', '/api/echo', 'echo'],
    ['clickhouse', '/ping', 'Ok.\n'],
  ])('%s by %s', async ([kind, path, body]) => {
    await using server = await backend((request, response) => {
      if (request.url === path) response.end(body)
      else page(response)
    })
    using http = openHttp(endpoint(server.url))
    expect(await probe(server.url, http)).toBe(kind)
  })

  test('a page is none of them', async () => {
    await using server = await backend(inTurn(page))
    using http = openHttp(endpoint(server.url))
    await expect(probe(server.url, http)).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  })
})
