import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../trace/fault.ts'
import { isInside } from './config.ts'
import type { Project } from './find.ts'
import { isMissing, reasonOf } from './read-bounded.ts'

export interface SpecWrite {
  /** Relative to the project, with slashes. */
  readonly path: string
  readonly text: string
  /** The digest of the file that is replaced; undefined when there must be none. */
  readonly replaces: string | undefined
}

/**
 * Writes a spec whole or not at all and answers its digest. A Fault `PATH_OUTSIDE` when it would stand outside the spec folder,
 * `FILE_EXISTS` when the file is not as `replaces` says.
 */
export function writeSpec(project: Project, { path, text, replaces }: SpecWrite): string {
  const target = join(project.root, path)
  if (!isInside(target, project.specFolder)) throw outside(path)
  try {
    mkdirSync(dirname(target), { recursive: true })
    refuseLinks(project, target, path)
    writeWhole(target, text, replaces)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (reasonOf(cause) === 'EEXIST') throw changed(path)
    throw new Fault('FILE_UNREADABLE', `${path} cannot be written: ${reasonOf(cause)}`, { cause })
  }
  return sha256Of(text)
}

/** A link in the path, or in its place, could lead out of the folder. */
function refuseLinks(project: Project, target: string, path: string): void {
  const home = realpathSync(project.specFolder)
  if (!isInside(realpathSync(dirname(target)), home)) throw outside(path)
  const real = realOf(target)
  if (real !== undefined && !isInside(real, home)) throw outside(path)
}

function realOf(target: string): string | undefined {
  try {
    return realpathSync(target)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Through a file beside it whose name the spec folder's readers pass over. */
function writeWhole(target: string, text: string, replaces: string | undefined): void {
  const place = realOf(target) ?? target
  const temporary = join(dirname(place), `.tracespec-${process.pid}-${performance.now()}`)
  try {
    writeSynced(temporary, text)
    if (replaces === undefined) return linkSync(temporary, place)
    if (sha256Of(readFileSync(place)) !== replaces) throw changed(target)
    renameSync(temporary, place)
  } finally {
    rmSync(temporary, { force: true })
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o644)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function outside(path: string): Fault {
  return new Fault('PATH_OUTSIDE', `${path} is outside the spec folder`)
}

function changed(path: string): Fault {
  return new Fault('FILE_EXISTS', `${path} has changed since it was read, and is left as it is`, {
    hint: 'read it again and send its sha256',
  })
}
