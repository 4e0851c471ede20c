import { realpathSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { inFileOrder } from '../spec/issue.ts'
import { readYaml } from '../spec/read-yaml.ts'
import type { Reading, SourceNode } from '../spec/source.ts'
import type { SpecIssue } from '../spec/spec.ts'
import { Fault } from '../trace/fault.ts'
import type { BackendConfig } from './backend-shape.ts'
import type { AgentLimits } from './agents-shape.ts'
import { configShape, noLimits, type ConfigParts } from './config-shape.ts'
import type { ConfigText } from './config-text.ts'
import { readBounded } from './read-bounded.ts'

/** What tracespec.yaml says. */
export interface Config {
  /** The folder of the specs, as written. */
  readonly specs: string
  /** The URL of a shared store, its variables not yet looked up. */
  readonly store: ConfigText | undefined
  readonly backends: readonly BackendConfig[]
  readonly mcp: AgentLimits
}

const maxBytes = 64 * 1024

/** The configuration of the project at `root`; the defaults without a file. A Fault names what is wrong in it, and where. */
export function readConfig(root: string, file: string): Config {
  const bytes = readBounded(join(root, file), maxBytes)
  if (bytes === undefined) {
    return { specs: 'specs', store: undefined, backends: [], mcp: noLimits }
  }
  if (bytes.length > maxBytes) throw new Fault('TOO_LARGE', `${file} is larger than 64 KiB`)
  if (!isInside(realpathSync(join(root, file)), root)) {
    throw new Fault('PATH_OUTSIDE', `${file} leads out of the project`, {
      hint: 'put the file itself there, in place of the link',
    })
  }
  const { specs, store, backends, mcp } = partsOf(new TextDecoder().decode(bytes), file)
  const folder = specs?.value ?? 'specs'
  if (!isInside(resolve(root, folder), root)) {
    throw new Fault('PATH_OUTSIDE', `${file}: specs: ${folder} is outside the project`)
  }
  return { specs: folder, store, backends, mcp }
}

function partsOf(text: string, file: string): ConfigParts {
  const { root, issues } = readYaml(text.replace(/^\uFEFF/, ''), file)
  const reading: Reading = { issues: [...issues], ids: new Map(), path: '', field: file }
  const parts = root === undefined ? undefined : configShape.read(orEmpty(root), reading)
  const found = inFileOrder(reading.issues)
  if (parts === undefined || found.length > 0) throw wrong(found)
  return parts
}

/** An empty file says nothing. */
function orEmpty(root: SourceNode): SourceNode {
  const isEmpty = root.kind === 'value' && root.value === null
  return isEmpty ? { kind: 'map', entries: [], at: root.at } : root
}

const maxShown = 20

function wrong(issues: readonly SpecIssue[]): Fault {
  const lines = issues.slice(0, maxShown).map(({ at, message, hint }) => {
    const rest = hint === undefined ? '' : ` (${hint})`
    return `${at.file}:${at.line}:${at.column}: ${message}${rest}`
  })
  const more = issues.length - lines.length
  return new Fault('USAGE', [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), {
    hint: 'it may say specs: FOLDER, store: URL and backends: {NAME: {type, endpoint, auth, ...}}',
  })
}

/** Whether an absolute path is the folder or below it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
