import { existsSync, mkdirSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../trace/fault.ts'
import { isInside } from './config.ts'
import type { Environment } from './config-text.ts'
import { readBounded, reasonOf } from './read-bounded.ts'

const content = z.strictObject({
  version: z.literal(1),
  /** Digests by the folders of projects. */
  projects: z.record(z.string(), z.string()),
})

type Content = z.infer<typeof content>

const maxBytes = 1024 * 1024

/** The digest of the configuration of a project that the user trusts; undefined when none is. */
export function readTrusted(root: string, env: Environment): string | undefined {
  const { projects } = readContent(trustFile(root, env))
  return Object.hasOwn(projects, root) ? projects[root] : undefined
}

/** Trusts a digest for a project, or nothing of it any more. */
export function writeTrusted(root: string, digest: string | undefined, env: Environment): void {
  const file = trustFile(root, env)
  const before = Object.entries(readContent(file).projects).filter(([folder]) => folder !== root)
  const projects = Object.fromEntries([
    ...before,
    ...(digest === undefined ? [] : [[root, digest] as const]),
  ])
  write(file, `${JSON.stringify({ version: 1, projects }, null, 2)}\n`)
}

/** For the user alone, and at once: a reader sees the old text or the new one. */
function write(file: string, text: string): void {
  const next = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(next, text, { mode: 0o600 })
    renameSync(next, file)
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', `${file} cannot be written: ${reasonOf(cause)}`, {
      hint: 'set XDG_CONFIG_HOME to a folder that you may write in, or TRACESPEC_TRUST=1 in CI',
      cause,
    })
  }
}

/** Outside the project, or else the project itself could say that it is trusted. */
function trustFile(root: string, env: Environment): string {
  const base = configFolder(env)
  if (base === undefined) {
    throw new Fault('NOT_TRUSTED', 'without HOME there is no place to keep what is trusted', {
      hint: 'set XDG_CONFIG_HOME, or TRACESPEC_TRUST=1 in CI',
    })
  }
  const file = join(base, 'tracespec', 'trust.json')
  if (!isInside(realOf(file), root)) return file
  throw new Fault('NOT_TRUSTED', `${file} lies in the project, which cannot vouch for itself`, {
    hint: 'set XDG_CONFIG_HOME to a folder outside the project',
  })
}

/** XDG Base Directory Specification: an empty variable counts as none, and a relative path is ignored. */
function configFolder({
  XDG_CONFIG_HOME: named = '',
  HOME: home = '',
}: Environment): string | undefined {
  if (isAbsolute(named)) return named
  return isAbsolute(home) ? join(home, '.config') : undefined
}

/** Where a path leads, of which only the beginning may exist. */
function realOf(path: string): string {
  return existsSync(path) || dirname(path) === path
    ? realpathSync(path)
    : join(realOf(dirname(path)), path.slice(dirname(path).length))
}

function readContent(file: string): Content {
  const bytes = readBounded(file, maxBytes)
  if (bytes === undefined) return { version: 1, projects: {} }
  const { mode, uid } = statSync(file)
  const isOurs = process.getuid === undefined || uid === process.getuid()
  if (!isOurs || (mode & 0o022) !== 0) {
    throw new Fault('NOT_TRUSTED', `${file} can be written by others`, {
      hint: `chmod 600 ${file}, once you have looked at it`,
    })
  }
  const read = content.safeParse(parsed(bytes))
  if (read.success) return read.data
  throw new Fault('FILE_UNREADABLE', `${file} is no file of tracespec trust`, {
    hint: 'remove it, and trust your projects again',
  })
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
