import { parseTraceId } from '../../trace/ids.ts'
import { spanMatches, summaryOf, type CountedAnswer, type TraceQuery } from '../../trace/query.ts'
import { columnsDecide, isAfter, pageOf, placeOf, type FoundTrace } from '../found.ts'
import { bigintOf, bytesOf, damaged, numberOf, textOf, type Row } from '../row.ts'
import { only, type Ask, type Database } from './database.ts'
import type { Owner } from './owner.ts'
import { decoded, decodedEach } from './read-spans.ts'
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
      const items = []
      for (const { number, traceId, run } of shown) {
        const spans = await decoded(ask, await ask(ofNumber, [number]))
        items.push(summaryOf(spans, { traceId, runId: run === '' ? undefined : run }))
      }
      return { items, total, cursor, cutAt: undefined }
    })
}

const ofNumber = 'SELECT scope, bytes FROM tracespec.spans WHERE trace = $1'

interface Asked {
  readonly project: string
  readonly ask: Ask
}

/** In order, one more than is asked for when there are more. */
interface Found {
  readonly found: readonly FoundTrace[]
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
    `SELECT t.number, t.run, t.trace_id, t.start ${from} ${after} ${inOrder} LIMIT ${use(query.limit + 1)}`,
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
     SELECT t.number, t.run, t.trace_id, t.start, s.scope, s.bytes FROM tracespec.traces t
     CROSS JOIN LATERAL (
       SELECT s.scope, s.bytes ${spansOfTrace} AND ${spansWhere(query, use)}
     ) s WHERE ${ofTrace(query, project, use)} ${inOrder}`,
    values,
  )
  const place = placeOf(query)
  const found: FoundTrace[] = []
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

function foundOf(row: Row): FoundTrace {
  const traceId = parseTraceId(Buffer.from(bytesOf(row, 'trace_id')).toString('hex'))
  return {
    start: bigintOf(row, 'start'),
    traceId: traceId ?? damaged('trace_id'),
    number: bigintOf(row, 'number'),
    run: textOf(row, 'run'),
  }
}
