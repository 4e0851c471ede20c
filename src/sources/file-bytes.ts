import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline, Readable, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { Fault } from '../trace/fault.ts'

type Bytes = AsyncIterable<Uint8Array>

/** How much may still be read, of all files together. */
export interface Budget {
  left: number
  readonly max: number
}

export const mebibyte: number = 1024 * 1024

const traceFileName = /\.(?:json|jsonl|ndjson|pb|binpb|otlp)(?:\.(?:gz|zst))?$/

/** The file itself, or the trace files under a folder in the order of their paths. Throws a Fault when there is none. */
export async function traceFiles(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw unreadable(path, cause)
    },
  )
  const files = entries
    .filter((entry) => entry.isFile() && traceFileName.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  if (files.length > 0) return files
  throw new Fault('TRACE_NOT_FOUND', `no trace files in ${path}`, {
    hint: 'trace files end in .json, .jsonl, .ndjson, .pb, .binpb or .otlp, or in one of these and .gz or .zst',
  })
}

/**
 * What a file or another stream holds, decompressed when it begins as gzip or zstd does, never more than the budget. Throws a Fault:
 * FILE_UNREADABLE, TOO_LARGE, TRACE_INVALID for what is damaged, UNSUPPORTED for zstd where Node has none.
 */
export async function* plainBytes(
  path: string,
  budget: Budget,
  stream: Bytes = createReadStream(path),
): AsyncGenerator<Uint8Array> {
  const raw = await withHead(readable(stream, path), magicLength)
  for await (const chunk of decompressed(raw, path)) {
    budget.left -= chunk.length
    if (budget.left < 0) throw tooLarge(path, budget)
    yield chunk
  }
}

/** A stream of which the begin is known: at least so many bytes, or all. */
export interface Begun {
  readonly head: Buffer
  /** From the begin on. */
  readonly all: Bytes
}

/** Reads until so many bytes are there. */
export async function withHead(stream: Bytes, length: number): Promise<Begun> {
  const chunks = stream[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  for (let size = 0; size < length;) {
    const next = await chunks.next()
    if (next.done === true) break
    first.push(next.value)
    size += next.value.length
  }
  const head = Buffer.concat(first)
  return { head, all: continued(head, chunks) }
}

async function* continued(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): Bytes & AsyncGenerator {
  try {
    yield head
    for (let next = await rest.next(); next.done !== true; next = await rest.next())
      yield next.value
  } finally {
    await rest.return?.()
  }
}

async function* readable(stream: Bytes, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

const magicLength = 4
const gzip = Buffer.of(0x1f, 0x8b)
const zstd = Buffer.of(0x28, 0xb5, 0x2f, 0xfd)

async function* decompressed({ head, all }: Begun, path: string): AsyncGenerator<Uint8Array> {
  const [name, decoder] = decoderOf(head, path)
  if (decoder === undefined) {
    yield* all
    return
  }
  // What fails, fails where it is read.
  pipeline(Readable.from(all), decoder, () => undefined)
  try {
    yield* decoder
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('TRACE_INVALID', `${path} is damaged ${name}`, { cause })
  }
}

function decoderOf(head: Buffer, path: string): readonly [string, Transform | undefined] {
  if (head.subarray(0, 2).equals(gzip)) return ['gzip', zlib.createGunzip()]
  if (!head.subarray(0, 4).equals(zstd)) return ['', undefined]
  // Node has it from 22.15 and 23.8 on.
  const { createZstdDecompress } = zlib as Partial<typeof zlib>
  if (createZstdDecompress !== undefined) return ['zstd', createZstdDecompress()]
  throw new Fault('UNSUPPORTED', `${path} is compressed with zstd, which this Node cannot read`, {
    hint: 'use Node 22.15 or newer, or decompress it before: zstd -d FILE',
  })
}

function tooLarge(path: string, { max }: Budget): Fault {
  const limit = `${Math.floor(max / mebibyte)} MiB`
  return new Fault('TOO_LARGE', `${path} would read more than the ${limit} that are read in all`)
}

function unreadable(path: string, cause: unknown): Fault {
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
  if (isMissing) {
    return new Fault('FILE_UNREADABLE', `there is no file or folder ${path}`, { cause })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Fault('FILE_UNREADABLE', `cannot read ${path}: ${reason}`, { cause })
}
