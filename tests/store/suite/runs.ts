import { expect, test } from 'vitest'
import { encodeTraces } from '../../../src/otlp/encode.ts'
import type { Store } from '../../../src/store/store.ts'
import type { RunEnd } from '../../../src/trace/ports.ts'
import { nanosOf } from '../../../src/trace/time.ts'
import { span, traceId } from '../../trace/spans.ts'
import type { OpenTemporary } from './open.ts'

const end: RunEnd = {
  endedAt: nanosOf(1795198879391080449n),
  exitCode: 0,
  signal: undefined,
  evidence: {
    complete: false,
    reasons: [{ code: 'ended_by_signal', pid: 7, command: 'node', signal: 'SIGKILL' }],
    lossyEnds: [
      {
        pid: 7,
        from: nanosOf(1795198879391080441n),
        to: nanosOf(1795198879391080449n),
        reason: { code: 'crashed', pid: 7, command: 'node' },
        traceIds: [traceId(1)],
      },
    ],
  },
  status: 'pass',
  exercised: ['checkout'],
  resultJson: '{"status":"pass"}',
}

interface Made {
  readonly id: string
  readonly at: number
  readonly status?: string
  readonly command?: readonly string[]
}

async function make(store: Store, { id, at, status, command }: Made): Promise<void> {
  const startedAt = nanosOf(BigInt(at))
  await store.begin({ id, command: command ?? ['npm', 'test'], cwd: '/p', startedAt })
  await store.write('traces', encodeTraces([span({ id: at })]), id)
  await store.finish(id, { ...end, endedAt: nanosOf(BigInt(at + 1)), status: status ?? 'pass' })
}

/** Runs, and which of them are pruned. */
export function describeRuns(open: OpenTemporary): void {
  test('a run is read as it was written', async () => {
    await using opened = await open()
    const { store } = opened
    const begun = {
      id: 'r',
      command: ['a', 'b c'],
      cwd: '/p',
      startedAt: nanosOf(1795198879391080001n),
    }
    await store.begin(begun)
    expect(await store.run('r')).toEqual({
      ...begun,
      endedAt: undefined,
      exitCode: undefined,
      signal: undefined,
      evidence: undefined,
      status: undefined,
      exercised: [],
      resultJson: undefined,
    })
    await store.finish('r', end)
    expect(await store.run('r')).toEqual({ ...begun, ...end })
    expect(await store.run('none')).toBeUndefined()
    await expect(store.finish('none', end)).rejects.toThrow('no run none')
  })

  test('runs come newest first, and the last that passed is of the same command and folder', async () => {
    await using opened = await open()
    const { store } = opened
    await make(store, { id: 'a', at: 1 })
    await make(store, { id: 'b', at: 2 })
    await make(store, { id: 'c', at: 3, status: 'fail' })
    await make(store, { id: 'd', at: 4, command: ['npm', 'start'] })
    expect((await store.runs(3)).map((run) => run.id)).toEqual(['d', 'c', 'b'])
    expect((await store.lastPassing(['npm', 'test'], '/p'))?.id).toBe('b')
    expect(await store.lastPassing(['npm', 'test'], '/elsewhere')).toBeUndefined()
  })

  test('the oldest runs are pruned, failed and starred ones and the last that passed at the end', async () => {
    await using opened = await open({ maxRuns: 4 })
    const { store } = opened
    await make(store, { id: 'starred', at: 1 })
    await store.star('starred', true)
    await make(store, { id: 'failed', at: 2, status: 'fail' })
    await make(store, { id: 'old', at: 3 })
    await make(store, { id: 'older pass', at: 4, command: ['x'] })
    await make(store, { id: 'new', at: 5 })
    expect((await store.runs(10)).map((run) => run.id)).toEqual([
      'new',
      'older pass',
      'failed',
      'starred',
    ])
    await make(store, { id: 'newer', at: 6, status: 'fail' })
    expect((await store.runs(10)).map((run) => run.id)).toEqual([
      'newer',
      'new',
      'older pass',
      'starred',
    ])
    const ids = ['newer', 'new', 'failed', 'old']
    const kept = await Promise.all(ids.map((id) => store.spansOfRun(id)))
    expect(kept.map((spans) => spans.length)).toEqual([1, 1, 0, 0])
  })

  test('runs are pruned until the store is small enough, but the newest stays', async () => {
    await using opened = await open({ maxBytes: 5_000_000 })
    const { store } = opened
    const large = new Map([['large', 'x'.repeat(2_000_000)]])
    for (const id of [1, 2, 3, 4]) {
      await store.begin({ id: `r${id}`, command: ['a'], cwd: '/', startedAt: nanosOf(BigInt(id)) })
      await store.write('traces', encodeTraces([span({ id, attributes: large })]), `r${id}`)
      await store.finish(`r${id}`, { ...end, status: 'fail' })
    }
    expect((await store.runs(10)).map((run) => run.id)).toEqual(['r4', 'r3'])
  })

  test('a run that has not finished is not pruned', async () => {
    await using opened = await open({ maxRuns: 1 })
    const { store } = opened
    await store.begin({ id: 'running', command: ['a'], cwd: '/', startedAt: nanosOf(1n) })
    await make(store, { id: 'a', at: 2 })
    await make(store, { id: 'b', at: 3 })
    expect((await store.runs(10)).map((run) => run.id)).toEqual(['b', 'running'])
  })
}
