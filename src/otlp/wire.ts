import type { PbfReader } from 'pbf'
import { Fault } from '../trace/fault.ts'

/** How deep values may lie in values; as much as protobuf's own parsers bear in messages. */
export const maxValueDepth = 100

/** The bytes are no protobuf of the expected kind. */
export function malformed(what: string): Fault {
  return new Fault('TRACE_INVALID', `not OTLP protobuf: ${what}`)
}

/** A value lies deeper in values than `maxValueDepth`. */
export function tooDeep(): Fault {
  return new Fault('TRACE_INVALID', `values are nested more than ${maxValueDepth} levels deep`)
}

/**
 * The tag (field number and wire type) of the next field before `end`, 0 at the end. The value behind it is known to lie
 * before `end`, so pbf's unchecked readers may be used on it. Throws a Fault where the bytes are cut or malformed.
 */
export function nextTag(reader: PbfReader, end: number): number {
  if (reader.pos >= end) return 0
  checkVarint(reader, end)
  const tag = reader.readVarint()
  if (tag < 8 || tag > 0xffffffff) throw malformed('a field has no valid number')
  checkValue(reader, tag & 7, end)
  return tag
}

function checkValue(reader: PbfReader, wireType: number, end: number): void {
  switch (wireType) {
    case 0:
      return checkVarint(reader, end)
    case 1:
      return checkRoom(reader.pos + 8, end)
    case 2: {
      checkVarint(reader, end)
      const start = reader.pos
      const length = reader.readVarint()
      checkRoom(reader.pos + length, end)
      reader.pos = start
      return
    }
    case 5:
      return checkRoom(reader.pos + 4, end)
    default:
      throw malformed('a field has no valid wire type')
  }
}

function checkVarint(reader: PbfReader, end: number): void {
  const last = Math.min(reader.pos + 10, end)
  for (let at = reader.pos; at < last; at += 1) if ((reader.buf[at] ?? 0xff) < 0x80) return
  throw malformed('a number is cut short')
}

function checkRoom(valueEnd: number, end: number): void {
  if (valueEnd > end) throw malformed('a field is cut short')
}

/** Where the length-delimited value ends that starts here; moves behind its length. */
export function readEnd(reader: PbfReader): number {
  const length = reader.readVarint()
  return reader.pos + length
}

/** The bytes of the length-delimited value; a view, not a copy. */
export function readView(reader: PbfReader): Uint8Array {
  return reader.readBytes()
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Text as it is; bytes that are no UTF-8 become U+FFFD. */
export function readText(reader: PbfReader): string {
  return utf8.decode(reader.readBytes())
}

/** A fixed64 as two halves, for no double holds today's nanoseconds. */
export function readFixed64(reader: PbfReader): bigint {
  const low = reader.readFixed32()
  const high = reader.readFixed32()
  return (BigInt(high) << 32n) | BigInt(low)
}

/** An int64 with all its digits. */
export function readInt64(reader: PbfReader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.buf[reader.pos++] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return BigInt.asIntN(64, value)
}

/** A uint32; a wider number loses its upper bits, as protobuf says. */
export function readUint32(reader: PbfReader): number {
  return Number(BigInt.asUintN(32, readInt64(reader)))
}

/** An enum's int32. */
export function readInt32(reader: PbfReader): number {
  return Number(BigInt.asIntN(32, readInt64(reader)))
}
