import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { Fault } from '../trace/fault.ts'

/**
 * The bytes of a regular file, at most one more than `maxBytes` of them, so that a reader can tell that it is too large;
 * undefined when there is none. Every other trouble is a Fault `FILE_UNREADABLE`.
 */
export function readBounded(path: string, maxBytes: number): Uint8Array | undefined {
  const file = open(path)
  if (file === undefined) return undefined
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Fault('FILE_UNREADABLE', `${path} is not a file`)
    return readUpTo(file, Math.min(stat.size, maxBytes + 1))
  } finally {
    closeSync(file)
  }
}

function open(path: string): number | undefined {
  try {
    // Without O_NONBLOCK a named pipe would wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw new Fault('FILE_UNREADABLE', `${path} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

function readUpTo(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, null)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

/** The system's name of what went wrong, as `EACCES`. */
export function reasonOf(error: unknown): string {
  return codeOf(error) ?? String(error)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
