import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { place, program } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { connect, type Answered } from './host.ts'

const [node, chatter] = program('chatter.mjs')

interface Output {
  readonly head: readonly string[]
  readonly tail: readonly string[]
  readonly omitted: number
  readonly omitted_bytes: number
  readonly bytes: number
}

function outputOf({ structured }: Answered): { stdout: Output; stderr: Output } {
  return structured['output'] as { stdout: Output; stderr: Output }
}

test('output is kept at its head and tail, counted between, without secrets', async () => {
  verifies('P-15')
  using project = place()
  project.write(
    'say.mjs',
    `console.log('first ' + process.env.MY_API_KEY)
     console.error('Authorization: Bearer abcdefghijklmnop ghp_' + 'a'.repeat(36))
     for (let at = 0; at < 20000; at += 1) console.log('line ' + at)
     console.log('\\u001B[31mpassword=hunter2secret\\u001B[0m https://me:pass123@host/')
     process.exitCode = 3`,
  )
  await using host = await connect(project, '2026-07-28')
  const answer = await host.call('execute_and_capture', {
    command: 'node',
    args: ['say.mjs'],
    env: { MY_API_KEY: 'value-of-the-key' },
  })
  const { stdout, stderr } = outputOf(answer)
  expect(stdout.head.slice(0, 3)).toEqual(['first [redacted]', 'line 0', 'line 1'])
  expect(stdout.tail.slice(-2)).toEqual([
    'line 19999',
    'password=[redacted] https://me:[redacted]@host/',
  ])
  expect(stdout.omitted).toBeGreaterThan(1000)
  expect(stdout.omitted_bytes).toBeGreaterThan(10_000)
  expect(stderr.head).toEqual(['Authorization: Bearer [redacted] [token]'])
  expect(answer.structured).toMatchObject({ status: 'fail', run: { exit_code: 3 } })
  expect(JSON.stringify(outputOf(answer))).not.toMatch(/hunter2|value-of|pass123|ghp_/)
})

test('what a program crashed of stands in the answer, whole and within its tokens', async () => {
  using project = place()
  project.write('run.mjs', "import 'no-such-package'\n")
  await using host = await connect(project, '2026-07-28')
  const crashed = { command: 'node', args: ['run.mjs'] }
  const answer = await host.call('execute_and_capture', crashed)
  const { stderr } = outputOf(answer)
  expect(stderr).toMatchObject({ omitted: 0, omitted_bytes: 0, how: null })
  expect(stderr.head.join('\n')).toContain("Cannot find package 'no-such-package'")
  expect(stderr.head.filter((line) => line.trim() === '')).toEqual([])
  expect(Buffer.byteLength(JSON.stringify(answer.structured)) / 4).toBeLessThanOrEqual(1000)

  project.write(
    'long.mjs',
    `${"console.error('x'.repeat(190) + '\\n'.repeat(9)); ".repeat(60)}process.exit(1)`,
  )
  const long = await host.call('execute_and_capture', { command: 'node', args: ['long.mjs'] })
  expect(outputOf(long).stderr).toMatchObject({ shown: 12, omitted: 48 })
  expect(Buffer.byteLength(JSON.stringify(long.structured)) / 4).toBeLessThanOrEqual(1000)
})

test('a command gets no input, its arguments as they are, its folder and its variables', async () => {
  using project = place()
  project.write(
    'inner/show.mjs',
    'console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.ADDED]))\nprocess.stdin.on("end", () => console.log("no input")).resume()',
  )
  await using host = await connect(project, '2025-11-25')
  const answer = await host.call('execute_and_capture', {
    command: 'node',
    args: ['show.mjs', '$(id) "a b"', ';'],
    cwd: 'inner',
    env: { ADDED: 'yes' },
    output_lines: 20,
  })
  expect(outputOf(answer).stdout.head).toEqual([
    JSON.stringify([['$(id) "a b"', ';'], join(project.folder, 'inner'), 'yes']),
    'no input',
  ])
})

test.for([
  [{ command: 'node', cwd: '..' }, 'is outside the project'],
  [{ command: 'node', cwd: '/' }, 'is outside the project'],
  [{ command: 'node', cwd: 'out' }, 'is outside the project'],
  [{ command: 'node', cwd: 'nowhere' }, 'there is no folder nowhere'],
  [{ command: 'npm test' }, 'there is no program of that name'],
  [{ command: 'nodee' }, 'nodee cannot be started'],
  [{ command: 'node', spec: 'chekout' }, 'did you mean checkout?'],
  [{ command: 'node', args: 'x.mjs' }, 'args: Invalid input: expected array'],
  [{ command: 'node', timeout: 3 }, 'there is no argument timeout; did you mean timeout_ms?'],
  [{ command: 'echo hi', args: ['x'], shell: true }, 'a shell takes its whole line as command'],
] as const)('%j is refused with what to do', async ([args, message]) => {
  using project = place({
    'checkout.trace.yaml': 'name: checkout\nexpected_spans: [{ operation_name: a }]\n',
  })
  symlinkSync(tmpdir(), join(project.folder, 'out'))
  await using host = await connect(project, '2026-07-28')
  const { isError, structured } = await host.call('execute_and_capture', args)
  expect(isError).toBe(true)
  expect(structured['summary']).toContain(message)
  expect(existsSync(join(project.folder, '.tracespec/traces.db'))).toBe(false)
})

test('a shell runs only when it is asked for', async () => {
  using project = place()
  await using host = await connect(project, '2026-07-28')
  const shell = { command: 'echo $((6*7)) && exit 5', shell: true }
  const answer = await host.call('execute_and_capture', shell)
  expect(outputOf(answer).stdout.head).toEqual(['42'])
  expect(answer.structured).toMatchObject({ run: { exit_code: 5 } })
})

test.for([
  [{ command: 'echo', args: ['hi'] }, true],
  [{ command: 'echo', args: ['hi', 'there'] }, true],
  [{ command: 'true' }, true],
  [{ command: 'true', args: ['x'] }, false],
  [{ command: 'echo' }, false],
  [{ command: 'sh', args: ['-c', 'echo hi'] }, false],
  [{ command: 'true', shell: true }, false],
] as const)('with --allow-commands %j is allowed: %s', async ([args, allowed]) => {
  using project = place()
  await using host = await connect(project, '2026-07-28', [
    '--allow-commands',
    'echo hi *',
    '--allow-commands',
    'true',
  ])
  const { isError, structured } = await host.call('execute_and_capture', args)
  const isRefused = String(structured['summary']).includes('this server does not run')
  expect({ isError, isRefused }).toEqual({ isError: !allowed, isRefused: !allowed })
})

test.for([
  { file: '[echo *]', line: [], runs: 'true', isError: true },
  { file: '[echo *]', line: [], runs: 'echo', isError: false },
  { file: '[echo *]', line: ['--allow-commands', 'true *'], runs: 'echo', isError: true },
  { file: '[echo *]', line: ['--allow-commands', 'true *'], runs: 'true', isError: false },
])('the command line overrides the file: $file, $line, $runs', async (one) => {
  verifies('P-15')
  using project = place()
  project.write('tracespec.yaml', `mcp: { allow_commands: ${one.file} }\n`)
  await using host = await connect(project, '2026-07-28', one.line)
  const { isError } = await host.call('execute_and_capture', { command: one.runs, args: ['x'] })
  expect(isError).toBe(one.isError)
})

test('a project that is read-only for agents is read and neither written nor run', async () => {
  verifies('P-02', 'P-15')
  using project = place()
  project.write('tracespec.yaml', 'mcp: { read_only: true }\n')
  await using host = await connect(project, '2026-07-28')
  const refused = await host.call('execute_and_capture', { command: 'touch', args: ['ran'] })
  expect(refused).toMatchObject({
    isError: true,
    structured: { error: { message: 'this project is read-only for agents' } },
  })
  expect(existsSync(join(project.folder, 'ran'))).toBe(false)
  expect((await host.call('list_trace_specs', {})).isError).toBe(false)
})

test('a time limit ends the command, and its evidence is never a pass', async () => {
  using project = place({
    'a.trace.yaml': 'name: a\nexpected_spans: [{ operation_name: chatter }]\n',
  })
  await using host = await connect(project, '2026-07-28')
  const args = { command: node, args: [chatter], timeout_ms: 1500 }
  const { structured } = await host.call('execute_and_capture', args)
  expect(structured).toMatchObject({ status: 'inconclusive', evidence: { complete: false } })
})

test('progress grows while a command runs, and a cancelled call ends its whole group', async () => {
  using project = place()
  project.write(
    'group.mjs',
    `import { spawn } from 'node:child_process'
     import { writeFileSync } from 'node:fs'
     process.on('SIGTERM', () => undefined)
     const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => 0); setInterval(() => 0, 1000)'])
     writeFileSync('pids', process.pid + ' ' + child.pid)
     setInterval(() => 0, 1000)`,
  )
  await using host = await connect(project, '2026-07-28')
  const abort = new AbortController()
  const seen: number[] = []
  const args = { command: 'node', args: ['group.mjs'] }
  const running = host.call('execute_and_capture', args, {
    signal: abort.signal,
    onprogress: ({ progress }) => seen.push(progress),
  })
  await until(() => existsSync(join(project.folder, 'pids')) && seen.length >= 2)
  abort.abort()
  await expect(running).rejects.toThrow(/abort/i)
  const pids = readFileSync(join(project.folder, 'pids'), 'utf8').split(' ').map(Number)
  await until(() => !pids.some(isAlive))
  expect(seen).toEqual(seen.map((_, at) => at + 1))
})

test('a client that goes leaves no command behind', async () => {
  using project = place()
  project.write(
    'stay.mjs',
    'import { writeFileSync } from "node:fs"; writeFileSync("pid", String(process.pid)); setInterval(() => 0, 1000)',
  )
  const host = await connect(project, '2025-11-25')
  const running = host.call('execute_and_capture', { command: 'node', args: ['stay.mjs'] })
  const ended = running.then(
    () => 'answered',
    (error: unknown) => String(error),
  )
  await until(() => existsSync(join(project.folder, 'pid')))
  await host[Symbol.asyncDispose]()
  expect(await ended).toContain('Connection closed')
  const pid = Number(readFileSync(join(project.folder, 'pid'), 'utf8'))
  await until(() => !isAlive(pid))
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
