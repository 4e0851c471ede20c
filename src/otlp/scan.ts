import { type Cursor, cursorAt, enter, nextField, readVarint } from './cursor.ts'
import { checkAttributes, checkKeyValue } from './check.ts'
import { concat } from './concat.ts'

// All three signals have one shape: request { 1: resource group { 2: scope group { 2: item } } }.

/** A request taken apart without reading its items; every part is a view of the request's bytes or a copy of a few. */
export interface Envelope {
  readonly groups: readonly ResourceGroup[]
  /** Fields of the request that are no resource group. */
  readonly rest: Uint8Array
}

export interface ResourceGroup {
  /** The ResourceSpans (ResourceLogs, ResourceMetrics) message without its scope groups. */
  readonly rest: Uint8Array
  readonly scopes: readonly ScopeGroup[]
}

export interface ScopeGroup {
  /** The ScopeSpans (ScopeLogs, ScopeMetrics) message without its items. */
  readonly rest: Uint8Array
  /** Where each item starts and ends in the request, two numbers each. */
  readonly items: readonly number[]
}

const firstField = 0x0a
const secondField = 0x12

/** Takes an export request of any signal apart; a Fault TRACE_INVALID when it is none. */
export function scanRequest(bytes: Uint8Array): Envelope {
  const { rest, parts } = split(bytes, [0, bytes.length], firstField)
  const groups = pairs(parts).map((range): ResourceGroup => {
    const group = split(bytes, range, secondField)
    const scopes = pairs(group.parts).map((scopeRange): ScopeGroup => {
      const scope = split(bytes, scopeRange, secondField)
      return { rest: scope.rest, items: scope.parts }
    })
    return { rest: group.rest, scopes }
  })
  return { groups, rest }
}

type Range = readonly [start: number, end: number]

/** The values of the fields with one tag as ranges, and all other fields as they are. */
function split(
  bytes: Uint8Array,
  [start, end]: Range,
  wanted: number,
): { readonly rest: Uint8Array; readonly parts: readonly number[] } {
  const cursor = cursorAt(bytes, start)
  const parts: number[] = []
  const others: Uint8Array[] = []
  let fieldStart = start
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === wanted) parts.push(cursor.pos, cursor.valueEnd)
    else others.push(bytes.subarray(fieldStart, cursor.valueEnd))
    fieldStart = cursor.valueEnd
  }
  return { rest: concat(others), parts }
}

function pairs(flat: readonly number[]): readonly Range[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[index * 2] ?? 0,
    flat[index * 2 + 1] ?? 0,
  ])
}

/** Where the trace id of the Span message in `[start, end)` starts; -1 when there is none. */
export function traceIdAt(bytes: Uint8Array, start: number, end: number): number {
  const cursor = cursorAt(bytes, start)
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === 0x0a) return idAt(cursor, 16)
  }
  return -1
}

/** How many data points the Metric message in `[start, end)` has, of whichever kind. */
export function countDataPoints(bytes: Uint8Array, start: number, end: number): number {
  const cursor = cursorAt(bytes, start)
  let points = 0
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (dataTags.has(tag))
      points += split(bytes, [cursor.pos, cursor.valueEnd], firstField).parts.length / 2
  }
  return points
}

/** Gauge, sum, histogram, exponential histogram and summary. */
const dataTags: ReadonlySet<number> = new Set([0x2a, 0x3a, 0x4a, 0x52, 0x5a])

/** The searched columns of a Span message: offsets, lengths, and times in two 32-bit halves. */
export interface SpanColumns {
  traceId: number
  spanId: number
  /** -1 for a root. */
  parentId: number
  name: number
  nameLength: number
  status: number
  startHigh: number
  startLow: number
  endHigh: number
  endLow: number
}

/** Columns to be filled by `scanSpan`, again and again. */
export function emptyColumns(): SpanColumns {
  return {
    traceId: -1,
    spanId: -1,
    parentId: -1,
    name: 0,
    nameLength: 0,
    status: 0,
    startHigh: 0,
    startLow: 0,
    endHigh: 0,
    endLow: 0,
  }
}

/**
 * Fills the columns from a Span message and checks that all below it is well-formed; attributes are only measured. False when
 * the ids are not valid; a Fault TRACE_INVALID when it is no message.
 */
export function scanSpan(span: Uint8Array, row: SpanColumns): boolean {
  reset(row)
  const cursor = cursorAt(span, 0)
  let isValid = true
  for (let tag = nextField(cursor, span.length); tag !== 0; tag = nextField(cursor, span.length)) {
    switch (tag) {
      case 0x0a:
        // a span with two trace ids is none: it would belong to two traces
        isValid &&= row.traceId === -1
        row.traceId = idAt(cursor, 16)
        break
      case 0x12:
        row.spanId = idAt(cursor, 8)
        break
      case 0x22:
        row.parentId = idAt(cursor, 8)
        isValid &&= row.parentId !== -1 || isNoParent(cursor)
        break
      case 0x2a:
        row.name = cursor.pos
        row.nameLength = cursor.valueEnd - cursor.pos
        break
      case 0x39:
        row.startLow = readUint32(span, cursor.pos)
        row.startHigh = readUint32(span, cursor.pos + 4)
        break
      case 0x41:
        row.endLow = readUint32(span, cursor.pos)
        row.endHigh = readUint32(span, cursor.pos + 4)
        break
      case 0x4a:
        checkKeyValue(cursor, 0)
        break
      case 0x5a:
        checkAttributes(cursor, 0x1a)
        break
      case 0x6a:
        checkAttributes(cursor, 0x22)
        break
      case 0x7a:
        row.status = statusCode(cursor, row.status)
        break
    }
  }
  return isValid && row.traceId !== -1 && row.spanId !== -1
}

function reset(row: SpanColumns): void {
  row.traceId = row.spanId = row.parentId = -1
  row.name = row.nameLength = row.status = 0
  row.startHigh = row.startLow = row.endHigh = row.endLow = 0
}

/** Where the id at the cursor starts; -1 when it is of another length or all zero. */
function idAt(cursor: Cursor, length: number): number {
  if (cursor.valueEnd - cursor.pos !== length) return -1
  for (let at = cursor.pos; at < cursor.valueEnd; at += 1) {
    if (cursor.bytes[at] !== 0) return cursor.pos
  }
  return -1
}

/** Nothing, or the zeros in which some senders write that there is no parent. */
function isNoParent(cursor: Cursor): boolean {
  const length = cursor.valueEnd - cursor.pos
  return length === 0 || (length === 8 && idAt(cursor, 8) === -1)
}

function readUint32(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0]
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}

function statusCode(cursor: Cursor, before: number): number {
  const end = enter(cursor)
  let code = before
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    if (tag === 0x18) code = readVarint(cursor, end)
  }
  return code
}
