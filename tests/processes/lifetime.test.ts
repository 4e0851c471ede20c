import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import type { Endpoint } from './endpoint.ts'
import { leftOver } from './left-over.ts'
import { plainEnvironment, programs, runProgram } from './run-program.ts'

const node = process.execPath
const driver = fileURLToPath(new URL('./driver.ts', import.meta.url))

async function untilReceived(endpoint: Endpoint, span: string): Promise<void> {
  for (let tries = 0; tries < 500 && (await endpoint.received(span)) === 0; tries += 1)
    await sleep(10)
}

test('a command whose start cannot be taken note of is ended', async () => {
  const cause = new Error('the store is gone')
  const running = runProgram(['hang.mjs'], {
    runId: 'unnoted',
    onStarted: () => Promise.reject(cause),
  })
  await expect(running).rejects.toBe(cause)
  expect(await leftOver('unnoted')).toEqual([])
})

describe('the time limit', () => {
  test('ends a command that hangs, which is never complete', async () => {
    const { outcome, endpoint } = await runProgram(['hang.mjs'], {
      timeoutMs: 2500,
      runId: 'hangs',
    })
    expect(await endpoint.received('work')).toBe(1)
    expect(outcome).toMatchObject({ timedOut: true, exitCode: undefined, signal: 'SIGTERM' })
    expect(outcome.evidence).toMatchObject({
      complete: false,
      reasons: [
        { code: 'ended_by_signal', signal: 'SIGTERM' },
        { code: 'time_limit', timeout_ms: 2500 },
      ],
    })
    expect(await leftOver('hangs')).toEqual([])
  })

  test('kills a command that is deaf to SIGTERM after its time to flush', async () => {
    const { outcome } = await runProgram(['hang-deaf.mjs'], { timeoutMs: 2500, runId: 'deaf' })
    expect(outcome).toMatchObject({ timedOut: true, signal: 'SIGKILL' })
    expect(await leftOver('deaf')).toEqual([])
  })

  test('leaves a command alone that ends in time', async () => {
    const { outcome } = await runProgram(['natural-end.mjs'], { timeoutMs: 60_000 })
    expect(outcome).toMatchObject({ timedOut: false, exitCode: 0, evidence: { complete: true } })
  })
})

describe('processes that outlive the command', () => {
  test('a daemon in a session of its own is heard, named and ended after its quiet period', async () => {
    verifies('X-02')
    const { outcome, endpoint } = await runProgram(
      ['leaves-behind.mjs', 'late-span.mjs', 'session'],
      {
        runId: 'daemon',
      },
    )
    expect(await endpoint.received('late')).toBe(1)
    expect(outcome.evidence).toEqual({
      complete: true,
      reasons: [
        { code: 'all_processes_ended', processes: 2 },
        { code: 'connections_drained', connections: 1 },
        { code: 'outlived_command', pid: expect.any(Number), command: 'node late-span.mjs' },
      ],
      lossyEnds: [],
    })
    expect(outcome.waitedMs).toBeGreaterThan(300)
    expect(outcome.waitedMs).toBeLessThan(3000)
    expect(await leftOver('daemon')).toEqual([])
  })

  test('a member of the group is ended too, and by SIGKILL when it is deaf', async () => {
    const { outcome } = await runProgram(['leaves-behind.mjs', 'hang-deaf.mjs', 'group'], {
      runId: 'background',
    })
    expect(outcome.exitCode).toBe(0)
    expect(outcome.evidence).toMatchObject({
      complete: true,
      reasons: [{}, {}, { code: 'outlived_command', command: 'node hang-deaf.mjs' }],
    })
    expect(await leftOver('background')).toEqual([])
  })

  test('one that never stops exporting is ended within the longest wait and is not complete', async () => {
    const { outcome, endpoint } = await runProgram(['leaves-behind.mjs', 'chatter.mjs', 'group'], {
      waitMs: 1500,
      runId: 'chatter',
    })
    expect(await endpoint.received('chatter')).toBeGreaterThan(0)
    expect(outcome.evidence).toMatchObject({
      complete: false,
      reasons: [{ command: 'node chatter.mjs' }, { code: 'outlived_command' }],
    })
    expect(outcome.waitedMs).toBeLessThan(1700)
    expect(await leftOver('chatter')).toEqual([])
  })

  test.runIf(process.platform === 'linux')(
    'a last child that is a zombie nobody reaps is not waited for',
    async () => {
      verifies('X-02')
      // The wrapper inherits orphans and never reaps them, as PID 1 of many containers does.
      const { stdout } = await promisify(execFile)(
        'perl',
        ['never-reaps.pl', node, driver, 'sh', '-c', '(sleep 0.2 &) ; sleep 0.5'],
        { cwd: programs, env: plainEnvironment() },
      )
      const told: unknown = JSON.parse(stdout)
      expect(told).toMatchObject({ exitCode: 0, complete: true, zombies: 1 })
      expect(told).toHaveProperty('waitedMs')
      expect(Number(Object(told).waitedMs)).toBeLessThan(200)
    },
  )
})

describe('signals', () => {
  test('the first SIGINT goes to the command, which may flush and end as it likes', async () => {
    const { outcome, endpoint } = await runProgram(['handles-sigint.mjs'], {
      during: ({ endpoint: open, signals }) => {
        void untilReceived(open, 'work').then(() => signals.emit('SIGINT'))
      },
    })
    expect(await endpoint.received('stopped')).toBe(1)
    expect(outcome).toMatchObject({
      exitCode: 0,
      interrupted: false,
      passedOn: ['SIGINT'],
      evidence: { complete: true },
    })
  })

  test.for(['SIGTERM', 'SIGHUP'])('%s is passed on', async (name) => {
    const { outcome } = await runProgram(['hang.mjs'], {
      during: ({ endpoint, signals }) => {
        void untilReceived(endpoint, 'work').then(() => signals.emit(name))
      },
    })
    expect(outcome).toMatchObject({ signal: name, interrupted: false, passedOn: [name] })
  })

  test('the second SIGINT ends everything at once', async () => {
    const { outcome } = await runProgram(['hang-deaf.mjs'], {
      runId: 'cut',
      during: ({ endpoint, signals }) => {
        void untilReceived(endpoint, 'work').then(() => {
          signals.emit('SIGINT')
          signals.emit('SIGINT')
        })
      },
    })
    expect(outcome).toMatchObject({
      signal: 'SIGKILL',
      interrupted: true,
      evidence: {
        complete: false,
        reasons: [{ code: 'ended_by_signal' }, { code: 'interrupted' }],
      },
    })
    expect(await leftOver('cut')).toEqual([])
  })

  test('a second SIGINT while survivors have their quiet period ends that too', async () => {
    const { outcome } = await runProgram(['leaves-behind.mjs', 'chatter.mjs', 'group'], {
      runId: 'cut-late',
      during: ({ endpoint, signals }) => {
        void untilReceived(endpoint, 'chatter')
          .then(() => sleep(500))
          .then(() => {
            signals.emit('SIGINT')
            signals.emit('SIGINT')
          })
      },
    })
    expect(outcome).toMatchObject({ exitCode: 0, interrupted: true, evidence: { complete: false } })
    expect(outcome.waitedMs).toBeLessThan(5000)
    expect(await leftOver('cut-late')).toEqual([])
  })
})

/** The state letters of processes, as `ps` shows them. */
async function states(pids: readonly number[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', pids.join(',')])
  return stdout
    .trim()
    .split('\n')
    .map((state) => state.trim().charAt(0))
}

test('Ctrl-Z stops the command with tracespec, and both go on together', async () => {
  const ran = spawn(node, [driver, '--output=heard', 'sh', '-c', 'echo $$ >&2; exec sleep 2'], {
    cwd: programs,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  try {
    const told = text(ran.stdout)
    const [line] = await once(ran.stderr, 'data')
    const pids = [ran.pid ?? 0, Number(String(line))]
    ran.kill('SIGTSTP')
    await expect.poll(() => states(pids)).toEqual(['T', 'T'])
    ran.kill('SIGCONT')
    expect(JSON.parse(await told)).toMatchObject({ exitCode: 0, complete: true })
  } finally {
    // Stopped or not, a failed test leaves nothing behind: the first lets it pass the second on.
    ran.kill('SIGCONT')
    ran.kill('SIGTERM')
  }
})

describe('output', () => {
  test.for([
    { mode: 'through', stdout: 'to stdout\n', stderr: 'to stderr\n' },
    { mode: 'aside', stdout: '', stderr: 'to stdout\nto stderr\n' },
  ])('goes $mode untouched', async ({ mode, stdout, stderr }) => {
    const ran = await promisify(execFile)(
      node,
      [driver, `--output=${mode}`, 'sh', '-c', 'echo to stdout; echo to stderr >&2'],
      { cwd: programs, env: plainEnvironment() },
    )
    expect(ran).toMatchObject({ stdout, stderr })
  })
})
