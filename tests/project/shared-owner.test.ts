import { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sharedOwner } from '../../src/project/shared-owner.ts'
import { temporaryFolder } from '../store/temporary.ts'
import { verifies } from '../verifies.ts'

function cloned(path: string, remote: string): void {
  execFileSync('git', ['init', '-q'], { cwd: path })
  execFileSync('git', ['remote', 'add', 'origin', remote], { cwd: path })
}

test.for([
  'https://github.com/acme/shop.git',
  'https://user:ghp_secret@GitHub.com/acme/shop',
  'ssh://git@github.com:22/acme/shop.git',
  'git@github.com:acme/shop.git',
  'github.com:acme/shop/',
])('checkouts of %s are one project', async (remote) => {
  verifies('O-06')
  using folder = temporaryFolder()
  cloned(folder.path, remote)
  const place = `${hostname()}:${folder.path}`
  expect(await sharedOwner(folder.path)).toEqual({ project: 'github.com/acme/shop', place })
})

test('two folders of one repository are two projects', async () => {
  verifies('O-06')
  using folder = temporaryFolder()
  cloned(folder.path, 'git@github.com:acme/shop.git')
  mkdirSync(join(folder.path, 'packages/cart'), { recursive: true })
  const root = realpathSync(join(folder.path, 'packages/cart'))
  expect((await sharedOwner(root)).project).toBe('github.com/acme/shop#packages/cart/')
})

test.for(['/srv/git/shop.git', 'file:///srv/git/shop.git', '../shop'])(
  'a remote on this machine, as %s, is nothing that others know',
  async (remote) => {
    using folder = temporaryFolder()
    cloned(folder.path, remote)
    const place = `${hostname()}:${folder.path}`
    expect(await sharedOwner(folder.path)).toEqual({ project: place, place })
  },
)

test('without a repository the folder on this machine is the project', async () => {
  using folder = temporaryFolder()
  const place = `${hostname()}:${folder.path}`
  expect(await sharedOwner(folder.path)).toEqual({ project: place, place })
})
