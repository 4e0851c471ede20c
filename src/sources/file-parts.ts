import { type DecodedTraces, decodeTraces } from '../otlp/decode.ts'
import { isArray, isObject } from '../otlp/from-json.ts'
import { type Json, parseJsonDocuments } from '../otlp/json-text.ts'
import { decodeTracesDocuments } from '../otlp/read-file.ts'
import { Fault } from '../trace/fault.ts'
import { takeKnown } from '../trace/kept-losses.ts'
import { joinedLosses } from '../trace/losses.ts'
import type { SourceTrace } from '../trace/source.ts'
import {
  type Budget,
  mebibyte,
  plainBytes,
  traceFiles,
  withHead,
  type Begun,
} from './file-bytes.ts'
import { decodeJaeger, isJaegerJson, jaegerJsonLosses } from './jaeger-json.ts'
import { jsonTexts } from './json-stream.ts'
import { decodeZipkin } from './zipkin-json.ts'

export interface TraceFileOptions {
  /** The most bytes that are read in all, after decompression; 512 MiB when not given. */
  readonly maxBytes?: number
  /** What `-` stands for; the process's standard input when not given. */
  readonly stdin?: AsyncIterable<Uint8Array>
}

/**
 * The spans of a file, of all trace files under a folder in the order of their paths, or of standard input (`-`), part by part: of
 * JSON lines no more than one is held at a time. OTLP (JSON, JSON lines or protobuf), Jaeger's JSON and Zipkin's (v2 and v1, at the
 * end and together, for the halves of a call may lie apart), each also compressed, told apart by content. Throws a Fault that
 * names the file: FILE_UNREADABLE, TOO_LARGE, UNSUPPORTED, TRACE_INVALID for what is none of these.
 */
export async function* readTraceParts(
  path: string,
  { maxBytes = 512 * mebibyte, stdin }: TraceFileOptions = {},
): AsyncGenerator<SourceTrace> {
  const budget: Budget = { left: maxBytes, max: maxBytes }
  const zipkin: Held = { documents: [], length: 0 }
  for (const file of path === '-' ? [path] : await traceFiles(path)) {
    const stream = file === '-' ? (stdin ?? process.stdin) : undefined
    try {
      const begun = await withHead(plainBytes(file, budget, stream), headLength)
      if (begun.head.length === 0) throw new Fault('TRACE_INVALID', `${file} is empty`)
      yield* partsOf(begun, zipkin)
    } catch (cause) {
      throw named(file, cause)
    }
  }
  if (zipkin.documents.length > 0) yield read(path, () => zipkinPart(zipkin.documents))
}

const headLength = 4096
/** The most that is held at a time; no text may be much longer in Node. */
const maxHeld = 500 * mebibyte

/** What is only understood when all of it is there. */
interface Held {
  readonly documents: Json[]
  /** Of their texts. */
  length: number
}

function hold(document: Json, length: number, held: Held): void {
  held.length += length
  if (held.length > maxHeld) throw tooMuch()
  held.documents.push(document)
}

function tooMuch(): Fault {
  const limit = `${maxHeld / mebibyte} MiB`
  return new Fault('TOO_LARGE', `more than the ${limit} that are held at a time`, {
    hint: 'JSON lines may be longer in all',
  })
}

function named(file: string, cause: unknown): unknown {
  if (!(cause instanceof Fault) || cause.message.includes(file)) return cause
  const { code, message, hint } = cause
  return new Fault(code, `${file}: ${message}`, { cause, ...(hint !== undefined && { hint }) })
}

function read<T>(file: string, decode: () => T): T {
  try {
    return decode()
  } catch (cause) {
    throw named(file, cause)
  }
}

async function* partsOf({ head, all }: Begun, zipkin: Held): AsyncGenerator<SourceTrace> {
  if (isJson(head)) yield* jsonParts(all, zipkin)
  else yield* protobufParts(await whole(all), head)
}

async function* jsonParts(
  all: AsyncIterable<Uint8Array>,
  zipkin: Held,
): AsyncGenerator<SourceTrace> {
  for await (const text of jsonTexts(all, maxHeld)) {
    for (const document of parseJsonDocuments(text)) {
      if (isZipkinJson(document)) hold(document, text.length, zipkin)
      else yield partOf(document)
    }
  }
}

/** JSON begins with a bracket and has no raw control bytes; every protobuf request with a span has one early, the tag 0x12. */
function isJson(head: Buffer): boolean {
  const start = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  return /^[[{]/.test(start) && !head.includes(0x12)
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxHeld) throw tooMuch()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** One request, or what the Collector's file exporter writes: each behind its length in four bytes. */
function* protobufParts(bytes: Buffer, head: Buffer): Generator<SourceTrace> {
  if (bytes[0] !== 0) yield otlpPart(decodedOr(bytes, head))
  else yield* lengthPrefixed(bytes, head)
}

function* lengthPrefixed(bytes: Buffer, head: Buffer): Generator<SourceTrace> {
  for (let at = 0; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : Infinity
    if (at + 4 + length > bytes.length) throw new Fault('TRACE_INVALID', 'a message is cut short')
    yield otlpPart(decodedOr(bytes.subarray(at + 4, at + 4 + length), head))
    at += 4 + length
  }
}

function decodedOr(bytes: Uint8Array, head: Buffer): DecodedTraces {
  try {
    return decodeTraces(bytes)
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    throw new Fault('TRACE_INVALID', `${looksLike(head)}: ${cause.message}`, { cause })
  }
}

/** What a file that is no JSON begins with. */
function looksLike(head: Buffer): string {
  const start = head.subarray(0, 40)
  const isText = start.every(
    (byte) => byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09,
  )
  if (!isText)
    return `neither JSON nor a trace in protobuf, beginning with bytes ${start.subarray(0, 8).toString('hex')}`
  const [line = ''] = start
    .toString('utf8')
    .trimStart()
    .split(/[\r\n]/, 1)
  return `text that is no JSON, beginning with ${JSON.stringify(line)}`
}

function otlpPart({ spans, rejected }: DecodedTraces): SourceTrace {
  const known = takeKnown(spans)
  return { ...known, cut: rejectedText(rejected) ?? known.cut }
}

function rejectedText(rejected: number): string | undefined {
  return rejected === 0 ? undefined : `${rejected} spans have no valid ids`
}

function partOf(document: Json): SourceTrace {
  if (!isJaegerJson(document)) return otlpPart(otlpOf(document))
  const { spans, rejected, cut } = decodeJaeger([document])
  const known = takeKnown(spans)
  return {
    spans: known.spans,
    losses: joinedLosses([jaegerJsonLosses, known.losses]),
    cut: cut ?? rejectedText(rejected) ?? known.cut,
  }
}

function zipkinPart(documents: readonly Json[]): SourceTrace {
  const { spans, losses } = decodeZipkin(documents)
  const known = takeKnown(spans)
  return { ...known, losses: joinedLosses([losses, known.losses]) }
}

function otlpOf(document: Json): DecodedTraces {
  try {
    return decodeTracesDocuments([document])
  } catch (cause) {
    if (!(cause instanceof Fault) || !/no "resourceSpans"/.test(cause.message)) throw cause
    const message = `JSON without OTLP traces, or those of Jaeger or Zipkin: ${shapeOf(document)}`
    throw new Fault('TRACE_INVALID', message, { cause })
  }
}

function shapeOf(document: Json): string {
  if (!isObject(document)) return isArray(document) ? 'an array' : 'a value'
  const names = Object.keys(document)
  const shown = names.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 40)))
  return `an object with ${shown.join(', ')}${names.length > shown.length ? ' ...' : ''}`
}

/** A span of Zipkin, or lists of such; the first one tells. */
function isZipkinJson(document: Json): boolean {
  let first: Json | undefined = document
  while (first !== undefined && first !== null && isArray(first)) first = first[0]
  return isObject(first) && first['traceId'] !== undefined && first['id'] !== undefined
}
