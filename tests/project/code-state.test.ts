import { execFileSync } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCodeState } from '../../src/project/code-state.ts'
import { temporaryFolder } from '../store/temporary.ts'

function git(folder: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org']
  return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' }).trim()
}

test('without a repository there is no state', async () => {
  using folder = temporaryFolder()
  expect(await readCodeState(folder.path)).toBeUndefined()
})

test('a state is the commit and the content of what is changed', async () => {
  using folder = temporaryFolder()
  const { path } = folder
  git(path, 'init', '-q')
  writeFileSync(join(path, 'a.mjs'), 'one')
  const unborn = await readCodeState(path)
  expect(unborn).toEqual({
    commit: undefined,
    dirty: ['a.mjs'],
    dirtyTotal: 1,
    digest: expect.any(String),
  })
  git(path, 'add', '.')
  git(path, 'commit', '-qm', 'one')
  const clean = await readCodeState(path)
  expect(clean).toEqual({
    commit: git(path, 'rev-parse', 'HEAD'),
    dirty: [],
    dirtyTotal: 0,
    digest: expect.any(String),
  })

  writeFileSync(join(path, 'a.mjs'), 'two')
  const changed = await readCodeState(path)
  writeFileSync(join(path, 'a.mjs'), 'six')
  const otherwise = await readCodeState(path)
  writeFileSync(join(path, 'a.mjs'), 'two')
  const back = await readCodeState(path)
  git(path, 'checkout', '-q', 'a.mjs')
  git(path, 'mv', 'a.mjs', 'b c.mjs')
  symlinkSync('nowhere', join(path, 'link'))
  const moved = await readCodeState(path)
  expect(changed?.dirty).toEqual(['a.mjs'])
  expect(back).toEqual(changed)
  expect(moved?.dirty).toEqual(['b c.mjs', 'link'])
  const digests = [unborn, clean, changed, otherwise, moved].map((state) => state?.digest)
  expect(new Set(digests).size).toBe(5)

  git(path, 'add', '.')
  rmSync(join(path, 'b c.mjs'))
  expect((await readCodeState(path))?.digest).not.toBe(moved?.digest)
})

test('what is too much to read is not taken for a state of its own', async () => {
  using folder = temporaryFolder()
  git(folder.path, 'init', '-q')
  writeFileSync(join(folder.path, 'big.bin'), Buffer.alloc(1024 * 1024 + 1))
  expect(await readCodeState(folder.path)).toEqual({
    commit: undefined,
    dirty: ['big.bin'],
    dirtyTotal: 1,
    digest: undefined,
  })
})
