import { PbfReader } from 'pbf'
import type { SpanId, TraceId } from '../trace/ids.ts'
import { parseSpanId, parseTraceId } from '../trace/ids.ts'
import type {
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from '../trace/span.ts'
import { nanosOf } from '../trace/time.ts'
import { readKeyValue } from './values.ts'
import { nextTag, readEnd, readFixed64, readInt32, readText, readUint32, readView } from './wire.ts'

// Field numbers and wire types stand together in a tag: field * 8 + (0 varint, 1 64 bit, 2 length, 5 32 bit).

export interface DecodedTraces {
  readonly spans: readonly Span[]
  /** Spans without valid ids, which are no part of any trace. */
  readonly rejected: number
}

/** The spans of an ExportTraceServiceRequest or TracesData message; a Fault TRACE_INVALID on anything else. */
export function decodeTraces(bytes: Uint8Array): DecodedTraces {
  const reader = new PbfReader(bytes)
  const found: (Span | undefined)[] = []
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x0a) readResourceSpans(readView(reader), found)
    else reader.skip(tag)
  }
  const spans = found.filter((span) => span !== undefined)
  return { spans, rejected: found.length - spans.length }
}

function readResourceSpans(bytes: Uint8Array, found: (Span | undefined)[]): void {
  const resource = decodeResource(bytes)
  const reader = new PbfReader(bytes)
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x12) readScopeSpans(readView(reader), resource, found)
    else reader.skip(tag)
  }
}

function readScopeSpans(bytes: Uint8Array, resource: Resource, found: (Span | undefined)[]): void {
  const scope = decodeScope(bytes)
  const reader = new PbfReader(bytes)
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x12) found.push(decodeSpan(readView(reader), resource, scope))
    else reader.skip(tag)
  }
}

/** The resource of a ResourceSpans message, whether or not its spans are in it. */
export function decodeResource(resourceSpans: Uint8Array): Resource {
  const reader = new PbfReader(resourceSpans)
  const attributes = new Map<string, AttributeValue>()
  let droppedAttributesCount = 0
  let schemaUrl = ''
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x1a) schemaUrl = readText(reader)
    else if (tag === 0x0a) readResource()
    else reader.skip(tag)
  }
  return { attributes, droppedAttributesCount, schemaUrl }

  function readResource(): void {
    const end = readEnd(reader)
    for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
      if (tag === 0x0a) readKeyValue(reader, attributes, 0)
      else if (tag === 0x10) droppedAttributesCount = readUint32(reader)
      else reader.skip(tag)
    }
  }
}

/** The scope of a ScopeSpans message, whether or not its spans are in it. */
export function decodeScope(scopeSpans: Uint8Array): Scope {
  const reader = new PbfReader(scopeSpans)
  const attributes = new Map<string, AttributeValue>()
  let [name, version, schemaUrl, droppedAttributesCount] = ['', '', '', 0]
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x1a) schemaUrl = readText(reader)
    else if (tag === 0x0a) readScope()
    else reader.skip(tag)
  }
  return { name, version, attributes, droppedAttributesCount, schemaUrl }

  function readScope(): void {
    const end = readEnd(reader)
    for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
      if (tag === 0x0a) name = readText(reader)
      else if (tag === 0x12) version = readText(reader)
      else if (tag === 0x1a) readKeyValue(reader, attributes, 0)
      else if (tag === 0x20) droppedAttributesCount = readUint32(reader)
      else reader.skip(tag)
    }
  }
}

const kinds: readonly SpanKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]
const statusCodes: readonly StatusCode[] = ['unset', 'ok', 'error']

/** One Span message; undefined when its ids are not valid. */
export function decodeSpan(bytes: Uint8Array, resource: Resource, scope: Scope): Span | undefined {
  const reader = new PbfReader(bytes)
  const attributes = new Map<string, AttributeValue>()
  const events: SpanEvent[] = []
  const links: SpanLink[] = []
  let traceId: TraceId | undefined
  let spanId: SpanId | undefined
  let parent = ''
  let [traceState, name, kind, start, end, flags] = ['', '', 0, 0n, 0n, 0]
  let [droppedAttributesCount, droppedEventsCount, droppedLinksCount] = [0, 0, 0]
  let status: Span['status'] = { code: 'unset', message: '' }
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    switch (tag) {
      case 0x0a:
        traceId = parseTraceId(readHex(reader))
        break
      case 0x12:
        spanId = parseSpanId(readHex(reader))
        break
      case 0x1a:
        traceState = readText(reader)
        break
      case 0x22:
        parent = readHex(reader)
        break
      case 0x2a:
        name = readText(reader)
        break
      case 0x30:
        kind = readInt32(reader)
        break
      case 0x39:
        start = readFixed64(reader)
        break
      case 0x41:
        end = readFixed64(reader)
        break
      case 0x4a:
        readKeyValue(reader, attributes, 0)
        break
      case 0x50:
        droppedAttributesCount = readUint32(reader)
        break
      case 0x5a:
        events.push(readEvent(reader))
        break
      case 0x60:
        droppedEventsCount = readUint32(reader)
        break
      case 0x6a: {
        const link = readLink(reader)
        // a link to no span cannot be followed: it counts as dropped, so that checks on links stay open
        if (link === undefined) droppedLinksCount += 1
        else links.push(link)
        break
      }
      case 0x70:
        droppedLinksCount += readUint32(reader)
        break
      case 0x7a:
        status = readStatus(reader, status)
        break
      case 0x85:
        flags = reader.readFixed32()
        break
      default:
        reader.skip(tag)
    }
  }
  // some senders write a missing parent as zeros
  const isRoot = /^0{0}$|^0{16}$/.test(parent)
  const parentSpanId = isRoot ? undefined : parseSpanId(parent)
  if (traceId === undefined || spanId === undefined) return undefined
  if (!isRoot && parentSpanId === undefined) return undefined
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState,
    flags,
    name,
    kind: kinds[kind] ?? 'unspecified',
    start: nanosOf(start),
    end: nanosOf(end),
    attributes,
    droppedAttributesCount,
    events,
    droppedEventsCount,
    links,
    droppedLinksCount,
    status,
    resource,
    scope,
  }
}

function readHex(reader: PbfReader): string {
  let text = ''
  for (const byte of readView(reader)) text += hexOfByte[byte] ?? ''
  return text
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

function readEvent(reader: PbfReader): SpanEvent {
  const end = readEnd(reader)
  const attributes = new Map<string, AttributeValue>()
  let [time, name, droppedAttributesCount] = [0n, '', 0]
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x09) time = readFixed64(reader)
    else if (tag === 0x12) name = readText(reader)
    else if (tag === 0x1a) readKeyValue(reader, attributes, 0)
    else if (tag === 0x20) droppedAttributesCount = readUint32(reader)
    else reader.skip(tag)
  }
  return { name, time: nanosOf(time), attributes, droppedAttributesCount }
}

function readLink(reader: PbfReader): SpanLink | undefined {
  const end = readEnd(reader)
  const attributes = new Map<string, AttributeValue>()
  let traceId: TraceId | undefined
  let spanId: SpanId | undefined
  let [traceState, droppedAttributesCount, flags] = ['', 0, 0]
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x0a) traceId = parseTraceId(readHex(reader))
    else if (tag === 0x12) spanId = parseSpanId(readHex(reader))
    else if (tag === 0x1a) traceState = readText(reader)
    else if (tag === 0x22) readKeyValue(reader, attributes, 0)
    else if (tag === 0x28) droppedAttributesCount = readUint32(reader)
    else if (tag === 0x35) flags = reader.readFixed32()
    else reader.skip(tag)
  }
  if (traceId === undefined || spanId === undefined) return undefined
  return { traceId, spanId, traceState, attributes, droppedAttributesCount, flags }
}

function readStatus(reader: PbfReader, before: Span['status']): Span['status'] {
  const end = readEnd(reader)
  let { code, message } = before
  for (let tag = nextTag(reader, end); tag !== 0; tag = nextTag(reader, end)) {
    if (tag === 0x12) message = readText(reader)
    else if (tag === 0x18) code = statusCodes[readInt32(reader)] ?? 'unset'
    else reader.skip(tag)
  }
  return { code, message }
}
