import { expect, test } from 'vitest'
import type { NewIteration } from '../../../src/trace/ports.ts'
import { nanosOf } from '../../../src/trace/time.ts'
import type { OpenTemporary } from './open.ts'

const session = {
  id: 's-1',
  goal: 'authorize first; 日本',
  specs: ['checkout'],
  project: '/p',
  startedAt: nanosOf(1795198879391080449n),
}
const begun = { ...session, endsOpen: false }

const iteration: NewIteration = {
  runId: 'r-1',
  command: ['npm', 'test'],
  cwd: '/p',
  options: ['--spec', 'checkout'],
  code: { commit: 'abc', dirty: ['a b.ts'], dirtyTotal: 3, digest: undefined },
  status: 'fail',
  specs: [{ name: 'checkout', path: 'specs/checkout.yaml', sha256: 'd', status: 'fail' }],
  checks: (['fail', 'open', 'pass'] as const).map((state) => ({
    spec: 'checkout',
    subject: `#${state}`,
    condition: 'count.min',
    state,
    label: 'POST',
    at: 'specs/checkout.yaml:1:1',
  })),
  startedAt: nanosOf(1795198879391080450n),
  durationMs: 12.5,
}

/** Sessions and their iterations. */
export function describeSessions(open: OpenTemporary): void {
  test('a session and its iterations are read as they were written', async () => {
    await using opened = await open()
    const { store } = opened
    expect(await store.openSession()).toBeUndefined()
    expect(await store.startSession(begun)).toEqual({ ...session, endedAt: undefined })
    expect(await store.addIteration('s-1', iteration)).toBe(1)
    const other = { ...iteration, runId: 'r-2', code: undefined, checks: [], specs: [] }
    expect(await store.addIteration('s-1', other)).toBe(2)
    await store.setTokens('r-2', 360)
    expect(await store.iterations('s-1', 10)).toEqual([
      { ...iteration, ordinal: 1, tokens: undefined },
      { ...other, ordinal: 2, tokens: 360 },
    ])
    expect((await store.iterations('s-1', 1)).map(({ ordinal }) => ordinal)).toEqual([2])
    await store.endSession('s-1', nanosOf(1795198879391080999n))
    expect([await store.openSession(), (await store.session('s-1'))?.endedAt]).toEqual([
      undefined,
      1795198879391080999n,
    ])
    await expect(store.endSession('s-1', nanosOf(1n))).rejects.toThrow(
      'there is no open session s-1',
    )
  })

  test('only one session is open at a time', async () => {
    await using opened = await open()
    const { store } = opened
    await store.startSession(begun)
    expect((await store.startSession({ ...begun, id: 's-2' })).id).toBe('s-1')
    await store.endSession('s-1', session.startedAt)
    expect((await store.startSession({ ...begun, id: 's-2' })).id).toBe('s-2')
    expect((await store.sessions(10)).map(({ id }) => id)).toEqual(['s-2', 's-1'])
  })

  test('a session that ends the open one takes its place at its own start', async () => {
    await using opened = await open()
    const { store } = opened
    await store.startSession(begun)
    const startedAt = nanosOf(session.startedAt + 7n)
    const next = await store.startSession({ ...begun, id: 's-2', startedAt, endsOpen: true })
    expect([next, await store.session('s-1')]).toEqual([
      { ...session, id: 's-2', startedAt, endedAt: undefined },
      { ...session, endedAt: startedAt },
    ])
  })

  test('of many sessions the oldest that have ended are forgotten with their iterations', async () => {
    await using opened = await open()
    const { store } = opened
    for (let number = 1; number <= 202; number += 1) {
      const id = `s-${number}`
      await store.startSession({ ...begun, id, startedAt: nanosOf(BigInt(number)) })
      await store.addIteration(id, { ...iteration, runId: `r-${number}` })
      await store.endSession(id, session.startedAt)
    }
    expect(await store.sessions(1000)).toHaveLength(200)
    expect([await store.session('s-2'), await store.iterations('s-2', 1)]).toEqual([undefined, []])
    expect(await store.iterations('s-3', 1)).toHaveLength(1)
  })
}
