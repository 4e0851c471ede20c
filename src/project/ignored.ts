import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { git } from './code-state.ts'

/** What of a folder is not looked at; paths are relative to it, with slashes. */
export interface Ignored {
  readonly isFolder: (path: string) => boolean
  /** The files that git does not ignore. */
  readonly without: (paths: readonly string[]) => Promise<readonly string[]>
}

const NEVER = new Set(['.git', '.hg', '.svn', '.tracespec', 'node_modules'])

// What is made, where no repository says so.
const MADE = new Set(['dist', 'build', 'coverage', 'target', '__pycache__', '.venv', '.cache'])

/** As the repository says that the folder is in; without one, what is usually made. */
export async function ignoredBy(folder: string): Promise<Ignored> {
  const listed = await git(folder, [
    'ls-files',
    '--others',
    '--ignored',
    '--exclude-standard',
    '--directory',
    '-z',
  ])
  if (listed === undefined) {
    const isFolder = (path: string): boolean =>
      NEVER.has(basename(path)) || MADE.has(basename(path))
    return { isFolder, without: (paths) => Promise.resolve(paths) }
  }
  const folders = new Set(listed.split('\0').filter((path) => path.endsWith('/')))
  return {
    isFolder: (path) => NEVER.has(basename(path)) || folders.has(`${path}/`),
    without: async (paths) => {
      const ignored = new Set(await checkIgnored(folder, paths))
      return paths.filter((path) => !ignored.has(path))
    },
  }
}

const MAX_BYTES = 16 * 1024 * 1024

/** Those of the paths that git ignores; none when git gives no answer. */
function checkIgnored(folder: string, paths: readonly string[]): Promise<readonly string[]> {
  return new Promise((done) => {
    const options = { cwd: folder, timeout: 3000, maxBuffer: MAX_BYTES }
    const child = execFile('git', ['check-ignore', '-z', '--stdin'], options, (_, stdout) =>
      done(stdout.split('\0').filter((path) => path !== '')),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(paths.map((path) => `${path}\0`).join(''))
  })
}
