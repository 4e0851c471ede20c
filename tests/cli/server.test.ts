import { describe, expect, test } from 'vitest'
import { resultSchema } from '../../src/report/result-schema.ts'
import { freePort } from '../processes/serve-program.ts'
import { verifies } from '../verifies.ts'
import { fixture, place, printedCommands, program, type Finished } from './tracespec.ts'

const spec = (path: string): string => `name: answers
traces: { max: 1 }
expected_spans:
  - operation_name: GET
    kind: server
    required_tags: { url.path: ${path} }
`

const server = [
  'node',
  '--require',
  fixture('fixtures/apps/programs/http-sdk.cjs'),
  ...program('server-http.cjs').slice(1),
]

interface Ran extends Finished {
  /** Without the port, ids and durations. */
  readonly said: string
}

/** Runs the server under these options; PORT in them is a free one. */
async function runServer(
  options: readonly string[],
  { command = server, path = '/cart' }: { command?: readonly string[]; path?: string } = {},
): Promise<Ran> {
  using project = place({ 'answers.trace.yaml': spec(path) })
  const port = String(await freePort())
  const own = options.map((option) => option.replaceAll('PORT', port))
  const done = await project.run(['run', ...own, '--', ...command, port])
  const said = done.stderr
    .replaceAll(port, 'PORT')
    .replaceAll(/\d+(\.\d+)? m?s\b/g, 'TIME')
    .replaceAll(/run:\S+/g, 'run:ID')
  return { ...done, said }
}

const ready = ['--ready-url', 'http://127.0.0.1:PORT/health']
const drive = ['--drive', 'GET http://127.0.0.1:PORT/cart']

describe.concurrent('a command that serves', () => {
  test('is driven in the trace of the run, stopped and judged', async () => {
    verifies('P-15', 'X-02')
    const done = await runServer(['--json', ...ready, ...drive])
    const {
      status,
      run,
      captured,
      evidence,
      command_failed: failed,
    } = resultSchema.parse(JSON.parse(done.stdout))
    expect({ status, code: done.code, complete: evidence.complete, failed }).toEqual({
      status: 'pass',
      code: 0,
      complete: true,
      failed: null,
    })
    expect(run).toMatchObject({
      exit_code: null,
      signal: 'SIGTERM',
      server: {
        ready_ms: expect.any(Number),
        drives: [{ kind: 'request', status: 200, error: null, duration_ms: expect.any(Number) }],
        asked_drives: 1,
        stopped: true,
      },
    })
    expect(captured.spans).toBe(1)
    expect(evidence.reasons.map(({ code }) => code)).toEqual([
      'all_processes_ended',
      'connections_drained',
      'stopped_at_rest',
    ])
    expect(done.said.split('\n').filter((line) => /ready|drive|answer|stops/.test(line))).toEqual([
      'tracespec: ready after TIME',
      'tracespec: `GET http://127.0.0.1:PORT/cart` was answered with HTTP 200 after TIME.',
      'tracespec: no span has come for the quiet period, stops the command',
    ])
  })

  test('is run again with the same options by what is printed', async () => {
    const log = ['--ready-log', 'at last$', '--ready-timeout', '20s']
    const done = await runServer([...log, ...drive], { path: '/other' })
    const [again] = printedCommands(done.stdout).filter((line) => line.startsWith('tracespec run '))
    expect(done.code).toBe(1)
    expect(again?.replaceAll(/:\d+\/|\d{4,5}$/g, ':PORT/')).toBe(
      `tracespec run --ready-log 'at last$' --ready-timeout 20000ms --drive 'GET http://127.0.0.1:PORT/cart' --spec answers -- ${server.join(' ')} :PORT/`,
    )
    expect(done.stdout).toMatch(/ready after .*, stopped by tracespec/)
    expect(done.stdout).toMatch(/`GET http:\/\/127\.0\.0\.1:\d+\/cart` was answered with HTTP 200/)
  })

  test.for([
    {
      what: 'a drive that fails',
      options: [...ready, ...drive, '--drive', 'sh -c "exit 7"'],
      code: 1,
      status: 'fail',
      says: 'The drive `sh -c "exit 7"` exited with code 7 after',
    },
    {
      what: 'a request without an answer',
      options: [...ready, ...drive, '--drive', 'GET http://127.0.0.1:1/'],
      code: 1,
      status: 'fail',
      says: 'The drive `GET http://127.0.0.1:1/` got no answer: connect ECONNREFUSED 127.0.0.1:1',
    },
    {
      what: 'an end before it is ready',
      options: [...ready, ...drive, '--expect-exit', 'any'],
      command: program('failing-test.mjs'),
      code: 1,
      status: 'fail',
      says: 'The command exited with code 3 before it was ready; its own output says why.',
    },
    {
      what: 'a crash on the request',
      options: [...ready, ...drive],
      command: program('server-crashes.cjs'),
      code: 1,
      status: 'fail',
      says: 'The command exited with code 1, expected is exit code 0',
    },
    {
      what: 'an end by itself before all is driven',
      options: ['--ready-log', '^ready$', ...drive, '--drive', 'sleep 1', ...drive],
      command: program('server-quits.cjs'),
      code: 1,
      status: 'fail',
      says: 'The command exited with code 0 when 2 of 3 drives had been made.',
    },
    {
      what: 'a command that is never ready',
      options: [...ready, ...drive, '--ready-timeout', '600ms'],
      command: program('hang.mjs'),
      code: 2,
      status: 'error',
      says: 'Error: the command was not ready within 0.6 s: http://127.0.0.1:PORT/health gave connect ECONNREFUSED',
    },
  ])('with $what has exit code $code', async ({ options, command, code, status, says }) => {
    const done = await runServer(['--json', ...options], command === undefined ? {} : { command })
    const result = resultSchema.parse(JSON.parse(done.stdout))
    expect([done.code, result.exit_code, result.status]).toEqual([code, code, status])
    expect(result.summary.replaceAll(/:\d{4,5}\//g, ':PORT/')).toContain(says)
  })

  test('whose output is read along writes every byte where it did before', async () => {
    const script = `
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256))
      process.stdout.write(bytes)
      process.stderr.write('\\u001b[32mready\\u001b[0m \\r\\nrest', () => setInterval(() => undefined, 1000))
    `
    using project = place()
    const args = ['run', '--ready-log', '^ready$', '--', 'node', '-e', script]
    const { child, finished } = project.start(args)
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    const done = await finished
    const expected = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256))
    expect(Buffer.concat(chunks).subarray(0, expected.length).equals(expected)).toBe(true)
    expect(done.stderr).toContain('\u001b[32mready\u001b[0m \r\nrest')
    expect(done.code).toBe(3)
  })
})

describe.concurrent('a server cannot be meant by', () => {
  test.for([
    { options: ['--drive', 'npm test'], says: 'when the command is ready must be said' },
    { options: ['--ready-timeout', '1s'], says: 'when the command is ready must be said' },
    { options: ['--ready-url', 'localhost:3000'], says: 'takes an http or https URL' },
    { options: ['--ready-log', '(?=x)'], says: 'is no regular expression that RE2 knows' },
    { options: [...ready, '--drive', 'get http://a/'], says: 'is no request that can be sent' },
    { options: [...ready, '--drive', 'GET /cart'], says: 'is no request that can be sent' },
    { options: [...ready, '--drive', "echo 'a"], says: 'is neither a request nor a command' },
    { options: [...ready, '--drive', ' '], says: 'is neither a request nor a command' },
  ])('$options', async ({ options, says }) => {
    const done = await runServer(options)
    expect([done.code, done.stderr]).toEqual([2, expect.stringContaining(says)])
  })
})
