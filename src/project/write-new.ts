import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../trace/fault.ts'
import { reasonOf } from './read-bounded.ts'

/** Writes a file that is not there yet; one that is there stays as it is and is a Fault `FILE_EXISTS`. */
export function writeNew(root: string, path: string, text: string): void {
  const absolute = join(root, path)
  if (existsSync(absolute)) throw exists(path)
  try {
    mkdirSync(dirname(absolute), { recursive: true })
    writeFileSync(absolute, text, { flag: 'wx' })
  } catch (cause) {
    if (reasonOf(cause) === 'EEXIST') throw exists(path)
    throw new Fault('FILE_UNREADABLE', `${path} cannot be written: ${reasonOf(cause)}`, { cause })
  }
}

function exists(path: string): Fault {
  return new Fault('FILE_EXISTS', `${path} is there already and is left as it is`)
}
