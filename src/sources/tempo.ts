import { isArray, isObject } from '../otlp/from-json.ts'
import type { JsonObject } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import { lossless } from '../trace/losses.ts'
import type { TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import type { Endpoint } from './endpoint.ts'
import { chosen, placeOf, type Candidate } from './found-traces.ts'
import { jsonOf, type HttpAnswer } from './http-answer.ts'
import { openHttp, type HttpClient } from './http.ts'
import { decodeTempo } from './tempo-trace.ts'
import { plainTraceQlOf, traceQlOf } from './trace-ql.ts'
import { readOf, unexpected } from './unexpected-answer.ts'

/**
 * Traces of Grafana Tempo (https://grafana.com/docs/tempo/latest/api_docs/). A search never has all: since version 3 it leaves out
 * the last 30 seconds (`query_frontend.query_end_cutoff`), it stops where it has enough, and answers equal questions differently; a
 * trace by its id is whole, or says that it is not.
 */
export function openTempo(endpoint: Endpoint): TraceSource & Disposable {
  const http = openHttp(endpoint)
  return {
    capabilities: {
      kind: 'tempo',
      losses: lossless,
      pushesDown: ['service', 'operation', 'time', 'duration', 'status', 'attributes'],
      needsService: false,
    },
    trace: (id, signal) => readTrace(http, id, signal),
    search: (query, signal) => search(http, query, signal),
    [Symbol.dispose]: () => http[Symbol.dispose](),
  }
}

/** Version 2 says whether a trace is whole; servers before 2.7 have version 1 alone. */
async function readTrace(
  http: HttpClient,
  id: TraceId,
  signal: AbortSignal | undefined,
): Promise<SourceTrace | undefined> {
  const options = { accept: 'application/protobuf', signal }
  const second = await http.get(`/api/v2/traces/${id}`, options)
  if (second.status !== 404) return traceIn(second, id, 2)
  const first = await http.get(`/api/traces/${id}`, options)
  return first.status === 404 && isUnknown(first) ? undefined : traceIn(first, id, 1)
}

/** Tempo says nothing, or that there is no such trace; pages and routers of others say something else. */
function isUnknown({ body, contentType }: HttpAnswer): boolean {
  const text = body.subarray(0, 200).toString('utf8').trim()
  return text === '' || (contentType !== 'text/html' && /^trace\b.*not found/i.test(text))
}

function traceIn(answer: HttpAnswer, id: TraceId, version: 1 | 2): SourceTrace | undefined {
  if (answer.status !== 200) throw unexpected(answer)
  const { spans, cut } = readOf(answer, () => decodeTempo(answer, version))
  const other = spans.find(({ traceId }) => traceId !== id)
  if (other !== undefined) throw wrongTrace(answer, id, other.traceId)
  return spans.length === 0 && cut === undefined ? undefined : { spans, losses: lossless, cut }
}

function wrongTrace({ from }: HttpAnswer, asked: TraceId, given: TraceId): Fault {
  return new Fault('SOURCE_INVALID', `${from} answered with spans of trace ${given}`, {
    hint: `asked for was ${asked}; what stands between here and Tempo?`,
  })
}

/** Each trace that is found is read by its id, so that no more are asked for at a time. */
const maxAsked = 200
const atOnce = 4

async function search(
  http: HttpClient,
  query: TraceQuery,
  signal: AbortSignal | undefined,
): Promise<TraceSearchAnswer> {
  const limit = Math.min(query.limit + 1, maxAsked)
  const ids = await findTraces(http, { query, limit, signal })
  const candidates: Candidate[] = []
  for (let at = 0; at < ids.length; at += atOnce) {
    const reading = ids.slice(at, at + atOnce).map((id) => readTrace(http, id, signal))
    for (const trace of await Promise.all(reading)) {
      const [first] = trace?.spans ?? []
      if (trace !== undefined && first !== undefined) {
        candidates.push({ traceId: first.traceId, spans: trace.spans })
      }
    }
  }
  return chosen(candidates, query, { given: ids.length < limit ? 'some' : 'part' })
}

interface Finding {
  readonly query: TraceQuery
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

async function findTraces(
  http: HttpClient,
  { query, limit, signal }: Finding,
): Promise<readonly TraceId[]> {
  const ask = (q: string): Promise<HttpAnswer> =>
    http.get('/api/search', {
      query: { q, ...timesOf(query), limit: String(limit), spss: '1' },
      signal,
    })
  const full = await ask(traceQlOf(query))
  const answer = full.status === 400 ? await ask(plainTraceQlOf(query)) : full
  if (answer.status !== 200) throw unexpected(answer)
  return [...new Set(foundIn(answer))]
}

/** No traces may be left out as the default of its field; then there are at least the metrics. */
function foundIn(answer: HttpAnswer): readonly TraceId[] {
  const json = jsonOf(answer)
  const told = isObject(json) ? json : {}
  const traces = told['traces'] ?? (told['metrics'] === undefined ? null : [])
  if (traces === null || !isArray(traces)) throw noSearch(answer)
  return traces.filter(isObject).map((trace) => foundId(trace, answer))
}

/** Tempo leaves out the zeros before an id. */
function foundId({ traceID }: JsonObject, answer: HttpAnswer): TraceId {
  const id = typeof traceID === 'string' ? parseTraceId(traceID.padStart(32, '0')) : undefined
  if (id === undefined) throw noSearch(answer)
  return id
}

function noSearch({ from }: HttpAnswer): Fault {
  return new Fault('SOURCE_INVALID', `${from} answered with JSON that is no search of Tempo`, {
    hint: 'is this the address of Tempo, and not of Grafana?',
  })
}

const nanosPerSecond = 1_000_000_000n
const hourSeconds = 3600n
/** The longest that a search may reach, without a setting of its own, is 168 hours. */
const reachSeconds = 167n * hourSeconds

/**
 * Whole seconds around what is asked for. Without an end it is an hour from now, for clocks differ; without a begin the search goes
 * as far back as Tempo allows, as without both it would look into what came last alone.
 */
function timesOf({ from, to, cursor }: TraceQuery): {
  readonly start: string
  readonly end: string
} {
  const ends = [to, cursor === undefined ? undefined : placeOf(cursor).start]
    .filter((end) => end !== undefined)
    .map((end) => end / nanosPerSecond + 1n)
  const [first = BigInt(Math.floor(Date.now() / 1000)) + hourSeconds, ...rest] = ends
  const end = rest.reduce((least, other) => (other < least ? other : least), first)
  const start = from === undefined ? end - reachSeconds : from / nanosPerSecond
  return { start: String(start > 0n ? start : 0n), end: String(end) }
}
