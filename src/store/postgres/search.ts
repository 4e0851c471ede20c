import { parseTraceId } from '../../trace/ids.ts'
import {
  spanMatches,
  summaryOf,
  type CountedAnswer,
  type TraceQuery,
  type TraceSummary,
} from '../../trace/query.ts'
import { columnsDecide, isAfter, pageOf, placeOf, type FoundTrace } from '../found.ts'
import { bigintOf, bytesOf, damaged, numberOf, textOf, type Row } from '../row.ts'
import { only, type Ask, type Database } from './database.ts'
import type { Owner } from './owner.ts'
import { decodedEach } from './read-spans.ts'
import { collector, hasSpan, ofTrace, spansOfTrace, spansWhere } from './search-conditions.ts'

/** Searches all of the project: columns by SQL, all else by decoding the spans that are left, a few at a time. */
export function searcher(
  database: Database,
  { project }: Owner,
): (query: TraceQuery) => Promise<CountedAnswer> {
  return (query) =>
    database.read(async (ask) => {
      const search = columnsDecide(query) ? byColumns : byContent
      const { found, total } = await search(query, { project, ask })
      const { shown, cursor } = pageOf(found, query.limit)
      const items: TraceSummary[] = []
      for (const some of inParts(shown)) items.push(...(await summariesOf(some, ask)))
      return { items, total, cursor, cutAt: undefined }
    })
}

/** A trace with how many spans it has. */
interface SizedTrace extends FoundTrace {
  readonly spans: number
}

/** So many spans are read at once, or those of one trace. */
const READ = 5_000

function inParts(traces: readonly SizedTrace[]): readonly (readonly SizedTrace[])[] {
  const parts: SizedTrace[][] = []
  let spans = Infinity
  for (const trace of traces) {
    spans += trace.spans
    if (spans <= READ) {
      parts.at(-1)?.push(trace)
      continue
    }
    parts.push([trace])
    spans = trace.spans
  }
  return parts
}

async function summariesOf(
  traces: readonly SizedTrace[],
  ask: Ask,
): Promise<readonly TraceSummary[]> {
  const rows = await ask(
    'SELECT trace, scope, bytes FROM tracespec.spans WHERE trace = ANY($1::bigint[])',
    [traces.map(({ number }) => number)],
  )
  const spans = await decodedEach(ask, rows)
  const ofTrace = Map.groupBy(spans.keys(), (at) => bigintOf(rows[at] ?? {}, 'trace'))
  return traces.map(({ number, traceId, run }) => {
    const own = (ofTrace.get(number) ?? []).map((at) => spans[at])
    const known = own.filter((span) => span !== undefined)
    return summaryOf(known, { traceId, runId: run === '' ? undefined : run })
  })
}

interface Asked {
  readonly project: string
  readonly ask: Ask
}

/** In order, one more than is asked for when there are more. */
interface Found {
  readonly found: readonly SizedTrace[]
  readonly total: number
}

const inOrder = 'ORDER BY t.start DESC, t.trace_id, t.number'

async function byColumns(query: TraceQuery, { project, ask }: Asked): Promise<Found> {
  const { values, use } = collector()
  const from = `FROM tracespec.traces t WHERE ${ofTrace(query, project, use)} AND ${hasSpan(query, use)}`
  const counted = await ask(`SELECT count(*) AS total ${from}`, values)
  const place = placeOf(query)
  const after =
    place === undefined
      ? ''
      : `AND (t.start < ${use(place.start)} OR (t.start = ${use(place.start)}
         AND (t.trace_id, t.number) > (${use(Buffer.from(place.traceId, 'hex'))}, ${use(place.number)})))`
  const rows = await ask(
    `SELECT t.number, t.run, t.trace_id, t.start, t.spans ${from} ${after} ${inOrder} LIMIT ${use(query.limit + 1)}`,
    values,
  )
  return { found: rows.map(foundOf), total: numberOf(only(counted, 'total'), 'total') }
}

const FETCHED = 200

/** The spans that may match come in the order of their traces, a few at a time, so that memory does not grow with the store. */
async function byContent(query: TraceQuery, { project, ask }: Asked): Promise<Found> {
  const { values, use } = collector()
  await ask(
    `DECLARE candidates NO SCROLL CURSOR FOR
     SELECT t.number, t.run, t.trace_id, t.start, t.spans, s.scope, s.bytes FROM tracespec.traces t
     CROSS JOIN LATERAL (
       SELECT s.scope, s.bytes ${spansOfTrace} AND ${spansWhere(query, use)}
     ) s WHERE ${ofTrace(query, project, use)} ${inOrder}`,
    values,
  )
  const place = placeOf(query)
  const found: SizedTrace[] = []
  let [total, last] = [0, -1n]
  for (;;) {
    const rows = await ask(`FETCH ${FETCHED} FROM candidates`)
    if (rows.length === 0) return { found, total }
    const spans = await decodedEach(ask, rows)
    for (const [at, row] of rows.entries()) {
      const span = spans[at]
      const trace = foundOf(row)
      if (trace.number === last || span === undefined || !spanMatches(query, span)) continue
      last = trace.number
      total += 1
      const isShown = place === undefined || isAfter(trace, place)
      if (isShown && found.length <= query.limit) found.push(trace)
    }
  }
}

function foundOf(row: Row): SizedTrace {
  const traceId = parseTraceId(Buffer.from(bytesOf(row, 'trace_id')).toString('hex'))
  return {
    start: bigintOf(row, 'start'),
    traceId: traceId ?? damaged('trace_id'),
    number: bigintOf(row, 'number'),
    run: textOf(row, 'run'),
    spans: numberOf(row, 'spans'),
  }
}
