import { Fault } from '../trace/fault.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import type { TraceQuery } from '../trace/query.ts'

/** A trace of one run that meets a query. A trace id that several runs saw is found once for each. */
export interface FoundTrace {
  readonly start: bigint
  readonly traceId: TraceId
  /** Of its row, which tells apart what is equal in all else. */
  readonly number: bigint
  /** Empty for what came without a run. */
  readonly run: string
}

/** A place in the order of answers: by start, newest first, then by id and number. */
export type Place = Pick<FoundTrace, 'start' | 'traceId' | 'number'>

/** Whether what the columns of a span hold decides all that is asked. */
export function columnsDecide({ attributes = [], status }: TraceQuery): boolean {
  return attributes.length === 0 && (status === undefined || status === 'error')
}

/** Names the place after a trace, wherever later ones are put. */
function cursorOf({ start, traceId, number }: Place): string {
  return `${start}-${traceId}-${number}`
}

/** The place that a cursor names; undefined without one. A Fault USAGE for what is no cursor of a store. */
export function placeOf({ cursor }: TraceQuery): Place | undefined {
  if (cursor === undefined) return undefined
  const [, start = '', id = '', number = ''] =
    /^(\d{1,19})-([0-9a-f]{32})-(\d{1,15})$/.exec(cursor) ?? []
  const traceId = parseTraceId(id)
  if (traceId === undefined) {
    throw new Fault('USAGE', 'the cursor is not one that an answer to this search gave', {
      hint: 'leave it out for the first page',
    })
  }
  return { start: BigInt(start), traceId, number: BigInt(number) }
}

/** Whether a trace comes after a place. */
export function isAfter(found: Place, place: Place): boolean {
  if (found.start !== place.start) return found.start < place.start
  if (found.traceId !== place.traceId) return found.traceId > place.traceId
  return found.number > place.number
}

/** One more than is shown tells whether anything comes after. */
export function pageOf<Found extends FoundTrace>(
  found: readonly Found[],
  limit: number,
): { readonly shown: readonly Found[]; readonly cursor: string | undefined } {
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = found.length > shown.length && last !== undefined
  return { shown, cursor: hasMore ? cursorOf(last) : undefined }
}

const largest = 2n ** 63n - 1n

/** What a column can be compared with. */
export function within64Bits(value: bigint): bigint {
  if (value > largest) return largest
  return value < -largest ? -largest : value
}
