import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { decodeTraces } from '../otlp/decode.ts'
import { decodeTracesText } from '../otlp/read-file.ts'
import { Fault } from '../trace/fault.ts'
import type { Span } from '../trace/span.ts'

const mebibyte = 1024 * 1024

export interface TraceFileOptions {
  /** The most bytes that are read in all, after decompression; 512 MiB when not given. */
  readonly maxBytes?: number
  /** What `-` stands for; the process's standard input when not given. */
  readonly stdin?: AsyncIterable<Uint8Array>
}

/**
 * The spans of a file, of all trace files under a folder in the order of their paths, or of standard input (`-`): OTLP JSON,
 * JSON lines or protobuf, each also gzipped, told apart by their content. Throws a Fault: FILE_UNREADABLE, TOO_LARGE,
 * TRACE_INVALID for what is no OTLP, TRACE_NOT_FOUND where there is no span.
 */
export async function readTraceFile(
  path: string,
  options: TraceFileOptions = {},
): Promise<readonly Span[]> {
  const paths = path === '-' ? [path] : await traceFiles(path)
  const spans: Span[] = []
  let left = options.maxBytes ?? 512 * mebibyte
  for (const file of paths) {
    const stream = file === '-' ? (options.stdin ?? process.stdin) : createReadStream(file)
    const bytes = await readBounded(stream, file, left)
    left -= bytes.length
    for (const span of decodeFile(bytes, file)) spans.push(span)
  }
  if (spans.length === 0) throw new Fault('TRACE_NOT_FOUND', `no spans in ${path}`)
  return spans
}

const traceFileName = /\.(json|jsonl|ndjson|pb|otlp)(\.gz)?$/

async function traceFiles(path: string): Promise<readonly string[]> {
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
    hint: 'trace files end in .json, .jsonl, .ndjson, .pb or .otlp, or in one of these and .gz',
  })
}

/** The whole stream, decompressed if it is gzip, without ever holding more than the limit. */
async function readBounded(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): Promise<Buffer> {
  const raw = await collect(stream, path, { maxBytes, failure: unreadable })
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw
  const gunzip = createGunzip()
  gunzip.end(raw)
  return collect(gunzip, path, { maxBytes, failure: damaged })
}

interface Collecting {
  readonly maxBytes: number
  readonly failure: (path: string, cause: unknown) => Fault
}

async function collect(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  { maxBytes, failure }: Collecting,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      size += chunk.length
      if (size > maxBytes) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw failure(path, cause)
  }
  if (size > maxBytes) {
    const limit = `${Math.floor(maxBytes / mebibyte)} MiB`
    throw new Fault('TOO_LARGE', `${path} would read more than the ${limit} that are left`)
  }
  return Buffer.concat(chunks)
}

function decodeFile(bytes: Buffer, path: string): readonly Span[] {
  if (bytes.length === 0) throw new Fault('TRACE_INVALID', `${path} is empty`)
  try {
    return (isText(bytes) ? decodeTracesText(textOf(bytes)) : decodeTraces(bytes)).spans
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    throw new Fault(cause.code, `${path}: ${cause.message}`, { cause })
  }
}

/** JSON begins with a bracket and has no raw control bytes; every protobuf request with a span has one, the tag 0x12. */
function isText(bytes: Buffer): boolean {
  const start = bytes
    .subarray(0, 4096)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  return /^[[{]/.test(start) && !bytes.includes(0x12)
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Fault('TRACE_INVALID', 'the text is not UTF-8', { cause })
  }
}

function damaged(path: string, cause: unknown): Fault {
  return new Fault('TRACE_INVALID', `${path} is damaged gzip`, { cause })
}

function unreadable(path: string, cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Fault('FILE_UNREADABLE', `cannot read ${path}: ${reason}`, { cause })
}
