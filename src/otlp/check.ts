import { type Cursor, cursorAt, enter, nextField } from './cursor.ts'
import { anyValue, type Message } from './schema.ts'
import { maxValueDepth, tooDeep } from './wire.ts'

// What is kept as bytes is checked when it arrives, so that it can be decoded when it is read.

/** Checks that bytes are a message of this kind, down to its last field; a Fault TRACE_INVALID when they are not. */
export function checkMessage(bytes: Uint8Array, message: Message): void {
  const cursor = cursorAt(bytes, 0)
  cursor.valueEnd = bytes.length
  check(cursor, message, 0)
}

function check(cursor: Cursor, message: Message, depth: number): void {
  if (depth > maxValueDepth) throw tooDeep()
  const inner = submessagesOf(message)
  const end = enter(cursor)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    const type = inner.get(tag)
    if (type !== undefined) check(cursor, type, type === anyValue ? depth + 1 : depth)
  }
}

const submessages = new WeakMap<Message, ReadonlyMap<number, Message>>()

/** The submessages of a message by their tags. */
function submessagesOf(message: Message): ReadonlyMap<number, Message> {
  const known = submessages.get(message)
  if (known !== undefined) return known
  const found = new Map(
    [...message.values()].flatMap(({ number, type }) =>
      typeof type === 'function' ? [[number * 8 + 2, type()] as const] : [],
    ),
  )
  submessages.set(message, found)
  return found
}

/** The same for one KeyValue at the cursor, by hand, for spans are full of them. */
export function checkKeyValue(cursor: Cursor, depth: number): void {
  if (isPlain(cursor.bytes, cursor.pos, cursor.valueEnd)) return
  const end = enter(cursor)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === 0x12) checkAnyValue(cursor, depth)
  }
}

/** Whether this is a short key and a short text, boolean, integer or double, as nearly all are; those need no descent. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  const keyLength = bytes[start + 1] ?? 0x80
  const value = start + 2 + keyLength
  const valueLength = bytes[value + 1] ?? 0x80
  if (keyLength > 0x7f || valueLength > 0x7f || valueLength < 2) return false
  if (bytes[start] !== 0x0a || bytes[value] !== 0x12 || value + 2 + valueLength !== end)
    return false
  const first = bytes[value + 3] ?? 0x80
  switch (bytes[value + 2] ?? 0) {
    case 0x0a:
      return first === valueLength - 2
    case 0x10:
    case 0x18:
      return first < 0x80
        ? valueLength === 2
        : valueLength === 3 && (bytes[value + 4] ?? 0x80) < 0x80
    case 0x21:
      return valueLength === 9
    default:
      return false
  }
}

function checkAnyValue(cursor: Cursor, depth: number): void {
  if (depth >= maxValueDepth) throw tooDeep()
  const end = enter(cursor)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === 0x2a) checkValues(cursor, checkAnyValue, depth + 1)
    else if (tag === 0x32) checkValues(cursor, checkKeyValue, depth + 1)
  }
}

function checkValues(
  cursor: Cursor,
  checkOne: (cursor: Cursor, depth: number) => void,
  depth: number,
): void {
  const end = enter(cursor)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === 0x0a) checkOne(cursor, depth)
  }
}

/** The same for a message at the cursor whose attributes have this tag and that has no other messages. */
export function checkAttributes(cursor: Cursor, attributesTag: number): void {
  const end = enter(cursor)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === attributesTag) checkKeyValue(cursor, 0)
  }
}
