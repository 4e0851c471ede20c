import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, TRACE_ID, traceIdOf } from '../report/spans.ts'
import { backend, certificates, closedUrl, type Backend } from '../sources/backend.ts'
import { verifies } from '../verifies.ts'
import { place, type Place } from './tracespec.ts'

/** Holds for the whole trace. */
const spec = `name: checkout
expected_spans:
  - operation_name: POST /checkout
    children:
      - operation_name: order.write
forbidden_spans:
  - operation_name: order.delete
`

const names = ['POST /checkout', 'order.write']

/** The first spans of a trace that ended so long ago, a root and what is below it. */
function trace(count: number, agoMs = 3_600_000): readonly Span[] {
  const start = BigInt(Date.now() - agoMs) * 1_000_000n
  return Array.from({ length: count }, (_, at) => ({
    ...sketch({
      id: at + 1,
      ...(at === 0 ? {} : { parent: 1 }),
      name: names[at] ?? `more.${at}`,
      from: 0,
      to: 10,
    }),
    start: nanosOf(start + BigInt(at) * 1_000_000n),
    end: nanosOf(start + 10_000_000n),
  }))
}

type Answer = (response: ServerResponse) => void

function json(spans: readonly Span[]): Answer {
  const body = `{"result":${encodeTracesJson(spans)}}`
  return (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end('{}')
}

const unknown: Answer = (response) =>
  void response.writeHead(404).end('{"error":{"httpCode":404,"message":"No traces found"}}')

const half: Answer = (response) => {
  response.writeHead(200, { 'content-length': '100000' }).write('{"result":{"resourceSpans":[')
  setTimeout(() => response.socket?.destroy(), 10)
}

const page: Answer = (response) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>\n<p>Sign in')

const endless: Answer = (response) => {
  const chunk = Buffer.alloc(1_048_576, ' ')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

/** A Jaeger of version 3 that is honest but for what it answers to its trace being asked for; the last answer stays. */
function jaeger(answers: readonly Answer[], tls?: Parameters<typeof backend>[1]): Promise<Backend> {
  let at = 0
  return backend((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    if (path === '/api/v3/services') {
      response.end('{"services":["shop"]}')
    } else if (path === `/api/v3/traces/${TRACE_ID}`) {
      answers[Math.min(at, answers.length - 1)]?.(response)
      at += 1
    } else {
      unknown(response)
    }
  }, tls)
}

interface Verdict {
  readonly code: number | null
  readonly status: string
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null
  readonly reasons: readonly string[]
  readonly tookMs: number
}

interface Document extends Pick<Verdict, 'status' | 'error'> {
  readonly evidence: { readonly reasons: readonly { readonly code: string }[] } | null
}

async function verdict(
  project: Place,
  from: string,
  options: readonly string[] = [],
): Promise<Verdict> {
  const before = performance.now()
  const args = ['check', `trace:${TRACE_ID}`, '--from', from, '--spec', 'checkout', '--json']
  const { code, stdout, stderr } = await project.run([...args, ...options], {
    env: { TOKEN: 's3cret', TRACESPEC_TRUST: '1' },
  })
  expect(`${stdout}${stderr}`).not.toContain('s3cret')
  const result: Document = JSON.parse(stdout)
  return {
    code,
    status: result.status,
    error: result.error,
    reasons: result.evidence?.reasons.map((reason) => reason.code) ?? [],
    tookMs: performance.now() - before,
  }
}

function projectOf(server: Backend, more = ''): Place {
  const project = place({ 'checkout.trace.yaml': spec })
  project.write(
    'tracespec.yaml',
    `backends:\n  prod:\n    type: jaeger\n    endpoint: ${server.url.href}\n    auth:\n      bearer: \${TOKEN}\n${more}`,
  )
  return project
}

describe('a verdict comes from the whole trace alone', () => {
  const fresh = (count: number): Answer => json(trace(count, 500))

  test.for<readonly [string, readonly Answer[], readonly string[], Partial<Verdict>]>([
    [
      'a trace that ended long ago',
      [json(trace(2))],
      [],
      { code: 0, status: 'pass', reasons: ['trace_settled', 'structurally_complete'] },
    ],
    [
      'a trace that came to rest',
      [fresh(1), fresh(2), json(trace(2))],
      [],
      { code: 0, status: 'pass', reasons: ['trace_settled', 'structurally_complete'] },
    ],
    [
      'a trace that comes late',
      [unknown, json(trace(2))],
      [],
      { code: 0, status: 'pass', reasons: ['trace_settled', 'structurally_complete'] },
    ],
    [
      'half an answer, then a whole one',
      [half, json(trace(2))],
      [],
      { code: 0, status: 'pass', reasons: ['trace_settled', 'structurally_complete'] },
    ],
    [
      '500, then the trace',
      [status(500), json(trace(2))],
      [],
      { code: 0, status: 'pass', reasons: ['trace_settled', 'structurally_complete'] },
    ],
    [
      '429 with a time to wait',
      [status(429, { 'retry-after': '1' }), json(trace(2))],
      [],
      { code: 0, status: 'pass', reasons: ['trace_settled', 'structurally_complete'] },
    ],
    [
      'a trace that grows on',
      Array.from({ length: 9 }, (_, at) => json(trace(at + 2, 500))),
      ['--wait', '2500ms'],
      { code: 3, status: 'inconclusive', reasons: ['trace_growing'] },
    ],
    [
      'a trace that is read once',
      [json(trace(2))],
      ['--wait', '0'],
      { code: 3, status: 'inconclusive', reasons: ['trace_read_once'] },
    ],
    [
      'a trace whose root never came',
      [json(trace(2).slice(1))],
      [],
      { code: 3, status: 'inconclusive', reasons: ['trace_settled', 'parent_lost'] },
    ],
  ])('%s', async ([, answers, options, expected]) => {
    verifies('P-27')
    await using server = await jaeger(answers)
    using project = projectOf(server)
    const seen = await verdict(project, 'prod', options)
    expect(seen).toMatchObject({ error: null, ...expected })
    expect(seen.tookMs).toBeLessThan(8000)
    expect(server.asked.every(({ headers }) => headers.authorization === 'Bearer s3cret')).toBe(
      true,
    )
  })
})

test('what shows a trace says that it may not be whole, and where its page is', async () => {
  await using server = await jaeger([json(trace(2))])
  using project = projectOf(server)
  const env = { TOKEN: 's3cret', TRACESPEC_TRUST: '1' }
  const args = [`trace:${TRACE_ID}`, '--from', 'prod', '--wait', '0']
  const note = `tracespec: The backend was asked for trace:${TRACE_ID} only once, so more may come.\n`
  const shown = await project.run(['show', ...args], { env })
  expect({ code: shown.code, stderr: shown.stderr }).toEqual({ code: 0, stderr: note })
  expect(shown.stdout).toContain(`In the backend: ${server.url.href}trace/${TRACE_ID}\n`)
  const analysed = await project.run(['analyze', ...args, '--json'], { env })
  expect({ code: analysed.code, stderr: analysed.stderr }).toEqual({ code: 0, stderr: note })
})

describe('what lies is told of, and nothing passes', () => {
  test.for<readonly [string, readonly Answer[], string, RegExp]>([
    ['half an answer, always', [half], 'SOURCE_UNAVAILABLE', /cut the connection off/],
    ['500 again and again', [status(500)], 'SOURCE_UNAVAILABLE', /answered 500/],
    ['503 again and again', [status(503)], 'SOURCE_UNAVAILABLE', /answered 503/],
    ['503 at the second reading', [json(trace(2)), status(503)], 'SOURCE_UNAVAILABLE', /503/],
    ['401', [status(401)], 'SOURCE_REFUSED', /answered 401/],
    ['a page', [page], 'SOURCE_INVALID', /./],
    ['a page at the second reading', [json(trace(2)), page], 'SOURCE_INVALID', /./],
    [
      'another trace',
      [json(trace(2).map((span) => ({ ...span, traceId: traceIdOf('ab'.repeat(16)) })))],
      'SOURCE_INVALID',
      /ab{1}/,
    ],
    [
      'a redirect to a sign-in elsewhere',
      [status(302, { location: 'https://sign-in.example.com/' })],
      'SOURCE_REFUSED',
      /redirects to https:\/\/sign-in\.example\.com/,
    ],
    [
      '2 GB by its length',
      [(response) => void response.writeHead(200, { 'content-length': '2147483648' }).write('{')],
      'TOO_LARGE',
      /more than 256 MiB/,
    ],
    ['2 GB without a length', [endless], 'TOO_LARGE', /more than 256 MiB/],
    ['no spans', [json([])], 'TRACE_NOT_FOUND', /has no trace/],
    ['a trace that is gone', [json(trace(2)), unknown], 'TRACE_NOT_FOUND', /has no trace/],
  ])('%s', async ([, answers, code, message]) => {
    verifies('P-27')
    await using server = await jaeger(answers)
    using project = projectOf(server)
    const seen = await verdict(project, 'prod', ['--wait', '1500ms'])
    expect(seen).toMatchObject({
      code: 2,
      status: 'error',
      error: { code, message: expect.stringMatching(message), hint: expect.stringMatching(/\w/) },
    })
    expect(seen.tookMs).toBeLessThan(20_000)
  })

  test('silence', async () => {
    await using server = await jaeger([() => undefined])
    using project = projectOf(server, '    timeout_ms: 1500\n')
    const seen = await verdict(project, 'prod')
    expect(seen).toMatchObject({
      code: 2,
      error: {
        code: 'SOURCE_UNAVAILABLE',
        message: expect.stringContaining('did not answer within 1500 ms'),
      },
    })
    expect(seen.tookMs).toBeLessThan(8000)
  })

  test('a redirect to another host takes nothing there', async () => {
    await using other = await backend((_, response) => response.end('{"result":{}}'))
    await using server = await jaeger([status(307, { location: other.url.href })])
    using project = projectOf(server)
    expect(await verdict(project, 'prod')).toMatchObject({
      code: 2,
      error: { code: 'SOURCE_REFUSED' },
    })
    expect(other.asked).toEqual([])
  })

  test('nobody listens', async () => {
    const url = await closedUrl()
    using project = place({ 'checkout.trace.yaml': spec })
    expect(await verdict(project, url.href)).toMatchObject({
      code: 2,
      error: { code: 'SOURCE_UNAVAILABLE', message: `nothing listens on ${url.host}` },
    })
  })

  test('a certificate of another name', async () => {
    const other = certificates('DNS:jaeger.example.test')
    await using server = await jaeger([json(trace(2))], other)
    using project = projectOf(server, '    tls: { ca: ca.pem }\n')
    project.write('ca.pem', other.ca)
    expect(await verdict(project, 'prod')).toMatchObject({
      code: 2,
      error: { code: 'SOURCE_REFUSED', message: expect.stringContaining('made out to another') },
    })
    expect(server.asked).toEqual([])
  })

  test('over TLS with the authority of the project it passes', async () => {
    const own = certificates('IP:127.0.0.1')
    await using server = await jaeger([json(trace(2))], own)
    using project = projectOf(server, '    tls: { ca: ca.pem }\n')
    project.write('ca.pem', own.ca)
    expect(await verdict(project, 'prod')).toMatchObject({ code: 0, status: 'pass' })
  })
})
