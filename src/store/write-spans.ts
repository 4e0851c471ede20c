import type { DatabaseSync } from 'node:sqlite'
import { emptyColumns, scanRequest, scanSpan, type SpanColumns, traceIdAt } from '../otlp/scan.ts'
import type { Accepted } from '../trace/ports.ts'
import { groupKeeper, type KeptScope } from './groups.ts'
import { bytesOf, numberOf } from './row.ts'
import { idsPerTrace } from './tables.ts'

/** Keeps an export request under a run; a Fault TRACE_INVALID when it is none. Not a transaction of its own. */
export type WriteRequest = (request: Buffer, run: string) => Accepted

/** Prepares the writing of spans, trace by trace, so that the rows of a trace are written side by side. */
export function spanWriter(database: DatabaseSync): WriteRequest {
  const keepGroups = groupKeeper(database)
  const keepTrace = traceKeeper(database)
  return (request, run) => {
    const { byTrace, withoutTrace } = sortByTrace(request, keepGroups(scanRequest(request), run))
    let [stored, rejected] = [0, withoutTrace]
    for (const [traceId, places] of byTrace) {
      const kept = keepTrace({ request, run, traceId: Buffer.from(traceId, 'latin1'), places })
      stored += kept.stored
      rejected += kept.rejected
    }
    const message = rejected === 0 ? '' : `${rejected} spans have no valid ids and are not kept`
    return { stored, rejected, message }
  }
}

interface SortedSpans {
  /** By the bytes of the trace id as a binary string: scope id, start and end of each span. */
  readonly byTrace: ReadonlyMap<string, readonly number[]>
  readonly withoutTrace: number
}

function sortByTrace(request: Buffer, scopes: readonly KeptScope[]): SortedSpans {
  const byTrace = new Map<string, number[]>()
  let withoutTrace = 0
  for (const { id, items } of scopes) {
    for (let item = 0; item < items.length; item += 2) {
      const [start, end] = [items[item] ?? 0, items[item + 1] ?? 0]
      const at = traceIdAt(request, start, end)
      if (at === -1) {
        withoutTrace += 1
        continue
      }
      const traceId = request.toString('latin1', at, at + 16)
      const places = byTrace.get(traceId)
      if (places === undefined) byTrace.set(traceId, [id, start, end])
      else places.push(id, start, end)
    }
  }
  return { byTrace, withoutTrace }
}

interface TracePart {
  readonly request: Buffer
  readonly run: string
  readonly traceId: Uint8Array
  readonly places: readonly number[]
}

const latestHigh = 0x7fffffff

function traceKeeper(
  database: DatabaseSync,
): (part: TracePart) => { readonly stored: number; readonly rejected: number } {
  const findTrace = database.prepare('SELECT number FROM traces WHERE trace_id = ? AND run = ?')
  const lastTrace = database.prepare('SELECT coalesce(max(number), 0) AS number FROM traces')
  const addTrace = database.prepare(
    'INSERT INTO traces (number, trace_id, run, start, spans) VALUES (?, ?, ?, (? << 32) | ?, ?)',
  )
  const updateTrace = database.prepare(
    'UPDATE traces SET spans = spans + ?, start = min(start, (? << 32) | ?) WHERE number = ?',
  )
  const keepSpan = spanKeeper(database)
  const row = emptyColumns()

  return ({ request, run, traceId, places }) => {
    const known = findTrace.get(traceId, run)
    const number =
      known === undefined
        ? numberOf(lastTrace.get() ?? {}, 'number') + 1
        : numberOf(known, 'number')
    let [stored, added, rejected, high, low] = [0, 0, 0, latestHigh, 0xffffffff]
    for (let place = 0; place < places.length; place += 3) {
      const [scope, start, end] = [
        places[place] ?? 0,
        places[place + 1] ?? 0,
        places[place + 2] ?? 0,
      ]
      const span = request.subarray(start, end)
      const kept = scanSpan(span, row) ? keepSpan(span, row, { scope, number }) : 'no room'
      if (kept === 'no room') {
        rejected += 1
        continue
      }
      stored += 1
      if (kept === 'added') added += 1
      if (row.startHigh < high || (row.startHigh === high && row.startLow < low)) {
        high = row.startHigh
        low = row.startLow
      }
    }
    if (known !== undefined) updateTrace.run(added, high, low, number)
    else if (stored > 0) addTrace.run(number, traceId, run, high, low, added)
    return { stored, rejected }
  }
}

type Kept = 'added' | 'known' | 'no room'
type KeepSpan = (
  bytes: Buffer,
  row: SpanColumns,
  owner: { readonly scope: number; readonly number: number },
) => Kept

function spanKeeper(database: DatabaseSync): KeepSpan {
  const insert = database.prepare(
    `INSERT OR IGNORE INTO spans (id, scope, is_root, is_error, start, duration, name, bytes)
     VALUES (?, ?, ?, ?, (? << 32) | ?, ?, CAST(? AS TEXT), ?)`,
  )
  const find = database.prepare('SELECT scope, bytes FROM spans WHERE id = ?')

  return (bytes, row, { scope, number }) => {
    const high = Math.min(row.startHigh, latestHigh)
    const duration = (row.endHigh - row.startHigh) * 2 ** 32 + row.endLow - row.startLow
    const name = bytes.subarray(row.name, row.name + row.nameLength)
    const first = number * idsPerTrace
    let id = first + slotOf(bytes, row)
    for (let attempt = 0; id < first + idsPerTrace; attempt += 1) {
      const { changes } = insert.run(
        id,
        scope,
        row.parentId === -1 ? 1 : 0,
        row.status === 2 ? 1 : 0,
        high,
        row.startLow,
        clamp(duration),
        name,
        bytes,
      )
      if (Number(changes) === 1) return 'added'
      const other = find.get(id) ?? {}
      if (numberOf(other, 'scope') === scope && bytes.equals(bytesOf(other, 'bytes')))
        return 'known'
      id = attempt === 0 ? first + contentSlotOf(bytes, scope) : id + 1
    }
    return 'no room'
  }
}

function clamp(duration: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, duration))
}

/** 21 bits of the span's id, times and length, at small cost: a retry comes to its own slot, and others rarely do. */
function slotOf(bytes: Buffer, row: SpanColumns): number {
  let hash = Math.imul(bytes.readInt32LE(row.spanId), 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15) ^ bytes.readInt32LE(row.spanId + 4), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ row.startLow, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16) ^ row.endLow, 0x27d4eb2f)
  return (hash ^ (hash >>> 15) ^ bytes.length) >>> 11
}

/** 21 bits of the whole content, for spans that share id, times and length. */
function contentSlotOf(bytes: Buffer, scope: number): number {
  let hash = scope
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 11
}
