import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryStore } from './temporary.ts'

const sessionWriter = new URL('session-writer.ts', import.meta.url)
const versionWriter = new URL('version-writer.ts', import.meta.url)

/** The exit code of a program. */
async function exitOf(program: URL, args: readonly string[]): Promise<unknown> {
  const [code] = await once(spawn(process.execPath, [fileURLToPath(program), ...args]), 'exit')
  return code
}

test('several processes at once agree on one session and number its iterations without a gap', async () => {
  await using opened = temporaryStore()
  const numbers = ['1', '2', '3', '4']
  const codes = await Promise.all(
    numbers.map((number) => exitOf(sessionWriter, [opened.folder, number, '10'])),
  )
  expect(codes).toEqual([0, 0, 0, 0])
  const [only, ...others] = await opened.store.sessions(10)
  expect(others).toEqual([])
  const iterations = await opened.store.iterations(only?.id ?? '', 100)
  expect(iterations.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: 40 }, (_, at) => at + 1),
  )
  expect(new Set(iterations.map(({ runId }) => runId)).size).toBe(40)
})

test('several processes at once keep each version once', async () => {
  await using opened = temporaryStore()
  const codes = await Promise.all(
    ['1', '2', '3', '4'].map(() => exitOf(versionWriter, [opened.folder, '20'])),
  )
  expect(codes).toEqual([0, 0, 0, 0])
  const kept = (await opened.store.specVersions('specs/a.yaml')).map(({ sha256 }) => sha256)
  expect(kept.toSorted()).toEqual(Array.from({ length: 20 }, (_, at) => `sha-${at}`).toSorted())
})
