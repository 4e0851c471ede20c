import {
  emptyColumns,
  scanSpan,
  traceIdAt,
  type Envelope,
  type SpanColumns,
} from '../../otlp/scan.ts'
import { digestOf } from './groups.ts'

/** The spans of a request as columns; places are offsets in the request. */
export interface SpanBatch {
  readonly spans: readonly SpanRow[]
  /** How many have no valid ids. */
  readonly rejected: number
}

export interface SpanRow {
  /** The trace id in hex. */
  readonly trace: string
  /** The number of its scope group among those that have items. */
  readonly scope: number
  readonly digest: Buffer
  readonly isError: boolean
  readonly start: bigint
  readonly duration: number
  readonly nameAt: number
  readonly nameLength: number
  readonly at: number
  readonly length: number
}

/** Reads what is searched for of every span; a Fault TRACE_INVALID when one is none. */
export function spanBatch(request: Buffer, { groups }: Envelope): SpanBatch {
  const scopes = groups.flatMap((group) => group.scopes.filter(({ items }) => items.length > 0))
  const columns = emptyColumns()
  const spans: SpanRow[] = []
  let rejected = 0
  for (const [scope, { items }] of scopes.entries()) {
    for (let item = 0; item < items.length; item += 2) {
      const [start = 0, end = 0] = [items[item], items[item + 1]]
      const traceAt = traceIdAt(request, start, end)
      const bytes = request.subarray(start, end)
      if (traceAt === -1 || !scanSpan(bytes, columns)) {
        rejected += 1
        continue
      }
      const trace = request.toString('hex', traceAt, traceAt + 16)
      spans.push({
        trace,
        scope,
        at: start,
        length: end - start,
        ...valuesOf(bytes, columns, start),
      })
    }
  }
  return { spans, rejected }
}

const latest = 2n ** 63n - 1n

function valuesOf(
  bytes: Buffer,
  columns: SpanColumns,
  at: number,
): Omit<SpanRow, 'trace' | 'scope' | 'at' | 'length'> {
  const start = (BigInt(columns.startHigh) << 32n) | BigInt(columns.startLow)
  const duration =
    (columns.endHigh - columns.startHigh) * 2 ** 32 + columns.endLow - columns.startLow
  return {
    digest: digestOf(bytes),
    isError: columns.status === 2,
    start: start > latest ? latest : start,
    duration: Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, duration)),
    nameAt: at + columns.name,
    nameLength: columns.nameLength,
  }
}
