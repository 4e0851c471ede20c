import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { Fault } from '../../src/trace/fault.ts'
import { leftOver } from './left-over.ts'
import { programs, sdk3 } from './run-program.ts'
import { serveProgram, type Served, type Written } from './serve-program.ts'

const autoInstrumentation = '@opentelemetry/auto-instrumentations-node/register'
const driver = `'${process.execPath}' server-driver.mjs http://127.0.0.1:PORT/driven`

/** What is known of a run in the end, without process ids and times. */
function told({ outcome, names }: Served): unknown {
  const { server, evidence } = outcome
  return {
    ready: server?.ready_ms !== null,
    drives: server?.drives.map((facts) =>
      facts.kind === 'command' ? facts.exit_code : (facts.status ?? facts.error),
    ),
    stopped: server?.stopped,
    complete: evidence.complete,
    lossy: evidence.lossyEnds.map(({ reason }) => reason.code),
    names: names.toSorted(),
  }
}

const url: Written = { readyUrl: 'http://127.0.0.1:PORT/health' }
const get: Written = { ...url, drives: ['GET http://127.0.0.1:PORT/'] }

interface Scene {
  readonly what: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly written: Written
  readonly drives: readonly (number | string)[]
  readonly names: readonly string[]
}

const plain = ['--require', './http-sdk.cjs', 'server-http.cjs']

describe('a server that is stopped at rest has lost nothing', () => {
  test.for<Scene>([
    {
      what: 'without a handler of SIGTERM',
      args: plain,
      written: get,
      drives: [200],
      names: ['driven GET'],
    },
    {
      what: 'that is ready when it says so',
      args: plain,
      written: { ...get, readyUrl: undefined, readyLog: '^listening, .* last$' },
      drives: [200],
      names: ['driven GET'],
    },
    {
      what: 'with several drives',
      args: plain,
      written: {
        ...url,
        drives: ['POST http://127.0.0.1:PORT/a {"b": 1}', driver, 'GET http://127.0.0.1:PORT/'],
      },
      drives: [200, 0, 200],
      names: ['driven POST', 'driven drives', 'driven GET', 'driven GET'],
    },
    { what: 'that nothing drives', args: plain, written: url, drives: [], names: [] },
    {
      what: 'that flushes on SIGTERM and exits with 3',
      args: ['server-flushes.cjs'],
      written: get,
      drives: [200],
      names: ['driven GET', 'goodbye'],
    },
    {
      what: 'of the 3.x line, which SIGTERM flushes and does not end',
      args: ['--require', autoInstrumentation, '../programs/server-http.cjs'],
      cwd: sdk3,
      written: get,
      drives: [200],
      names: ['driven GET'],
    },
    {
      what: 'that is unwell at first and works on after its answer',
      args: ['server-works-on.cjs'],
      written: get,
      drives: [202],
      names: ['driven GET', 'driven worked on'],
    },
  ])('$what', async ({ args, cwd = programs, written, drives, names }) => {
    verifies('P-15', 'X-02')
    const served = await serveProgram(args, written, { cwd })
    expect(told(served)).toEqual({
      ready: true,
      drives,
      stopped: true,
      complete: true,
      lossy: [],
      names: names.toSorted(),
    })
  })
})

describe('what ends otherwise', () => {
  test('a server that is deaf to SIGTERM is killed, and what was active then is open', async () => {
    verifies('X-02')
    const served = await serveProgram(['server-deaf.cjs'], get)
    expect(told(served)).toEqual({
      ready: true,
      drives: [200],
      stopped: true,
      complete: false,
      lossy: ['ended_by_signal'],
      names: ['driven GET'],
    })
    const [lossy] = served.outcome.evidence.lossyEnds
    const spans = await served.endpoint.spans()
    const driven = spans.findLast(({ name }) => name === 'GET')
    expect(driven !== undefined && lossy !== undefined && driven.end < lossy.from).toBe(true)
  })

  test('spans that a server makes on SIGTERM and does not send are lost and known of', async () => {
    verifies('X-02')
    const served = await serveProgram(['server-forgets.cjs'], get)
    expect(told(served)).toEqual({
      ready: true,
      drives: [200],
      stopped: true,
      complete: false,
      lossy: ['spans_waiting_at_exit'],
      names: ['driven GET'],
    })
  })

  test('a server that crashes on the request has ended by itself', async () => {
    const served = await serveProgram(['server-crashes.cjs'], {
      ...get,
      drives: ['GET http://127.0.0.1:PORT/', 'GET http://127.0.0.1:PORT/health'],
    })
    expect(told(served)).toEqual({
      ready: true,
      drives: ['socket hang up'],
      stopped: false,
      complete: false,
      lossy: ['crashed'],
      names: [],
    })
    expect(served.outcome.exitCode).toBe(1)
  })

  test('a drive that fails is the last, and the server is stopped all the same', async () => {
    const served = await serveProgram(plain, {
      ...url,
      drives: [`${driver} 4`, ...(get.drives ?? [])],
    })
    expect(told(served)).toMatchObject({ drives: [4], stopped: true, complete: true })
  })

  test('a command that ends before it is ready was never ready', async () => {
    const served = await serveProgram(['failing-test.mjs'], get)
    expect(told(served)).toMatchObject({ ready: false, drives: [], stopped: false, complete: true })
    expect(served.outcome.exitCode).toBe(3)
  })

  test('a server whose spans do not cease is stopped after the longest wait and is not complete', async () => {
    const written = { readyLog: '^ready$' }
    const { outcome } = await serveProgram(['server-chatters.mjs'], written, { waitMs: 1000 })
    expect(outcome).toMatchObject({
      signal: 'SIGTERM',
      server: { stopped: true },
      evidence: { complete: false, lossyEnds: [{ reason: { code: 'ended_by_signal' } }] },
    })
  })

  test('the time limit ends a server that is not at rest, and its drive', async () => {
    const hangs = `'${process.execPath}' hang.mjs`
    const served = await serveProgram(
      plain,
      { ...url, drives: [hangs] },
      { timeoutMs: 2000, runId: 'limit' },
    )
    expect(told(served)).toMatchObject({ drives: [null], stopped: false, complete: false })
    expect(served.outcome.timedOut).toBe(true)
    expect(await leftOver('limit')).toEqual([])
  })

  test('the second interrupt ends the server and its drive at once', async () => {
    const signals = new EventEmitter()
    const served = await serveProgram(
      plain,
      { ...url, drives: [`'${process.execPath}' hang.mjs`] },
      {
        runId: 'interrupted',
        signals,
        onServing: () => {
          signals.emit('SIGINT')
          signals.emit('SIGINT')
        },
      },
    )
    expect(served.outcome).toMatchObject({ interrupted: true, server: { stopped: false } })
    expect(await leftOver('interrupted')).toEqual([])
  })
})

describe('a command that is not ready in time is a fault', () => {
  test.for<{ written: Written; says: string }>([
    {
      written: { readyUrl: 'http://127.0.0.1:PORT/', readyTimeoutMs: 700 },
      says: 'within 0.7 s: http://127.0.0.1:PORT/ gave connect ECONNREFUSED 127.0.0.1:PORT',
    },
    {
      written: { readyLog: 'never', readyTimeoutMs: 700 },
      says: 'within 0.7 s: no line of its output matched never, it wrote none',
    },
  ])('$written.readyLog $written.readyUrl', async ({ written, says }) => {
    const runId = `not-ready-${written.readyLog ?? 'url'}`
    const fault = await serveProgram(['hang.mjs'], written, { runId }).catch(
      (error: unknown) => error,
    )
    const message =
      fault instanceof Fault ? fault.message.replaceAll(/:\d{4,5}\b/g, ':PORT') : fault
    expect(message).toBe(`the command was not ready ${says}`)
    expect(await leftOver(runId)).toEqual([])
  })
})

test('a drive that cannot be started ends the server first', async () => {
  const fault = await serveProgram(
    plain,
    { ...url, drives: ['no-such-program'] },
    { runId: 'odd' },
  ).catch((error: unknown) => error)
  expect(fault).toMatchObject({ code: 'COMMAND_NOT_STARTED' })
  expect(await leftOver('odd')).toEqual([])
})
