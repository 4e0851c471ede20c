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

/** A span while it is read; `parent` is the hex of its parent's id, whatever that is. */
type Draft = {
  -readonly [Name in Exclude<keyof Span, 'parentSpanId' | 'attributes' | 'events' | 'links'>]:
    | Span[Name]
    | (Name extends 'traceId' | 'spanId' ? undefined : never)
} & {
  parent: string
  readonly attributes: Map<string, AttributeValue>
  readonly events: SpanEvent[]
  readonly links: SpanLink[]
}

function emptyDraft(resource: Resource, scope: Scope): Draft {
  return {
    traceId: undefined,
    spanId: undefined,
    parent: '',
    traceState: '',
    flags: 0,
    name: '',
    kind: 'unspecified',
    start: nanosOf(0n),
    end: nanosOf(0n),
    attributes: new Map(),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource,
    scope,
  }
}

/** One Span message; undefined when its ids are not valid. */
export function decodeSpan(bytes: Uint8Array, resource: Resource, scope: Scope): Span | undefined {
  const reader = new PbfReader(bytes)
  const draft = emptyDraft(resource, scope)
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (!readContext(tag, reader, draft) && !readContent(tag, reader, draft)) reader.skip(tag)
  }
  const { traceId, spanId, parent, ...content } = draft
  // some senders write a missing parent as zeros
  const isRoot = /^0{0}$|^0{16}$/.test(parent)
  const parentSpanId = isRoot ? undefined : parseSpanId(parent)
  if (traceId === undefined || spanId === undefined) return undefined
  if (!isRoot && parentSpanId === undefined) return undefined
  return { traceId, spanId, parentSpanId, ...content }
}

/** Reads a field that says which span it is; false when it is another field. */
function readContext(tag: number, reader: PbfReader, draft: Draft): boolean {
  switch (tag) {
    case 0x0a:
      draft.traceId = parseTraceId(readHex(reader))
      return true
    case 0x12:
      draft.spanId = parseSpanId(readHex(reader))
      return true
    case 0x1a:
      draft.traceState = readText(reader)
      return true
    case 0x22:
      draft.parent = readHex(reader)
      return true
    case 0x2a:
      draft.name = readText(reader)
      return true
    case 0x30:
      draft.kind = kinds[readInt32(reader)] ?? 'unspecified'
      return true
    case 0x39:
      draft.start = nanosOf(readFixed64(reader))
      return true
    case 0x41:
      draft.end = nanosOf(readFixed64(reader))
      return true
    case 0x85:
      draft.flags = reader.readFixed32()
      return true
    default:
      return false
  }
}

/** Reads a field that says what the span recorded; false when it is another field. */
function readContent(tag: number, reader: PbfReader, draft: Draft): boolean {
  switch (tag) {
    case 0x4a:
      readKeyValue(reader, draft.attributes, 0)
      return true
    case 0x50:
      draft.droppedAttributesCount = readUint32(reader)
      return true
    case 0x5a:
      draft.events.push(readEvent(reader))
      return true
    case 0x60:
      draft.droppedEventsCount = readUint32(reader)
      return true
    case 0x6a: {
      const link = readLink(reader)
      // a link to no span cannot be followed: it counts as dropped, so that checks on links stay open
      if (link === undefined) draft.droppedLinksCount += 1
      else draft.links.push(link)
      return true
    }
    case 0x70:
      draft.droppedLinksCount += readUint32(reader)
      return true
    case 0x7a:
      draft.status = readStatus(reader, draft.status)
      return true
    default:
      return false
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
