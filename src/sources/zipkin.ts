import { isArray } from '../otlp/from-json.ts'
import type { Json } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import { by } from '../trace/order.ts'
import type { AttributeFilter, TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { Endpoint } from './endpoint.ts'
import { chosen, isAfter, placeOf, type Candidate } from './found-traces.ts'
import { jsonOf, type HttpAnswer } from './http-answer.ts'
import { shownUrl } from './http-faults.ts'
import { openHttp, type HttpClient } from './http.ts'
import { readOf, unexpected } from './unexpected-answer.ts'
import { matchesWithoutCase } from './without-case.ts'
import { decodeZipkin, zipkinLosses } from './zipkin-json.ts'

/**
 * Traces of a Zipkin server, by version 2 of its API (https://zipkin.io/zipkin-api/). It keeps names in lower case, so that a query
 * compares them without case.
 */
export function openZipkin(endpoint: Endpoint): TraceSource & Disposable {
  const http = openHttp(endpoint)
  return {
    capabilities: {
      kind: 'zipkin',
      losses: zipkinLosses,
      pushesDown: ['service', 'operation', 'time', 'duration', 'attributes'],
      needsService: false,
    },
    trace: (id, signal) => readTrace(http, id, signal),
    search: (query, signal) => search(http, query, signal),
    page: (id) => `${shownUrl(endpoint.url).replace(/\/$/, '')}/zipkin/traces/${id}`,
    [Symbol.dispose]: () => http[Symbol.dispose](),
  }
}

async function readTrace(
  http: HttpClient,
  id: TraceId,
  signal: AbortSignal | undefined,
): Promise<SourceTrace | undefined> {
  const answer = await http.get(`/api/v2/trace/${id}`, { signal })
  if (answer.status === 404 && isUnknownTrace(answer, id)) return undefined
  const { spans, losses } = readOf(answer, () => decodeZipkin(listOf(answer)))
  if (spans.length === 0) return undefined
  return { spans: spans.map((span) => ofTrace(span, id, answer)), losses, cut: undefined }
}

/** The id that it does not know, without zeros before it; any other 404 is of something else than Zipkin. */
function isUnknownTrace({ body }: HttpAnswer, id: TraceId): boolean {
  const [, unknown = ''] = /^([0-9a-f]{1,32}) not found\s*$/.exec(body.toString('latin1')) ?? []
  return unknown !== '' && id.endsWith(unknown)
}

/**
 * A server with STRICT_TRACE_ID=false takes ids of which the last 16 digits are equal for one, because a part of the services may
 * write no more.
 */
function ofTrace(span: Span, id: TraceId, { from }: HttpAnswer): Span {
  if (span.traceId === id) return span
  if (span.traceId.slice(16) === id.slice(16)) return { ...span, traceId: id }
  throw new Fault('SOURCE_INVALID', `${from} answered with spans of trace ${span.traceId}`, {
    hint: `asked for was ${id}; what stands between here and Zipkin?`,
  })
}

/** Whole traces come as answers, so that no more are asked for at a time. */
const maxAsked = 1000

/**
 * Zipkin gives the newest of what it finds by the times of any of their spans, and cuts where many are equal: of an answer that may be
 * cut only what began after all that can be missing is sure. Where nothing is, more is asked for.
 */
async function search(
  http: HttpClient,
  query: TraceQuery,
  signal: AbortSignal | undefined,
): Promise<TraceSearchAnswer> {
  const after = query.cursor === undefined ? undefined : placeOf(query.cursor)
  let asked = Math.min(query.limit + (isPushedDown(query) ? 1 : 100), maxAsked)
  for (;;) {
    const { candidates, isCut } = await found(http, { query, asked, signal })
    const sure = isCut ? surely(candidates) : candidates
    const isNew = sure.some((each) => after === undefined || isAfter(each, after))
    if (isCut && !isNew && asked < maxAsked) {
      asked = Math.min(asked * 4, maxAsked)
      continue
    }
    const whole = after === undefined ? 'all' : 'rest'
    return chosen(isNew || !isCut ? sure : candidates, query, {
      matches: matchesWithoutCase,
      given: isCut ? 'part' : whole,
    })
  }
}

interface Found extends Candidate {
  readonly start: Nanos
  /** Of the span that began last. */
  readonly lastStart: Nanos
}

interface Asking {
  readonly query: TraceQuery
  readonly asked: number
  readonly signal: AbortSignal | undefined
}

async function found(
  http: HttpClient,
  { query, asked, signal }: Asking,
): Promise<{ readonly candidates: readonly Found[]; readonly isCut: boolean }> {
  const answer = await http.get('/api/v2/traces', { query: parametersOf(query, asked), signal })
  const lists = listOf(answer)
  const candidates = lists.flatMap((list) => {
    const { spans } = readOf(answer, () => decodeZipkin([list]))
    return [...Map.groupBy(spans, ({ traceId }) => traceId)].map(([traceId, members]) => {
      const starts = members.map(({ start }) => start).toSorted(by((start) => start))
      const none = nanosOf(0n)
      return { traceId, spans: members, start: starts[0] ?? none, lastStart: starts.at(-1) ?? none }
    })
  })
  return { candidates, isCut: lists.length >= asked }
}

function surely(candidates: readonly Found[]): readonly Found[] {
  const [bound] = candidates.map(({ lastStart }) => lastStart).toSorted(by((start) => start))
  return candidates.filter(({ start }) => bound === undefined || start > bound)
}

function isPushedDown({ status, attributes = [], runId, maxDuration, from }: TraceQuery): boolean {
  return (
    status === undefined &&
    runId === undefined &&
    maxDuration === undefined &&
    from === undefined &&
    attributes.length === 0
  )
}

const dayMillis = 86_400_000n

/**
 * What Zipkin is asked never leaves out what is wanted: it compares the begin of the whole trace, which may lie before the span's, in
 * milliseconds, durations in microseconds, and knows no longest duration without a shortest.
 */
function parametersOf(
  query: TraceQuery,
  limit: number,
): Readonly<Record<string, string | string[]>> {
  const { service, operation, minDuration, maxDuration, from } = query
  const end = endMillis(query)
  const begin = from === undefined ? 0n : from / 1_000_000n - dayMillis
  const least = (minDuration ?? 0n) / 1000n
  const conditions = (query.attributes ?? []).flatMap(conditionOf)
  return {
    ...(service !== undefined && service !== '' && { serviceName: service.toLowerCase() }),
    ...(operation !== undefined && operation !== '' && { spanName: operation.toLowerCase() }),
    ...(conditions.length > 0 && { annotationQuery: conditions.join(' and ') }),
    ...(least > 0n && {
      minDuration: String(least),
      ...(maxDuration !== undefined && { maxDuration: String(maxDuration / 1000n + 1n) }),
    }),
    endTs: String(end),
    lookback: String(end > begin ? end - begin : 1n),
    limit: String(limit),
  }
}

/** A day ahead of now where nothing says when to end, for clocks differ. */
function endMillis({ to, cursor }: TraceQuery): bigint {
  const ends = [to, cursor === undefined ? undefined : placeOf(cursor).start]
    .filter((end) => end !== undefined)
    .map((end) => end / 1_000_000n + 1n)
  const [first = BigInt(Date.now()) + dayMillis, ...rest] = ends
  return rest.reduce((least, end) => (end < least ? end : least), first)
}

/** A tag with this value, where Zipkin can say and find it: tags are no numbers, and long values are in no index. */
function conditionOf({ name, compare, value }: AttributeFilter): readonly string[] {
  const isSaid = compare === 'eq' && name !== 'error' && !mappedNames.test(name)
  const text = `${name}=${value}`
  const isPlain =
    !/[=\s]/.test(name) && value === value.trim() && value !== '' && !/ and /i.test(text)
  return isSaid && isPlain && text.length <= 200 ? [text] : []
}

/** Attributes that are no tags, or may be none, in what Zipkin keeps. */
const mappedNames = /^(otel|network|peer|service|span|tracespec)\./

/** The list that Zipkin answers with; a Fault for anything else, with what it says of the question. */
function listOf(answer: HttpAnswer): readonly Json[] {
  if (answer.status !== 200) throw unexpected(answer)
  const list = jsonOf(answer)
  if (isArray(list)) return list
  throw new Fault('SOURCE_INVALID', `${answer.from} answered with JSON that is no list of spans`, {
    hint: 'is this the address of Zipkin?',
  })
}
