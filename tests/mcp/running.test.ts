import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fixture, place, program, type Place } from '../cli/tracespec.ts'
import { freePort } from '../processes/serve-program.ts'
import { verifies } from '../verifies.ts'
import { emitter } from './emit.ts'
import { connect, eras, type Answered } from './host.ts'

const spec = `name: checkout
expected_spans:
  - operation_name: POST /checkout
    children: [{ operation_name: payment.authorize }]
`

interface Step {
  readonly why: string
  readonly tool: string
  readonly arguments: Record<string, unknown>
}

function stepsOf({ structured }: Answered): readonly Step[] {
  return structured['next_steps'] as Step[]
}

function runOf(answer: Answered | undefined): string {
  const run = answer?.structured['run'] as { readonly id: string } | undefined
  return run?.id ?? ''
}

/** A program that sends its spans when the file `go` is there. */
function waiting(project: Place): void {
  project.write('spans.mjs', emitter([{ name: 'POST /checkout' }, { name: 'cart', parent: 0 }]))
  project.write(
    'wait.mjs',
    `import { existsSync, writeFileSync } from 'node:fs'
     import { setTimeout } from 'node:timers/promises'
     console.log('waits')
     writeFileSync('pid', String(process.pid))
     while (!existsSync('go')) await setTimeout(20)
     await import('./spans.mjs')`,
  )
}

const wait = { command: 'node', args: ['wait.mjs'], wait_ms: 0 }

test.for(eras)('a run of %s is answered early and taken up until its verdict', async (era) => {
  verifies('P-15')
  using project = place({ 'checkout.trace.yaml': spec })
  waiting(project)
  await using host = await connect(project, era)
  const early = await host.call('execute_and_capture', { ...wait, wait_ms: 300 })
  const id = runOf(early)
  expect(early.structured).toMatchObject({
    summary: expect.stringMatching(
      /^run:r-\w{13} still runs after [\d.]+ m?s; 0 spans in 0 traces so far\.$/,
    ),
    status: 'running',
    run: { exit_code: null, signal: null },
    evidence: { complete: false },
    output: { stdout: { head: ['waits'] } },
  })
  const takeUp = { trace: `run:${id}`, wait_ms: 60_000 }
  expect(stepsOf(early)).toEqual([
    {
      why: expect.stringContaining('Take the run up again'),
      tool: 'compare_trace_to_spec',
      arguments: takeUp,
    },
  ])
  for (const trace of [`run:${id}`, id, 'last']) {
    const still = await host.call('compare_trace_to_spec', { trace, spec: 'checkout' })
    expect(still.structured).toMatchObject({ status: 'running', run: { id } })
    expect(stepsOf(still)[0]?.arguments).toEqual({ ...takeUp, spec: 'checkout' })
  }

  const [late] = await Promise.all([
    host.call('compare_trace_to_spec', takeUp),
    sleep(200).then(() => project.write('go', '')),
  ])
  expect(late.isError).toBe(false)
  expect(late.structured).toMatchObject({ status: 'fail', run: { id, exit_code: 0 } })
  const again = await host.call('compare_trace_to_spec', { trace: 'last' })
  expect(again.structured).toEqual(late.structured)
  const judged = await host.call('compare_trace_to_spec', { trace: id, spec: 'checkout' })
  const { items } = late.structured['specs'] as { items: { findings: unknown }[] }
  expect(judged.structured).toMatchObject({ status: 'fail', findings: items[0]?.findings })
  expect(stepsOf(late).find(({ tool }) => tool === 'execute_and_capture')?.arguments).toEqual({
    ...wait,
    wait_ms: 300,
  })
})

test('a run that ends within its wait is answered as one without a wait', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  waiting(project)
  project.write('go', '')
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('execute_and_capture', { ...wait, wait_ms: 60_000 })
  expect(structured).toMatchObject({ status: 'fail', run: { exit_code: 0 } })
})

test('a session tells what of it still runs, and counts it when it has ended', async () => {
  verifies('P-16')
  using project = place({ 'checkout.trace.yaml': spec })
  waiting(project)
  await using host = await connect(project, '2026-07-28')
  const { structured: session } = await host.call('create_development_session')
  const early = await host.call('execute_and_capture', wait)
  const id = runOf(early)
  const takeUp = { trace: `run:${id}`, wait_ms: 60_000 }
  for (const tool of ['get_session_progress', 'suggest_next_steps']) {
    const still = await host.call(tool)
    expect(still.structured['summary']).toMatch(
      new RegExp(`; nothing was run in it yet\\. run:${id} still runs`),
    )
    expect(stepsOf(still)[0]).toMatchObject({ tool: 'compare_trace_to_spec', arguments: takeUp })
  }
  project.write('go', '')
  const late = await host.call('compare_trace_to_spec', takeUp)
  expect(late.structured).toMatchObject({
    status: 'fail',
    session: { iterations: 1, status: 'red' },
  })
  const { structured: progress } = await host.call('get_session_progress')
  expect(progress).toMatchObject({
    session_id: session['session_id'],
    iterations: { items: [{ run: id, status: 'fail' }] },
  })
})

test('what cannot be started is told at once, what never becomes ready when it is taken up', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const none = await host.call('execute_and_capture', { command: 'nodee', wait_ms: 0 })
  expect([none.isError, none.structured['error']]).toMatchObject([
    true,
    { code: 'COMMAND_NOT_STARTED' },
  ])
  const early = await host.call('execute_and_capture', {
    command: 'node',
    args: ['-e', 'setInterval(() => 0, 1000)'],
    ready: { log: '^listening', timeout_ms: 800 },
    wait_ms: 0,
  })
  expect(early.structured).toMatchObject({ status: 'running' })
  const late = await host.call('compare_trace_to_spec', stepsOf(early)[0]?.arguments)
  expect([late.isError, late.structured['error']]).toMatchObject([
    true,
    {
      code: 'COMMAND_NOT_READY',
      message: expect.stringContaining('no line of its output matched ^listening'),
      hint: expect.stringContaining('ready.timeout_ms'),
    },
  ])
})

test('a server that ends takes its runs and their groups with it, and leaves no verdict', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  project.write(
    'group.mjs',
    `import { spawn } from 'node:child_process'
     import { writeFileSync } from 'node:fs'
     process.on('SIGTERM', () => undefined)
     const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => 0); setInterval(() => 0, 1000)'])
     writeFileSync('pids', process.pid + ' ' + child.pid)
     setInterval(() => 0, 1000)`,
  )
  const host = await connect(project, '2026-07-28')
  const args = { command: 'node', args: ['group.mjs'], wait_ms: 0 }
  const early = await host.call('execute_and_capture', args)
  await until(() => existsSync(join(project.folder, 'pids')))
  await host[Symbol.asyncDispose]()
  const pids = readFileSync(join(project.folder, 'pids'), 'utf8').split(' ').map(Number)
  await until(() => !pids.some(isAlive))

  await using next = await connect(project, '2026-07-28')
  const id = runOf(early)
  const judged = await next.call('compare_trace_to_spec', { trace: `run:${id}`, spec: 'checkout' })
  expect(judged.structured).toMatchObject({ status: 'inconclusive', evidence: { complete: false } })
})

test('a run of another server or of the terminal is answered by the verdict that is kept', async () => {
  using project = place({ 'checkout.trace.yaml': spec })
  waiting(project)
  project.write('go', '')
  await project.run(['run', '--', 'node', 'wait.mjs'])
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('compare_trace_to_spec', { trace: 'last' })
  expect(structured).toMatchObject({
    status: 'fail',
    run: { exit_code: 0 },
    specs: {
      items: [{ findings: { items: [{ code: 'span_missing' }, { code: 'span_unexpected' }] } }],
    },
  })
  const { trace_id: trace } =
    (structured['specs'] as { items: { trace_id: string }[] }).items[0] ?? {}
  const unjudged = await host.call('compare_trace_to_spec', { trace: `trace:${trace}` })
  expect(unjudged.structured).toMatchObject({
    error: { code: 'USAGE', message: `a spec is needed to judge trace:${trace}` },
  })
})

test('a server runs a bounded number of commands at a time', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const args = { command: 'node', args: ['-e', 'setTimeout(() => 0, 60000)'], wait_ms: 0 }
  const begun = await Promise.all(
    Array.from({ length: 8 }, () => host.call('execute_and_capture', args)),
  )
  expect(begun.map(({ structured }) => structured['status'])).toEqual(Array(8).fill('running'))
  const { isError, structured } = await host.call('execute_and_capture', args)
  expect([isError, structured['error']]).toMatchObject([
    true,
    {
      code: 'USAGE',
      hint: expect.stringContaining(runOf(begun[0])),
    },
  ])
})

test('a server is made ready, driven and judged; the run is repeated as it was called', async () => {
  verifies('P-15', 'X-02')
  using project = place({
    'answers.trace.yaml': `name: answers
traces: { max: 1 }
expected_spans:
  - operation_name: GET
    kind: server
    required_tags: { url.path: /till }
`,
  })
  const url = `http://127.0.0.1:${await freePort()}`
  const called = {
    command: 'node',
    args: [
      '--require',
      fixture('fixtures/apps/programs/http-sdk.cjs'),
      ...program('server-http.cjs').slice(1),
      new URL(url).port,
    ],
    env: { MODE: 'test', API_KEY: 'not-to-be-told' },
    timeout_ms: 60_000,
    ready: { url: `${url}/health`, timeout_ms: 20_000 },
    drive: [`GET ${url}/cart`, 'node --version'],
    expect_exit: 0,
  }
  await using host = await connect(project, '2026-07-28')
  await host.call('create_development_session')
  const red = await host.call('execute_and_capture', called)
  expect(red.structured).toMatchObject({
    status: 'fail',
    captured: { spans: 1 },
    run: {
      server: {
        ready_ms: expect.any(Number),
        told: {
          items: [
            expect.stringMatching(/^ready after .*, stopped by tracespec$/),
            expect.stringContaining('was answered with HTTP 200'),
            expect.stringContaining('was done'),
          ],
        },
      },
    },
  })
  const { API_KEY: _, ...env } = called.env
  const repeat = stepsOf(red).find(({ tool }) => tool === 'execute_and_capture')
  expect(repeat).toEqual({
    why: 'After a change of the program, run it again; add env API_KEY, not repeated here',
    tool: 'execute_and_capture',
    arguments: { ...called, env },
  })
  const session_id = (red.structured['session'] as { id: string }).id
  const suggested = await host.call('suggest_next_steps')
  const next = stepsOf(suggested).find(({ tool }) => tool === 'execute_and_capture')
  expect(next?.arguments).toEqual({ ...called, env, session_id })

  await using later = await connect(project, '2026-07-28')
  const known = await later.call('suggest_next_steps')
  const { env: _none, expect_exit: _zero, ...kept } = called
  expect(stepsOf(known).find(({ tool }) => tool === 'execute_and_capture')?.arguments).toEqual({
    ...kept,
    expect_exit: 0,
    session_id,
  })
  const status = await project.run(['session', 'status'])
  expect(status.stdout).toContain(
    `tracespec run --timeout 60000ms --expect-exit 0 --ready-url ${url}/health`,
  )
})

test('what a server and its drives write is told, where a line of it says when it is ready', async () => {
  verifies('P-15')
  using project = place()
  project.write(
    'serve.mjs',
    `console.error('starts'); console.log('listening now')
     process.on('SIGTERM', () => { console.log('stops'); process.exit(0) })
     setInterval(() => 0, 1000)`,
  )
  await using host = await connect(project, '2026-07-28')
  const called = {
    command: 'node',
    args: ['serve.mjs'],
    ready: { log: '^listening', timeout_ms: 20_000 },
    drive: ['echo driven', 'sh -c "echo drive failed >&2"'],
    output_lines: 40,
  }
  const again = [
    await host.call('execute_and_capture', called),
    await host.call('execute_and_capture', called),
  ]
  expect(again.map(({ isError }) => isError)).toEqual([false, false])
  expect(again.map(({ structured }) => structured['output'])).toEqual(
    again.map(() => ({
      stdout: expect.objectContaining({ head: ['listening now', 'driven', 'stops'], omitted: 0 }),
      stderr: expect.objectContaining({ head: ['starts', 'drive failed'], omitted: 0 }),
    })),
  )
  expect((await host.call('list_trace_specs')).isError).toBe(false)
})

test.for([
  ['with a secret in its arguments', ['--token=abcdefghijkl']],
  ['that is long', ['x'.repeat(2000)]],
] as const)('a command %s is not repeated', async ([, args]) => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const answer = await host.call('execute_and_capture', { command: 'false', args })
  expect(answer.structured).toMatchObject({ status: 'fail' })
  expect(stepsOf(answer).filter(({ tool }) => tool === 'execute_and_capture')).toEqual([])
})

test.for([
  [{ drive: ['GET http://localhost:1/'] }, 'ready must be said, by ready.url or ready.log'],
  [{ ready: { url: 'localhost:3000' } }, 'ready.url takes an http or https URL'],
  [{ ready: { log: '(' } }, 'ready.log is no regular expression'],
  [
    { ready: { log: 'x' }, drive: ['get http://localhost/'] },
    'drive is no request that can be sent',
  ],
] as const)('%j is refused in the words of the tool', async ([args, message]) => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const { isError, structured } = await host.call('execute_and_capture', {
    command: 'node',
    ...args,
  })
  expect(isError).toBe(true)
  expect(structured['summary']).toContain(message)
})

test.for([
  [{ drive: ['rm -rf x'] }, 'rm -rf x'],
  [{ drive: ['GET http://example.org/'] }, 'requests to example.org'],
  [
    { ready: { url: 'http://localhost.example.org:3000/' } },
    'requests to localhost.example.org:3000',
  ],
] as const)('with --allow-commands %j is refused', async ([args, what]) => {
  using project = place()
  await using host = await connect(project, '2026-07-28', ['--allow-commands', 'node *'])
  const ready = { url: 'http://127.0.0.1:1/', timeout_ms: 100 }
  const called = { command: 'node', args: ['-e', '0'], ready, ...args }
  const { isError, structured } = await host.call('execute_and_capture', called)
  expect(isError).toBe(true)
  expect(structured['summary']).toContain(`this server does not run ${what}`)
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
