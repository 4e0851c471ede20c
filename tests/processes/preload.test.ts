import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { preloadPath } from '../../src/runner/notes.ts'
import { plainEnvironment, programs } from './run-program.ts'

const run = promisify(execFile)
let notes = ''
beforeEach(async () => {
  notes = await mkdtemp(join(tmpdir(), 'tracespec-test-'))
})
afterEach(() => rm(notes, { recursive: true }))

/** Runs a script under the preload; gives what it printed and how it ended. */
async function preloaded(
  script: string,
  folder = notes,
): Promise<{ stdout: string; stderr: string; code: number | null; signal: string | null }> {
  const child = spawn(process.execPath, ['--require', preloadPath(), '-e', script], {
    env: plainEnvironment({ TRACESPEC_NOTES: folder }),
    cwd: programs,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { stdout, stderr, code: child.exitCode, signal: child.signalCode }
}

const quiet = { stdout: '', stderr: '', code: 0, signal: null }

describe('a program under the preload behaves as without it', () => {
  test.for([
    { what: 'ends by itself', script: '', ended: quiet },
    { what: 'ends by its own code', script: 'process.exit(7)', ended: { ...quiet, code: 7 } },
    {
      what: 'ends by SIGTERM without a listener',
      script: 'setInterval(() => {}, 1e6); process.kill(process.pid, "SIGTERM")',
      ended: { ...quiet, code: null, signal: 'SIGTERM' },
    },
    {
      what: 'goes on after SIGTERM with a listener that does not end it',
      script:
        'process.on("SIGTERM", () => console.log(process.listeners("SIGTERM").length)); setTimeout(() => {}, 200); process.kill(process.pid, "SIGTERM")',
      ended: { ...quiet, stdout: '1\n' },
    },
    {
      what: 'catches its own exceptions',
      script:
        'process.on("uncaughtException", () => console.log("caught")); setTimeout(() => { throw new Error("x") }, 1)',
      ended: { ...quiet, stdout: 'caught\n' },
    },
    {
      what: 'has no new global',
      script: 'console.log(Object.keys(globalThis).filter((name) => /trace/i.test(name)).length)',
      ended: { ...quiet, stdout: '0\n' },
    },
  ])('$what', async ({ script, ended }) => {
    expect(await preloaded(script)).toEqual(ended)
  })

  test('that cannot write its notes notices nothing', async () => {
    expect(await preloaded('process.exit(3)', join(notes, 'missing'))).toEqual({
      ...quiet,
      code: 3,
    })
    expect(await readdir(notes)).toEqual([])
  })
})

test('without a run the preload does nothing at all', async () => {
  const script = 'console.log(process.eventNames().length)'
  const env = plainEnvironment()
  const bare = await run(process.execPath, ['-e', script], { env })
  const loaded = await run(process.execPath, ['--require', preloadPath(), '-e', script], { env })
  expect(loaded).toEqual(bare)
})

test('a provider whose fields throw is unknown and harms nothing', async () => {
  const script = `
    const api = { version: '1.9.0' }
    api.trace = { _delegate: Object.create({}, { _tracerOptions: { value: { sampler: { toString() { throw new Error('x') } } } } }) }
    globalThis[Symbol.for('opentelemetry.js.api.1')] = api`
  expect(await preloaded(script)).toEqual(quiet)
})
