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
  const end = enter(cursor)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === 0x12) checkAnyValue(cursor, depth)
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
