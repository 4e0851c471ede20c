import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, watch, type Dirent, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../trace/fault.ts'
import { ignoredBy, type Ignored } from './ignored.ts'
import { isMissing, readBounded } from './read-bounded.ts'

/** Files that changed together; paths are relative to the folder, with slashes. */
export interface FileChanges {
  readonly paths: readonly string[]
  /** When the last of them was seen, of `performance.now()`. */
  readonly seenMs: number
}

export interface FolderListener {
  readonly onChanges: (changes: FileChanges) => void
  /** What has come to be too much to watch. */
  readonly onFault: (fault: Fault) => void
}

const MOST_FOLDERS = 20_000
const MAX_HASHED_BYTES = 4 * 1024 * 1024
// Editors write a file in several steps.
const QUIET_MS = 120

/**
 * Tells of every file below a folder that is made, changed or removed, but what git ignores, `.git`, `node_modules` and
 * `.tracespec`. A file that is written again with the same content has not changed. A Fault when the system cannot watch so much.
 */
export async function watchFolder(
  folder: string,
  { onChanges, onFault }: FolderListener,
): Promise<Disposable> {
  const watching: Watching = {
    folder,
    ignored: await ignoredBy(folder),
    watchers: new Map(),
    files: new Map(),
    onEvent: (path) => noted(path),
  }
  const dirty = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let seenMs = 0
  let told = Promise.resolve()
  function noted(path: string): void {
    dirty.add(path)
    seenMs = performance.now()
    clearTimeout(timer)
    timer = setTimeout(() => {
      told = told.then(tell)
    }, QUIET_MS)
  }
  const tell = async (): Promise<void> => {
    try {
      const found = [...dirty].flatMap((path) => changedBelow(watching, path))
      dirty.clear()
      const at = seenMs
      const left = await watching.ignored.without([...new Set(found)].toSorted())
      if (left.length > 0) onChanges({ paths: left, seenMs: at })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      onFault(error)
    }
  }
  const stop = (): void => {
    clearTimeout(timer)
    for (const watcher of watching.watchers.values()) watcher.close()
  }
  try {
    follow(watching, '')
  } catch (error) {
    stop()
    throw error
  }
  return { [Symbol.dispose]: stop }
}

interface Watching {
  readonly folder: string
  readonly ignored: Ignored
  /** By the folder's path. */
  readonly watchers: Map<string, FSWatcher>
  /** What is known of each file, by its path. */
  readonly files: Map<string, Known>
  readonly onEvent: (path: string) => void
}

interface Known {
  readonly stat: string
  /** Undefined until the file was seen to change. */
  readonly content: string | undefined
}

/** Watches a folder and all below it, and answers the files in them. */
function follow(watching: Watching, top: string): readonly string[] {
  const files: string[] = []
  const folders = [top]
  for (const path of folders) {
    if (watching.watchers.has(path)) continue
    for (const entry of entriesOf(watching, path)) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory() && !watching.ignored.isFolder(below)) folders.push(below)
      if (!entry.isFile()) continue
      files.push(below)
      const stat = statOf(watching, below)
      if (stat !== undefined && !watching.files.has(below)) {
        watching.files.set(below, { stat, content: undefined })
      }
    }
  }
  return files
}

/** The watch begins before the folder is read, so that nothing is made in between unseen. */
function entriesOf(watching: Watching, path: string): readonly Dirent[] {
  if (watching.watchers.size >= MOST_FOLDERS) throw tooMany()
  const absolute = join(watching.folder, path)
  try {
    const watcher = watch(absolute, (_, name) => {
      if (name !== null) watching.onEvent(path === '' ? name : `${path}/${name}`)
    })
    // A folder that is gone is told by the one above it.
    watcher.on('error', () => watcher.close())
    watching.watchers.set(path, watcher)
    return readdirSync(absolute, { withFileTypes: true })
  } catch (error) {
    // What is gone again, or is not ours to read, is not watched.
    if (isMissing(error) || isCode(error, ['EACCES', 'EPERM'])) return []
    if (isCode(error, ['ENOSPC', 'EMFILE'])) throw tooMany(error)
    throw error
  }
}

function isCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

function tooMany(cause?: unknown): Fault {
  return new Fault('TOO_LARGE', 'the project has more folders than can be watched', {
    hint: 'let git ignore what is not to be watched, raise fs.inotify.max_user_watches, or name a smaller --project',
    cause,
  })
}

/** The files that did change at a path that something was told of. */
function changedBelow(watching: Watching, path: string): readonly string[] {
  const { files, watchers, ignored } = watching
  const stat = lstatSync(join(watching.folder, path), { throwIfNoEntry: false })
  if (stat?.isDirectory() === true) {
    return ignored.isFolder(path) || watchers.has(path) ? [] : follow(watching, path)
  }
  if (stat?.isFile() === true) return hasChanged(watching, path) ? [path] : []
  for (const [below, watcher] of watchers) {
    if (below !== path && !below.startsWith(`${path}/`)) continue
    watcher.close()
    watchers.delete(below)
  }
  const gone = [...files.keys()].filter((file) => file === path || file.startsWith(`${path}/`))
  for (const file of gone) files.delete(file)
  return gone
}

function hasChanged({ files, folder }: Watching, path: string): boolean {
  const before = files.get(path)
  const stat = statOf({ folder }, path)
  if (stat === undefined) return false
  const content = contentOf(join(folder, path))
  files.set(path, { stat, content })
  if (before === undefined) return true
  if (before.content !== undefined && content !== undefined) return before.content !== content
  return before.stat !== stat
}

function statOf({ folder }: Pick<Watching, 'folder'>, path: string): string | undefined {
  const stat = lstatSync(join(folder, path), { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
}

/** Undefined for a file that is large or cannot be read. */
function contentOf(absolute: string): string | undefined {
  try {
    const bytes = readBounded(absolute, MAX_HASHED_BYTES)
    if (bytes === undefined || bytes.length > MAX_HASHED_BYTES) return undefined
    return createHash('sha256').update(bytes).digest('hex')
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
