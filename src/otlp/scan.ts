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
    if (tag === 0x0a) return isId(bytes, cursor.pos, cursor.valueEnd, 16) ? cursor.pos : -1
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

/** The searched columns of a Span message: offsets from its start, lengths, and times in two 32-bit halves. */
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
 * Fills the columns from the Span message in `[start, end)` and checks that all below it is well-formed; attributes are only
 * measured. False when the ids are not valid; a Fault TRACE_INVALID when it is no message.
 */
export function scanSpan(bytes: Uint8Array, start: number, end: number, row: SpanColumns): boolean {
  reset(row)
  const cursor = cursorAt(bytes, start)
  let isValid = true
  for (let tag = nextField(cursor, end); tag !== 0; tag = nextField(cursor, end)) {
    const { pos, valueEnd } = cursor
    switch (tag) {
      case 0x0a:
        // a span with two trace ids is none: it would belong to two traces
        isValid &&= row.traceId === -1
        row.traceId = isId(bytes, pos, valueEnd, 16) ? pos - start : -1
        break
      case 0x12:
        row.spanId = isId(bytes, pos, valueEnd, 8) ? pos - start : -1
        break
      case 0x22:
        row.parentId = isId(bytes, pos, valueEnd, 8) ? pos - start : -1
        // zeros are how some senders write that there is no parent
        isValid &&= row.parentId !== -1 || pos === valueEnd || isZero8(bytes, pos, valueEnd)
        break
      case 0x2a:
        row.name = pos - start
        row.nameLength = valueEnd - pos
        break
      case 0x39:
        row.startLow = readUint32(bytes, pos)
        row.startHigh = readUint32(bytes, pos + 4)
        break
      case 0x41:
        row.endLow = readUint32(bytes, pos)
        row.endHigh = readUint32(bytes, pos + 4)
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

function isId(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  if (end - start !== length) return false
  for (let at = start; at < end; at += 1) if (bytes[at] !== 0) return true
  return false
}

function isZero8(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 8 && !isId(bytes, start, end, 8)
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
