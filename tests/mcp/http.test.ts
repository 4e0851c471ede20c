import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { place, type Place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { emitter } from './emit.ts'
import { connect, connectTo, eras, type Host } from './host.ts'
import { startHttp, type HttpServer } from './http-server.ts'

const specification = `expected_spans:
  - operation_name: POST /checkout
    service_name: emitter
    children: [{ operation_name: payment.authorize }]
`

async function run(host: Host): Promise<unknown> {
  const args = { command: 'node', args: ['shop.mjs'], spec: 'checkout' }
  return (await host.call('execute_and_capture', args)).structured['status']
}

test.for(eras)('a client of %s defines, runs, repairs and runs green over HTTP', async (era) => {
  verifies('D-10')
  using project = place()
  await using server = await startHttp(project)
  await using host = await connectTo(server, era)
  await using stdio = await connect(project, era)
  expect(await host.listTools()).toEqual(await stdio.listTools())
  expect(await host.listTemplates()).toEqual(await stdio.listTemplates())

  await host.call('define_trace_spec', { name: 'checkout', specification })
  project.write('shop.mjs', emitter([{ name: 'POST /checkout' }]))
  expect(await run(host)).toBe('fail')
  const shop = [{ name: 'POST /checkout' }, { name: 'payment.authorize', parent: 0 }]
  project.write('shop.mjs', emitter(shop))
  expect(await run(host)).toBe('pass')
  expect(await host.complete('tracespec://spec/{name}', 'name', 'ch')).toEqual(['checkout'])
  expect(server.lines).toHaveLength(2)
})

test('two clients of different eras work at once, each with its own answers', async () => {
  using project = place()
  project.write('wait.mjs', 'await new Promise((done) => setTimeout(done, 300)); process.exit(7)')
  await using server = await startHttp(project)
  await using legacy = await connectTo(server, '2025-11-25')
  await using modern = await connectTo(server, '2026-07-28')
  const codes = await Promise.all(
    [legacy, modern].flatMap((host, at) => [
      host.call('execute_and_capture', { command: 'node', args: ['wait.mjs'] }),
      host.call('execute_and_capture', { command: `exit ${at}`, shell: true }),
    ]),
  )
  expect(codes.map(({ structured }) => structured['run'])).toMatchObject([
    { exit_code: 7 },
    { exit_code: 0 },
    { exit_code: 7 },
    { exit_code: 1 },
  ])
})

const stubborn = `import { spawn } from 'node:child_process'
  import { writeFileSync } from 'node:fs'
  process.on('SIGTERM', () => undefined)
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => 0); setInterval(() => 0, 1000)'])
  writeFileSync('pids', process.pid + ' ' + child.pid)
  setInterval(() => 0, 1000)`

async function startStubborn(
  project: Place,
  host: Host,
  options: Parameters<Host['call']>[2] = {},
): Promise<{ readonly ended: Promise<string> }> {
  project.write('group.mjs', stubborn)
  const args = { command: 'node', args: ['group.mjs'] }
  const ended = host.call('execute_and_capture', args, options).then(
    () => 'answered',
    (error: unknown) => String(error),
  )
  await until(() => existsSync(join(project.folder, 'pids')))
  return { ended }
}

/** Resolves when the command and its child have ended. */
async function groupGone(project: Place): Promise<boolean> {
  const pids = readFileSync(join(project.folder, 'pids'), 'utf8').split(' ').map(Number)
  await until(() => !pids.some(isAlive))
  return true
}

test.for(eras)(
  'a call that a client of %s cancels ends its whole group, with progress before',
  async (era) => {
    using project = place()
    await using server = await startHttp(project)
    await using host = await connectTo(server, era)
    const abort = new AbortController()
    const seen: number[] = []
    const { ended } = await startStubborn(project, host, {
      signal: abort.signal,
      onprogress: ({ progress }) => seen.push(progress),
    })
    await until(() => seen.length >= 2)
    abort.abort()
    expect(await ended).toMatch(/abort/i)
    expect(await groupGone(project)).toBe(true)
    expect(seen).toEqual(seen.map((_, at) => at + 1))
    expect((await host.call('list_trace_specs')).isError).toBe(false)
  },
)

test.for(eras)('a client of %s that goes leaves no command behind', async (era) => {
  using project = place()
  await using server = await startHttp(project)
  const host = await connectTo(server, era)
  await startStubborn(project, host)
  await host[Symbol.asyncDispose]()
  expect(await groupGone(project)).toBe(true)
})

test.for(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the server and the commands that it runs',
  async (signal) => {
    using project = place()
    await using server = await startHttp(project)
    await using host = await connectTo(server, '2026-07-28')
    await startStubborn(project, host)
    const start = performance.now()
    process.kill(server.pid, signal)
    expect(await server.exited).toBe(0)
    expect(await groupGone(project)).toBe(true)
    expect(performance.now() - start).toBeLessThan(10_000)
  },
)

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  },
})

interface Replied {
  readonly status: number | undefined
  readonly challenge: string | undefined
  readonly body: string
}

/** One request with headers as they are given, which `fetch` would not send. */
async function post(
  server: HttpServer,
  headers: Readonly<Record<string, string>>,
  { path = '/mcp', body = initialize }: { readonly path?: string; readonly body?: string } = {},
): Promise<Replied> {
  const sent = httpRequest(new URL(path, server.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode,
    challenge: response.headers['www-authenticate'],
    body: await text(response),
  }
}

test('only who has the token is heard, from loopback and for loopback', async () => {
  using project = place()
  await using server = await startHttp(project)
  const { token } = server
  const authorization = `Bearer ${token}`
  const port = new URL(server.url).port
  const refused = 'Bearer realm="tracespec"'
  const wrong = `${refused}, error="invalid_token"`
  const asked: readonly (readonly [Record<string, string>, string, number, string?])[] = [
    [{ authorization }, '/mcp', 200],
    [{ authorization: `bearer ${token}` }, '/mcp', 200],
    [{ authorization, host: `localhost:${port}` }, '/mcp', 200],
    [{ authorization, origin: `http://localhost:${port}` }, '/mcp', 200],
    [{}, '/mcp', 401, refused],
    [{}, `/mcp?token=${token}&access_token=${token}`, 401, refused],
    [{ authorization: 'Bearer' }, '/mcp', 401, wrong],
    [{ authorization: `Bearer ${token}x` }, '/mcp', 401, wrong],
    [{ authorization: `Bearer ${token.slice(1)}` }, '/mcp', 401, wrong],
    [{ authorization: `Basic ${token}` }, '/mcp', 401, wrong],
    [{ authorization, host: `evil.example:${port}` }, '/mcp', 403],
    [{ authorization, host: `127.0.0.1.evil.example:${port}` }, '/mcp', 403],
    [{ authorization, origin: 'https://evil.example' }, '/mcp', 403],
    [{ authorization, origin: 'null' }, '/mcp', 403],
    [{ authorization }, '/', 404],
    [{ authorization }, '/mcp/../secret', 404],
  ]
  for (const [headers, path, status, challenge] of asked) {
    const { body: _, ...reply } = await post(server, headers, { path })
    expect({ headers, path, ...reply }).toEqual({ headers, path, status, challenge })
  }
  expect(server.lines.filter((line) => line.includes(token))).toHaveLength(1)
})

test('a body that is too large or is no JSON is refused, and the server serves on', async () => {
  using project = place()
  await using server = await startHttp(project)
  const headers = { authorization: `Bearer ${server.token}` }
  const large = { ...headers, 'content-length': String(11 * 2 ** 20) }
  expect(await post(server, large, { body: '' })).toMatchObject({ status: 413 })
  expect(await post(server, headers, { body: '{' })).toMatchObject({ status: 400 })
  expect(await post(server, headers, { body: '[]' })).toMatchObject({ status: 400 })
  const unknown = { ...headers, 'mcp-session-id': 'nobody' }
  const list = '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
  expect(await post(server, unknown, { body: list })).toMatchObject({ status: 404 })
  expect(await post(server, headers, { body: list })).toMatchObject({ status: 400 })
  expect(await post(server, headers)).toMatchObject({ status: 200 })
})

test('a token from the environment is not printed, and commands do not get it', async () => {
  using project = place()
  const token = 'f'.repeat(32)
  const env = { TRACESPEC_MCP_TOKEN: token }
  await using server = await startHttp(project, { env })
  await using host = await connectTo(server, '2026-07-28')
  project.write('env.mjs', 'console.log(Object.values(process.env).join(" "))')
  const args = { command: 'node', args: ['env.mjs'] }
  const { structured } = await host.call('execute_and_capture', args)
  expect(JSON.stringify(structured)).not.toMatch(/f{32}|redacted/)
  expect(server.lines.join('\n')).not.toContain(token)
  expect(server.lines.at(-1)).toContain('Bearer $TRACESPEC_MCP_TOKEN"')
})

test.for(['short', 'x'.repeat(31), `${'x'.repeat(40)}\n`, ''])(
  'the token %j is refused',
  async (token) => {
    using project = place()
    const env = { TRACESPEC_MCP_TOKEN: token }
    const { code, stderr } = await project.run(['mcp', '--http'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('TRACESPEC_MCP_TOKEN is no good token')
  },
)

test('a port that is taken is named, and one that is asked for is used', async () => {
  using project = place()
  await using server = await startHttp(project)
  const { port } = new URL(server.url)
  const { code, stderr } = await project.run(['mcp', '--http', '--port', port])
  expect(code).toBe(2)
  expect(stderr).toContain(`cannot listen on 127.0.0.1 port ${port}`)
  expect(existsSync(join(project.folder, '.tracespec'))).toBe(false)
})

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to hold')
    await sleep(50)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
