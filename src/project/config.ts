import { join, resolve, sep } from 'node:path'
import { parseDocument } from 'yaml'
import { Fault } from '../trace/fault.ts'
import { readBounded } from './read-bounded.ts'

/** What tracespec.yaml says. */
export interface Config {
  /** The folder of the specs, as written. */
  readonly specs: string
}

const maxBytes = 64 * 1024
const keys: ReadonlySet<string> = new Set(['specs'])

/** The configuration of the project at `root`; the defaults without a file. A Fault names what is wrong in it. */
export function readConfig(root: string, file: string): Config {
  const bytes = readBounded(join(root, file), maxBytes)
  if (bytes === undefined) return { specs: 'specs' }
  const document = parseDocument(new TextDecoder().decode(bytes), { uniqueKeys: true })
  const [error] = document.errors
  if (error !== undefined) throw wrong(file, firstLine(error.message))
  return configOf(document.toJS({ maxAliasCount: 10 }), { root, file })
}

function configOf(value: unknown, place: { readonly root: string; readonly file: string }): Config {
  const entries = entriesOf(value, place.file)
  const unknown = entries.find(([key]) => !keys.has(key))
  if (unknown !== undefined) throw wrong(place.file, `unknown key ${JSON.stringify(unknown[0])}`)
  const specs = Object.fromEntries(entries)['specs'] ?? 'specs'
  if (typeof specs !== 'string') throw wrong(place.file, 'specs must be the name of a folder')
  if (!isInside(resolve(place.root, specs), place.root)) {
    throw new Fault('PATH_OUTSIDE', `${place.file}: specs: ${specs} is outside the project`)
  }
  return { specs }
}

function entriesOf(value: unknown, file: string): readonly (readonly [string, unknown])[] {
  if (value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(file, 'expected keys')
  return Object.entries(value)
}

/** Whether an absolute path is the folder or below it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function wrong(file: string, what: string): Fault {
  return new Fault('USAGE', `${file}: ${what}`, { hint: 'it may say: specs: FOLDER' })
}

function firstLine(message: string): string {
  return message.split('\n', 1).join('')
}
