import { PbfWriter } from 'pbf'
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from '../trace/span.ts'
import { tracesData } from './schema.ts'
import { messageToJson } from './to-json.ts'
import { writeFixed64, writeInt64, writeText } from './write.ts'

/**
 * Spans as an ExportTraceServiceRequest (which a TracesData message equals) in protobuf, grouped by resource and scope in
 * the order of their first span.
 */
export function encodeTraces(spans: readonly Span[]): Uint8Array {
  const writer = new PbfWriter()
  for (const [resource, members] of Map.groupBy(spans, (span) => span.resource)) {
    writer.writeMessage(1, writeResourceSpans, { resource, members })
  }
  return writer.finish()
}

/** Spans as the OTLP JSON text of the same request. */
export function encodeTracesJson(spans: readonly Span[]): string {
  return messageToJson(encodeTraces(spans), tracesData)
}

interface ResourceMembers {
  readonly resource: Resource
  readonly members: readonly Span[]
}

function writeResourceSpans({ resource, members }: ResourceMembers, writer: PbfWriter): void {
  writer.writeMessage(1, writeResource, resource)
  for (const [scope, spans] of Map.groupBy(members, (span) => span.scope)) {
    writer.writeMessage(2, writeScopeSpans, { scope, spans })
  }
  writeString(writer, 3, resource.schemaUrl)
}

function writeResource(resource: Resource, writer: PbfWriter): void {
  writeAttributes(writer, 1, resource.attributes)
  writeCount(writer, 2, resource.droppedAttributesCount)
}

interface ScopeMembers {
  readonly scope: Scope
  readonly spans: readonly Span[]
}

function writeScopeSpans({ scope, spans }: ScopeMembers, writer: PbfWriter): void {
  writer.writeMessage(1, writeScope, scope)
  for (const span of spans) writer.writeMessage(2, writeSpan, span)
  writeString(writer, 3, scope.schemaUrl)
}

function writeScope(scope: Scope, writer: PbfWriter): void {
  writeString(writer, 1, scope.name)
  writeString(writer, 2, scope.version)
  writeAttributes(writer, 3, scope.attributes)
  writeCount(writer, 4, scope.droppedAttributesCount)
}

const kindNumbers: Readonly<Record<SpanKind, number>> = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
}
const statusNumbers: Readonly<Record<StatusCode, number>> = { unset: 0, ok: 1, error: 2 }

function writeSpan(span: Span, writer: PbfWriter): void {
  writeId(writer, 1, span.traceId)
  writeId(writer, 2, span.spanId)
  writeString(writer, 3, span.traceState)
  writeId(writer, 4, span.parentSpanId ?? '')
  writeString(writer, 5, span.name)
  writeCount(writer, 6, kindNumbers[span.kind])
  writeTime(writer, 7, span.start)
  writeTime(writer, 8, span.end)
  writeAttributes(writer, 9, span.attributes)
  writeCount(writer, 10, span.droppedAttributesCount)
  for (const event of span.events) writer.writeMessage(11, writeEvent, event)
  writeCount(writer, 12, span.droppedEventsCount)
  for (const link of span.links) writer.writeMessage(13, writeLink, link)
  writeCount(writer, 14, span.droppedLinksCount)
  writer.writeMessage(15, writeStatus, span.status)
  writeFlags(writer, 16, span.flags)
}

function writeEvent(event: SpanEvent, writer: PbfWriter): void {
  writeTime(writer, 1, event.time)
  writeString(writer, 2, event.name)
  writeAttributes(writer, 3, event.attributes)
  writeCount(writer, 4, event.droppedAttributesCount)
}

function writeLink(link: SpanLink, writer: PbfWriter): void {
  writeId(writer, 1, link.traceId)
  writeId(writer, 2, link.spanId)
  writeString(writer, 3, link.traceState)
  writeAttributes(writer, 4, link.attributes)
  writeCount(writer, 5, link.droppedAttributesCount)
  writeFlags(writer, 6, link.flags)
}

function writeStatus(status: Span['status'], writer: PbfWriter): void {
  writeString(writer, 2, status.message)
  writeCount(writer, 3, statusNumbers[status.code])
}

function writeAttributes(writer: PbfWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of attributes) writer.writeMessage(field, writeKeyValue, { key, value })
}

interface KeyValue {
  readonly key: string
  readonly value: AttributeValue
}

function writeKeyValue({ key, value }: KeyValue, writer: PbfWriter): void {
  writeString(writer, 1, key)
  writer.writeMessage(2, writeAnyValue, value)
}

/** A member of a oneof is written even when it is the default of its type. */
function writeAnyValue(value: AttributeValue, writer: PbfWriter): void {
  if (value === null) return
  if (typeof value === 'string') {
    writer.writeTag(1, 2)
    writeText(writer, value)
  } else if (typeof value === 'boolean') {
    writer.writeBooleanField(2, value)
  } else if (typeof value === 'bigint') {
    writer.writeTag(3, 0)
    writeInt64(writer, value)
  } else if (typeof value === 'number') {
    writer.writeDoubleField(4, value)
  } else if (value instanceof Uint8Array) {
    writer.writeBytesField(7, value)
  } else if (isMap(value)) {
    writer.writeMessage(6, (map: Attributes, inner) => writeAttributes(inner, 1, map), value)
  } else {
    writer.writeMessage(5, writeArray, value)
  }
}

function isMap(value: Attributes | readonly AttributeValue[]): value is Attributes {
  return value instanceof Map
}

function writeArray(values: readonly AttributeValue[], writer: PbfWriter): void {
  for (const value of values) writer.writeMessage(1, writeAnyValue, value)
}

function writeString(writer: PbfWriter, field: number, text: string): void {
  if (text === '') return
  writer.writeTag(field, 2)
  writeText(writer, text)
}

function writeId(writer: PbfWriter, field: number, hex: string): void {
  if (hex === '') return
  const bytes = Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16),
  )
  writer.writeBytesField(field, Uint8Array.from(bytes))
}

function writeCount(writer: PbfWriter, field: number, count: number): void {
  if (count !== 0) writer.writeVarintField(field, count)
}

function writeTime(writer: PbfWriter, field: number, time: bigint): void {
  if (time === 0n) return
  writer.writeTag(field, 1)
  writeFixed64(writer, time)
}

function writeFlags(writer: PbfWriter, field: number, flags: number): void {
  if (flags !== 0) writer.writeFixed32Field(field, flags)
}
