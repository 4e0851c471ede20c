import { PbfReader, PbfWriter } from 'pbf'
import { hexText } from '../otlp/scalars.ts'
import {
  nextTag,
  readEnd,
  readInt32,
  readInt64,
  readText,
  readUint32,
  readView,
} from '../otlp/wire.ts'
import { writeInt64, writeText } from '../otlp/write.ts'
import type { AttributeValue } from '../trace/span.ts'
import type { TraceId } from '../trace/ids.ts'
import {
  type JaegerLog,
  type JaegerProcess,
  type JaegerReference,
  type JaegerSpan,
  jaegerSpanId,
  jaegerTraceId,
} from './jaeger-model.ts'
import type { JaegerSearch } from './jaeger-way.ts'

// https://github.com/jaegertracing/jaeger-idl/tree/v0.6.0/proto: api_v2/model.proto, api_v2/query.proto, api_v3/query_service.proto
// A tag is field * 8 + (0 varint, 1 64 bit, 2 length).

/** Each span brings its process; equal ones are one, by their bytes. */
export type Processes = Map<string, JaegerProcess>

/** The spans of a SpansResponseChunk; undefined for those without valid ids. Throws a Fault TRACE_INVALID. */
export function readSpansChunk(
  bytes: Uint8Array,
  processes: Processes,
): readonly (JaegerSpan | undefined)[] {
  const reader = new PbfReader(bytes)
  const spans: (JaegerSpan | undefined)[] = []
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x0a) spans.push(readSpan(reader, processes))
    else reader.skip(tag)
  }
  return spans
}

function readSpan(reader: PbfReader, processes: Processes): JaegerSpan | undefined {
  const end = readEnd(reader)
  const references: JaegerReference[] = []
  const tags: (readonly [string, AttributeValue])[] = []
  const logs: JaegerLog[] = []
  const warnings: string[] = []
  let [traceId, spanId, name, flags, start, duration] = ['', '', '', 0, 0n, 0n]
  let process: JaegerProcess | undefined
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) traceId = hexText(readView(reader))
    else if (tag === 0x12) spanId = hexText(readView(reader))
    else if (tag === 0x1a) name = readText(reader)
    else if (tag === 0x22) references.push(...readReference(reader))
    else if (tag === 0x28) flags = readUint32(reader)
    else if (tag === 0x32) start = readTime(reader)
    else if (tag === 0x3a) duration = readTime(reader)
    else if (tag === 0x42) tags.push(readTag(reader))
    else if (tag === 0x4a) logs.push(readLog(reader))
    else if (tag === 0x52) process = processOf(readView(reader), processes)
    else if (tag === 0x62) warnings.push(readText(reader))
    else reader.skip(tag)
  }
  const ids = { traceId: jaegerTraceId(traceId), spanId: jaegerSpanId(spanId) }
  if (ids.traceId === undefined || ids.spanId === undefined) return undefined
  return {
    traceId: ids.traceId,
    spanId: ids.spanId,
    name,
    references,
    flags,
    start,
    duration,
    tags,
    logs,
    process,
    warnings,
  }
}

function readReference(reader: PbfReader): readonly JaegerReference[] {
  const end = readEnd(reader)
  let [trace, span, type] = ['', '', 0]
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) trace = hexText(readView(reader))
    else if (tag === 0x12) span = hexText(readView(reader))
    else if (tag === 0x18) type = readInt32(reader)
    else reader.skip(tag)
  }
  const [traceId, spanId] = [jaegerTraceId(trace), jaegerSpanId(span)]
  if (traceId === undefined || spanId === undefined) return []
  return [{ type: type === 0 ? 'child_of' : 'follows_from', traceId, spanId }]
}

/** A Timestamp or a Duration: seconds and nanoseconds. */
function readTime(reader: PbfReader): bigint {
  const end = readEnd(reader)
  let [seconds, nanos] = [0n, 0]
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x08) seconds = readInt64(reader)
    else if (tag === 0x10) nanos = readInt32(reader)
    else reader.skip(tag)
  }
  return seconds * 1_000_000_000n + BigInt(nanos)
}

/** All values may be there; the type says which is meant. */
function readTag(reader: PbfReader): readonly [string, AttributeValue] {
  const end = readEnd(reader)
  const values: AttributeValue[] = ['', false, 0n, 0, new Uint8Array(0)]
  let [key, type] = ['', 0]
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) key = readText(reader)
    else if (tag === 0x10) type = readInt32(reader)
    else if (tag === 0x1a) values[0] = readText(reader)
    else if (tag === 0x20) values[1] = readInt64(reader) !== 0n
    else if (tag === 0x28) values[2] = readInt64(reader)
    else if (tag === 0x31) values[3] = reader.readDouble()
    else if (tag === 0x3a) values[4] = Uint8Array.from(readView(reader))
    else reader.skip(tag)
  }
  return [key, values[type] ?? null]
}

function readLog(reader: PbfReader): JaegerLog {
  const end = readEnd(reader)
  const fields: (readonly [string, AttributeValue])[] = []
  let time = 0n
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) time = readTime(reader)
    else if (tag === 0x12) fields.push(readTag(reader))
    else reader.skip(tag)
  }
  return { time, fields }
}

function processOf(bytes: Uint8Array, processes: Processes): JaegerProcess {
  const key = Buffer.from(bytes).toString('latin1')
  const process = processes.get(key) ?? readProcess(bytes)
  processes.set(key, process)
  return process
}

function readProcess(bytes: Uint8Array): JaegerProcess {
  const reader = new PbfReader(bytes)
  const tags: (readonly [string, AttributeValue])[] = []
  let serviceName = ''
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x0a) serviceName = readText(reader)
    else if (tag === 0x12) tags.push(readTag(reader))
    else reader.skip(tag)
  }
  return { serviceName, tags }
}

/** The names of a GetServicesResponse of either version. */
export function readServices(bytes: Uint8Array): readonly string[] {
  const reader = new PbfReader(bytes)
  const names: string[] = []
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x0a) names.push(readText(reader))
    else reader.skip(tag)
  }
  return names
}

/** A GetTraceRequest, raw: version 3 names the trace in hex, version 2 by its bytes. */
export function writeGetTrace(id: TraceId, version: 2 | 3): Uint8Array {
  const writer = new PbfWriter()
  if (version === 3) writeString(writer, 1, id)
  else writer.writeBytesField(1, Uint8Array.from(Buffer.from(id, 'hex')))
  writer.writeBooleanField(4, true)
  return writer.finish()
}

/** A FindTracesRequest, raw; it is the same in both versions. */
export function writeFindTraces(asked: JaegerSearch): Uint8Array {
  const writer = new PbfWriter()
  writer.writeMessage(1, writeQuery, asked)
  return writer.finish()
}

function writeQuery(asked: JaegerSearch, writer: PbfWriter): void {
  const { service, operation, attributes, from, to, minDuration, maxDuration } = asked
  if (service !== undefined) writeString(writer, 1, service)
  if (operation !== undefined) writeString(writer, 2, operation)
  for (const entry of attributes) writer.writeMessage(3, writeEntry, entry)
  writer.writeMessage(4, writeTime, from)
  // it is exclusive
  writer.writeMessage(5, writeTime, to + 1n)
  if (minDuration !== undefined) writer.writeMessage(6, writeTime, minDuration)
  if (maxDuration !== undefined) writer.writeMessage(7, writeTime, maxDuration)
  writer.writeVarintField(8, asked.depth)
  writer.writeBooleanField(9, true)
}

function writeEntry([key, value]: readonly [string, string], writer: PbfWriter): void {
  writeString(writer, 1, key)
  writeString(writer, 2, value)
}

function writeTime(nanos: bigint, writer: PbfWriter): void {
  writer.writeTag(1, 0)
  writeInt64(writer, nanos / 1_000_000_000n)
  writer.writeVarintField(2, Number(nanos % 1_000_000_000n))
}

function writeString(writer: PbfWriter, field: number, text: string): void {
  writer.writeTag(field, 2)
  writeText(writer, text)
}
