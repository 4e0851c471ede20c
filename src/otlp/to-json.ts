import { PbfReader } from 'pbf'
import { base64Text, hexText } from './scalars.ts'
import { anyValue, type Field, type Message, type Scalar, wireTypes } from './schema.ts'
import {
  malformed,
  maxValueDepth,
  nextTag,
  readEnd,
  readFixed64,
  readInt32,
  readInt64,
  readText,
  readUint32,
  readView,
  tooDeep,
} from './wire.ts'

/**
 * The OTLP JSON text of a protobuf message, on one line; what is a default is left out. Fields that the message does not
 * have cannot be said in JSON and are left out too. Throws a Fault TRACE_INVALID on bytes that are no such message.
 */
export function messageToJson(bytes: Uint8Array, message: Message): string {
  return messageText(bytes, message, 0)
}

function messageText(bytes: Uint8Array, message: Message, depth: number): string {
  if (depth > maxValueDepth) throw tooDeep()
  const found = membersOf(bytes, message)
  const members = [...message].flatMap(([name, field]) => {
    const values = found.get(field.number)
    return values === undefined
      ? []
      : [`${JSON.stringify(name)}:${memberText(field, values, depth)}`]
  })
  return `{${members.join(',')}}`
}

type Value = string | Uint8Array

/** The values of each known field in the order they came: submessages as bytes, all else as JSON text. */
function membersOf(bytes: Uint8Array, message: Message): ReadonlyMap<number, readonly Value[]> {
  const fields = new Map([...message.values()].map((field) => [field.number, field]))
  const found = new Map<number, Value[]>()
  const reader = new PbfReader(bytes)
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    const field = fields.get(tag >>> 3)
    if (field === undefined || !isReadable(field, tag & 7)) {
      reader.skip(tag)
      continue
    }
    const values = found.get(field.number) ?? []
    found.set(field.number, values)
    for (const value of valuesOf(reader, field.type, tag & 7)) values.push(value)
  }
  return found
}

/** A number may stand alone or packed with others, whichever the sender chose. */
function isReadable(field: Field, wireType: number): boolean {
  if (typeof field.type === 'function') return wireType === 2
  return wireTypes[field.type] === wireType || (field.isRepeated && wireType === 2)
}

function valuesOf(reader: PbfReader, type: Field['type'], wireType: number): readonly Value[] {
  if (typeof type === 'function') return [readView(reader)]
  if (wireType !== 2 || wireTypes[type] === 2) return [scalarText(reader, type)]
  const end = readEnd(reader)
  const values: Value[] = []
  while (reader.pos < end) values.push(scalarText(reader, type))
  if (reader.pos !== end) throw malformed('packed numbers are cut short')
  return values
}

function memberText(field: Field, values: readonly Value[], depth: number): string {
  const { type } = field
  if (typeof type !== 'function') {
    return field.isRepeated ? `[${values.join(',')}]` : String(values.at(-1))
  }
  const message = type()
  const inner = message === anyValue ? depth + 1 : depth
  const parts = values.filter((value) => value instanceof Uint8Array)
  if (field.isRepeated) {
    return `[${parts.map((part) => messageText(part, message, inner)).join(',')}]`
  }
  // a message that came in parts is one message
  return messageText(parts.length === 1 ? (parts[0] ?? joined([])) : joined(parts), message, inner)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function scalarText(reader: PbfReader, type: Scalar): string {
  switch (type) {
    case 'string':
      return JSON.stringify(readText(reader))
    case 'bytes':
      return `"${base64Text(readView(reader))}"`
    case 'id':
      return `"${hexText(readView(reader))}"`
    case 'bool':
      return String(readInt64(reader) !== 0n)
    case 'enum':
    case 'int32':
      return String(readInt32(reader))
    case 'sint32':
      return String(reader.readSVarint())
    case 'uint32':
      return String(readUint32(reader))
    case 'fixed32':
      return String(reader.readFixed32())
    case 'int64':
      return `"${readInt64(reader)}"`
    case 'uint64':
      return `"${BigInt.asUintN(64, readInt64(reader))}"`
    case 'fixed64':
      return `"${readFixed64(reader)}"`
    case 'sfixed64':
      return `"${BigInt.asIntN(64, readFixed64(reader))}"`
    case 'double':
      return doubleText(reader.readDouble())
  }
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? String(value) : `"${value}"`
}
