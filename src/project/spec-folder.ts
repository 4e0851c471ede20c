import { createHash } from 'node:crypto'
import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { decodeSpecBytes, MAX_SPEC_BYTES } from '../spec/decode.ts'
import type { SpecIssue } from '../spec/spec.ts'
import { Fault } from '../trace/fault.ts'
import { isInside } from './config.ts'
import type { Project } from './find.ts'
import { readBounded, reasonOf } from './read-bounded.ts'

/** A spec file as it is on disk; `path` is relative to the project, with slashes. */
export interface SpecText {
  readonly path: string
  readonly sha256: string
  readonly read: { readonly text: string } | { readonly issue: SpecIssue }
}

const maxFiles = 10_000

/**
 * Every spec of the project's spec folder, by path; none when there is no folder. A spec is a file called *.trace.yaml, .yml or
 * .json, or another YAML or JSON file with a key that only specs have. A link that leads out of the folder is a Fault.
 */
export function readSpecFolder(project: Project): readonly SpecText[] {
  if (statSync(project.specFolder, { throwIfNoEntry: false }) === undefined) return []
  return filesBelow(project.specFolder)
    .filter((path) => /\.(?:yaml|yml|json)$/.test(path))
    .map((path) => readSpec(project, path))
    .filter(isSpec)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * The file that `--spec` names by a path from `cwd`; undefined when there is none. A Fault when it is outside the project, or
 * inside the spec folder by its name and outside by a link.
 */
export function readSpecAt(project: Project, cwd: string, path: string): SpecText | undefined {
  const absolute = resolve(cwd, path)
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined || stat.isDirectory()) return undefined
  return readSpec(project, absolute)
}

function readSpec(project: Project, path: string): SpecText {
  const real = realpathSync(path)
  const isOfFolder = isInside(path, project.specFolder)
  const home = isOfFolder ? realpathSync(project.specFolder) : project.root
  if (!isInside(real, home)) throw outside(project, path, isOfFolder)
  const bytes = readBounded(real, MAX_SPEC_BYTES)
  if (bytes === undefined) throw new Fault('FILE_UNREADABLE', `${path} is gone`)
  const name = relative(project.root, isOfFolder ? path : real)
    .split(sep)
    .join('/')
  return {
    path: name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: decodeSpecBytes(bytes, name),
  }
}

function outside(project: Project, path: string, isOfFolder: boolean): Fault {
  const name = relative(project.root, path)
  return isOfFolder
    ? new Fault('PATH_OUTSIDE', `${name} leads out of the spec folder`, {
        hint: 'replace the link by the file itself',
      })
    : new Fault('PATH_OUTSIDE', `${name} is outside the project ${project.root}`, {
        hint: 'name the project with --project, or move the spec into it',
      })
}

function isSpec(spec: SpecText): boolean {
  if (/\.trace\.(?:yaml|yml|json)$/.test(spec.path)) return true
  return (
    'text' in spec.read &&
    /^\s*["']?(?:expected_spans|forbidden_spans|error_conditions|applies_to)["']?\s*:/m.test(
      spec.read.text,
    )
  )
}

function filesBelow(folder: string): readonly string[] {
  const files: string[] = []
  const open = [folder]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of entriesOf(next)) {
      const path = join(next, entry.name)
      if (entry.isDirectory()) open.push(path)
      else if (!entry.isSymbolicLink() || isLinkedFile(path, folder)) files.push(path)
    }
    if (files.length > maxFiles) {
      throw new Fault('TOO_LARGE', `${folder} holds more than ${maxFiles} files`)
    }
  }
  return files
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', `${folder} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

/** Links to folders are not followed: what they lead to is found at its own place inside, or is outside. */
function isLinkedFile(path: string, folder: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new Fault('FILE_UNREADABLE', `${path} is a dangling link`)
  if (stat.isFile()) return true
  if (isInside(realpathSync(path), realpathSync(folder))) return false
  throw new Fault('PATH_OUTSIDE', `${path} leads out of the spec folder`)
}
