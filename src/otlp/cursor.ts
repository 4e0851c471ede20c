import { malformed } from './wire.ts'

/** A place in protobuf bytes: the value of the field last found lies from `pos` to `valueEnd`. */
export interface Cursor {
  readonly bytes: Uint8Array
  pos: number
  valueEnd: number
}

/** A cursor before the first field that starts at `start`. */
export function cursorAt(bytes: Uint8Array, start: number): Cursor {
  return { bytes, pos: start, valueEnd: start }
}

/**
 * Moves to the next field before `end` and returns its tag, 0 at the end; whatever was not read of the value before is
 * jumped over. A value always lies before `end`; a Fault says where bytes are cut or malformed.
 */
export function nextField(cursor: Cursor, end: number): number {
  cursor.pos = cursor.valueEnd
  if (cursor.pos >= end) return 0
  const tag = readVarint(cursor, end)
  if (tag < 8 || tag > 0xffffffff) throw malformed('a field has no valid number')
  switch (tag & 7) {
    case 0:
      cursor.valueEnd = endOfVarint(cursor, end)
      break
    case 1:
      cursor.valueEnd = cursor.pos + 8
      break
    case 2: {
      const length = readVarint(cursor, end)
      cursor.valueEnd = cursor.pos + length
      break
    }
    case 5:
      cursor.valueEnd = cursor.pos + 4
      break
    default:
      throw malformed('a field has no valid wire type')
  }
  if (cursor.valueEnd > end) throw malformed('a field is cut short')
  return tag
}

/** Goes into the message that the cursor stands at; returns its end. */
export function enter(cursor: Cursor): number {
  const end = cursor.valueEnd
  cursor.valueEnd = cursor.pos
  return end
}

/** A varint up to 2^53; what is larger is only known to be large. */
export function readVarint(cursor: Cursor, end: number): number {
  const { bytes } = cursor
  const first = bytes[cursor.pos] ?? 0x80
  if (first < 0x80 && cursor.pos < end) {
    cursor.pos += 1
    return first
  }
  const last = endOfVarint(cursor, end)
  let value = 0
  for (let at = last - 1; at >= cursor.pos; at -= 1) value = value * 128 + ((bytes[at] ?? 0) & 0x7f)
  cursor.pos = last
  return value
}

function endOfVarint(cursor: Cursor, end: number): number {
  const limit = Math.min(cursor.pos + 10, end)
  for (let at = cursor.pos; at < limit; at += 1) {
    if ((cursor.bytes[at] ?? 0x80) < 0x80) return at + 1
  }
  throw malformed('a number is cut short')
}
