import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { openStore } from '../../src/store/store.ts'
import { migrations } from '../../src/store/tables.ts'
import type { NewIteration } from '../../src/trace/ports.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { span } from '../trace/spans.ts'
import { temporaryFolder, temporaryStore } from './temporary.ts'

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

test('a session and its iterations are read as they were written', async () => {
  await using opened = temporaryStore()
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
  await expect(store.endSession('s-1', nanosOf(1n))).rejects.toThrow('there is no open session s-1')
})

test('only one session is open at a time', async () => {
  await using opened = temporaryStore()
  const { store } = opened
  await store.startSession(begun)
  expect((await store.startSession({ ...begun, id: 's-2' })).id).toBe('s-1')
  await store.endSession('s-1', session.startedAt)
  expect((await store.startSession({ ...begun, id: 's-2' })).id).toBe('s-2')
  expect((await store.sessions(10)).map(({ id }) => id)).toEqual(['s-2', 's-1'])
})

test('a session that ends the open one takes its place at its own start', async () => {
  await using opened = temporaryStore()
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
  await using opened = temporaryStore()
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

test('a store of the version before sessions keeps its runs and gets sessions', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, '.tracespec')
  mkdirSync(path)
  const before = new DatabaseSync(join(path, 'tracespec.db'))
  const [first = ''] = migrations
  before.exec(first)
  before.exec('PRAGMA user_version = 1')
  before.exec(`INSERT INTO runs (id, command, cwd, started_at) VALUES ('r-0', '["ls"]', '/p', 7)`)
  before.close()

  await using store = openStore({ folder: path })
  await store.write('traces', encodeTraces([span({ id: 1 })]), 'r-0')
  expect([(await store.run('r-0'))?.command, (await store.counts('r-0')).spans]).toEqual([
    ['ls'],
    1,
  ])
  await store.startSession(begun)
  expect(await store.addIteration('s-1', iteration)).toBe(1)
})

const starter = fileURLToPath(new URL('session-writer.ts', import.meta.url))

test('several processes at once agree on one session and number its iterations without a gap', async () => {
  await using opened = temporaryStore()
  const numbers = [1, 2, 3, 4]
  const codes = await Promise.all(
    numbers.map(async (number) => {
      const child = spawn(process.execPath, [starter, opened.folder, String(number), '10'])
      const [code] = await once(child, 'exit')
      return code as unknown
    }),
  )
  expect(codes).toEqual(numbers.map(() => 0))
  const [only, ...others] = await opened.store.sessions(10)
  expect(others).toEqual([])
  const iterations = await opened.store.iterations(only?.id ?? '', 100)
  expect(iterations.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: 40 }, (_, at) => at + 1),
  )
  expect(new Set(iterations.map(({ runId }) => runId)).size).toBe(40)
})
