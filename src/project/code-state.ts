import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CodeState } from '../trace/ports.ts'
import { isMissing, readBounded } from './read-bounded.ts'

/** How much changed code is read to tell one state from another. */
const MAX_FILES = 500
const MAX_FILE_BYTES = 1024 * 1024
const MAX_SHOWN = 20

/** The commit and the changed files of the repository that the folder is in; undefined without git or a repository. */
export async function readCodeState(folder: string): Promise<CodeState | undefined> {
  const top = await git(folder, ['rev-parse', '--show-toplevel'])
  if (top === undefined) return undefined
  const [commit, status] = await Promise.all([
    git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']),
    git(folder, ['status', '--porcelain', '-z', '--untracked-files=all']),
  ])
  // More is changed than is read, or git gave up.
  if (status === undefined) {
    return { commit: commit?.trim(), dirty: [], dirtyTotal: 0, digest: undefined }
  }
  const entries = entriesOf(status)
  return {
    commit: commit?.trim(),
    dirty: entries.slice(0, MAX_SHOWN).map(({ path }) => path),
    dirtyTotal: entries.length,
    digest: digestOf({ root: top.replace(/\n$/, ''), commit, entries }),
  }
}

const run = promisify(execFile)

/** What git says; undefined when there is no git, no repository, no answer in time or too long a one. */
export async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    // A repository's own monitor is a program; one that is only looked at starts none.
    const { stdout } = await run('git', ['-c', 'core.fsmonitor=false', ...args], {
      cwd: folder,
      env: environment(),
      timeout: 3000,
      maxBuffer: 1024 * 1024,
    })
    return stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** Without what a hook of git sets, which names another repository or index; and without taking git's locks. */
function environment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env
  return { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }
}

interface Entry {
  readonly status: string
  readonly path: string
}

/** `git status --porcelain -z`: the old path of a rename or copy is an entry of its own behind the new one. */
function entriesOf(status: string): readonly Entry[] {
  const entries: Entry[] = []
  let isOldPath = false
  for (const text of status.split('\0')) {
    if (!isOldPath && text !== '') entries.push({ status: text.slice(0, 2), path: text.slice(3) })
    isOldPath = !isOldPath && /^[RC]|^.[RC]/.test(text)
  }
  return entries
}

interface Changed {
  readonly root: string
  readonly commit: string | undefined
  readonly entries: readonly Entry[]
}

function digestOf({ root, commit = '', entries }: Changed): string | undefined {
  if (entries.length > MAX_FILES) return undefined
  const hash = createHash('sha256').update(`${commit}\0`)
  for (const { status, path } of entries) {
    const content = contentOf(join(root, path))
    if (content === undefined) return undefined
    hash.update(`${status} ${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** The content of a changed file, empty where it is deleted; undefined for what is too large or no file. */
function contentOf(path: string): Uint8Array | string | undefined {
  try {
    const stat = lstatSync(path)
    if (stat.isSymbolicLink()) return readlinkSync(path)
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) return undefined
    return readBounded(path, MAX_FILE_BYTES)
  } catch (error) {
    return isMissing(error) ? '' : undefined
  }
}
