import { PbfWriter } from 'pbf'
import { Fault } from '../trace/fault.ts'
import type { Signal } from '../trace/ports.ts'
import { type Json, type JsonObject, parseJsonDocuments } from './json-text.ts'
import { base64Bytes, doubleOf, idOf, integerOf, misfit, type Reading } from './scalars.ts'
import {
  anyValue,
  type Field,
  logsData,
  type Message,
  metricsData,
  type Scalar,
  tracesData,
  wireTypes,
} from './schema.ts'
import { maxValueDepth, tooDeep } from './wire.ts'
import { writeFixed64, writeInt64, writeText } from './write.ts'

/** The message that a request for each signal is. */
export const requestOf: Readonly<Record<Signal, Message>> = {
  traces: tracesData,
  logs: logsData,
  metrics: metricsData,
}

/** An OTLP/HTTP request in JSON as the same request in protobuf; a Fault TRACE_INVALID when it is none. */
export function requestFromJson(text: string, signal: Signal): Uint8Array {
  const documents = parseJsonDocuments(text)
  const [json, second] = documents
  if (second !== undefined || !isObject(json)) {
    throw new Fault('TRACE_INVALID', 'not OTLP JSON: a request is one JSON object')
  }
  return messageFromJson(json, requestOf[signal], 'strict')
}

/** A JSON object as the protobuf bytes of a message; fields that the message does not have are ignored. */
export function messageFromJson(json: JsonObject, message: Message, reading: Reading): Uint8Array {
  const writer = new PbfWriter()
  writeFields(json, { message, reading, depth: 0 }, writer)
  return writer.finish()
}

interface Place {
  readonly message: Message
  readonly reading: Reading
  /** How many values it lies in. */
  readonly depth: number
}

function writeFields(json: JsonObject, place: Place, writer: PbfWriter): void {
  if (place.depth > maxValueDepth) throw tooDeep()
  for (const [name, field] of place.message) {
    const value = memberOf(json, name, place.reading === 'lenient' ? field : undefined)
    if (value === undefined || value === null) continue
    if (field.isRepeated) writeList(value, { name, field, place, writer })
    else writeField(value, { name, field, place, writer })
  }
}

/** Files may also use the names of the proto files and those of older versions. */
function memberOf(json: JsonObject, name: string, lenient: Field | undefined): Json | undefined {
  const value = json[name]
  if (value !== undefined || lenient === undefined) return value
  const snake = json[snakeCase(name)]
  if (snake !== undefined || lenient.oldName === undefined) return snake
  return json[lenient.oldName] ?? json[snakeCase(lenient.oldName)]
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

interface Target {
  readonly name: string
  readonly field: Field
  readonly place: Place
  readonly writer: PbfWriter
}

function writeList(values: Json, target: Target): void {
  if (!isArray(values)) throw misfit(target.name, 'an array')
  const { type, number } = target.field
  if (typeof type === 'function' || type === 'string') {
    for (const value of values) writeField(value, target)
    return
  }
  // proto3 packs repeated numbers
  if (values.length === 0) return
  target.writer.writeMessage(
    number,
    (numbers: readonly Json[], writer) => {
      for (const value of numbers) writeScalar(value, type, { ...target, writer })
    },
    values,
  )
}

function writeField(value: Json, target: Target): void {
  const { writer } = target
  const { number, type, hasPresence } = target.field
  if (typeof type === 'function') return writeSubmessage(value, type(), target)
  const at = writer.pos
  writer.writeTag(number, wireTypes[type])
  const afterTag = writer.pos
  writeScalar(value, type, target)
  if (!hasPresence && !target.field.isRepeated && isZero(writer.buf, afterTag, writer.pos)) {
    writer.pos = at
  }
}

/** The default of every scalar type is written in zero bytes, and no other value is. */
function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false
  return true
}

function writeSubmessage(value: Json, message: Message, target: Target): void {
  const { field, place, name, writer } = target
  if (!isObject(value)) throw misfit(name, 'an object')
  const depth = message === anyValue ? place.depth + 1 : place.depth
  writer.writeMessage(
    field.number,
    (json: JsonObject, inner) =>
      writeFields(json, { message, reading: place.reading, depth }, inner),
    value,
  )
}

const int32 = [-(2n ** 31n), 2n ** 31n - 1n] as const
const uint32 = [0n, 2n ** 32n - 1n] as const
const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const
const uint64 = [0n, 2n ** 64n - 1n] as const

function writeScalar(json: Json, type: Scalar, target: Target): void {
  const { name, writer } = target
  switch (type) {
    case 'string':
      if (typeof json !== 'string') throw misfit(name, 'a string')
      return writeText(writer, json)
    case 'bytes': {
      const bytes = typeof json === 'string' ? base64Bytes(json) : undefined
      if (bytes === undefined) throw misfit(name, 'base64')
      return writer.writeBytes(bytes)
    }
    case 'id':
      return writer.writeBytes(idOf(json, name === 'traceId' ? 16 : 8, target.place.reading))
    case 'bool':
      if (typeof json !== 'boolean') throw misfit(name, 'true or false')
      return writer.writeVarint(json ? 1 : 0)
    case 'enum':
      return writeInt64(writer, enumOf(json, target))
    case 'int32':
      return writeInt64(writer, integerOf(json, name, int32))
    case 'sint32':
      return writer.writeSVarint(Number(integerOf(json, name, int32)))
    case 'uint32':
      return writeInt64(writer, integerOf(json, name, uint32))
    case 'fixed32':
      return writer.writeFixed32(Number(integerOf(json, name, uint32)))
    case 'int64':
      return writeInt64(writer, integerOf(json, name, int64))
    case 'uint64':
      return writeInt64(writer, integerOf(json, name, uint64))
    case 'fixed64':
      return writeFixed64(writer, integerOf(json, name, uint64))
    case 'sfixed64':
      return writeFixed64(writer, integerOf(json, name, int64))
    case 'double':
      return writer.writeDouble(doubleOf(json, name))
  }
}

/** Enums are numbers in OTLP JSON; Tempo writes their names. */
function enumOf(json: Json, { name, field, place }: Target): bigint {
  if (place.reading === 'strict' && typeof json === 'string') throw misfit(name, 'a number')
  const known = typeof json === 'string' ? (field.enumNames?.indexOf(json) ?? -1) : -1
  return known >= 0 ? BigInt(known) : integerOf(json, name, int32)
}

/** Whether a JSON value is an object. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !isArray(json)
}

/** Whether a JSON value is an array. */
export function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
