import { constants } from 'node:buffer'
import { decodeTraces } from '../otlp/decode.ts'
import { isArray, isObject, messageFromJson } from '../otlp/from-json.ts'
import { type Json, type JsonObject, parseJsonDocuments } from '../otlp/json-text.ts'
import { tracesData } from '../otlp/schema.ts'
import { Fault } from '../trace/fault.ts'
import { jaegerModelLosses } from './jaeger-model.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { HttpClient } from './http.ts'
import { jaegerFault, readAs, type SaidError } from './jaeger-faults.ts'
import { answerOfStored } from './jaeger-stored.ts'
import type { JaegerAnswer, JaegerSearch, JaegerWay } from './jaeger-way.ts'

/** Version 3 of the API over HTTP: OTLP JSON, in one or several chunks of `{"result": ...}`. */
export function jaegerV3(http: HttpClient): JaegerWay {
  return {
    losses: { ...jaegerModelLosses, grainNanos: 1000 },
    needsService: false,
    async trace(id, signal) {
      const query = { raw_traces: 'true' }
      return tracesOf(await http.get(`/api/v3/traces/${id}`, { query, signal }))
    },
    async find(asked, signal) {
      return tracesOf(await http.get('/api/v3/traces', { query: parametersOf(asked), signal }))
    },
    async services(signal) {
      const answer = await http.get('/api/v3/services', { signal })
      const names = documentsOf(answer).flatMap(({ services }) => listOf(services))
      return names.filter((name) => typeof name === 'string')
    },
  }
}

/** Whether an answer has the form of version 3; pages, the answers of proxies and those of older servers have not. */
export function isV3(answer: HttpAnswer): boolean {
  try {
    return chunksOf(answer).length > 0
  } catch (error) {
    if (error instanceof Fault && error.code === 'SOURCE_INVALID') return false
    throw error
  }
}

function isV3Document(document: JsonObject): boolean {
  return (
    document['result'] !== undefined ||
    document['services'] !== undefined ||
    errorOf(document) !== undefined ||
    Object.keys(document).length === 0
  )
}

/** The names that servers from 1.76 to beyond 2.20 have in common. */
function parametersOf(asked: JaegerSearch): Readonly<Record<string, string>> {
  const { service, operation, minDuration, maxDuration, attributes } = asked
  return {
    'query.start_time_min': rfc3339(asked.from),
    // it is exclusive
    'query.start_time_max': rfc3339(asked.to + 1n),
    'query.num_traces': String(asked.depth),
    'query.search_depth': String(asked.depth),
    'query.raw_traces': 'true',
    ...(service !== undefined && { 'query.service_name': service }),
    ...(operation !== undefined && { 'query.operation_name': operation }),
    ...(minDuration !== undefined && { 'query.duration_min': `${minDuration}ns` }),
    ...(maxDuration !== undefined && { 'query.duration_max': `${maxDuration}ns` }),
    // ignored before 2.14
    ...(attributes.size > 0 && {
      'query.attributes': JSON.stringify(Object.fromEntries(attributes)),
    }),
  }
}

/** A moment as RFC 3339 with nanoseconds. */
function rfc3339(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`
}

function tracesOf(answer: HttpAnswer): JaegerAnswer {
  const decoded = documentsOf(answer)
    .flatMap(({ result }) => (result !== undefined && isObject(result) ? [result] : []))
    .map((result) =>
      readAs(answer.from, () => decodeTraces(messageFromJson(result, tracesData, 'lenient'))),
    )
  const rejected = decoded.reduce((sum, part) => sum + part.rejected, 0)
  return answerOfStored(
    decoded.flatMap(({ spans }) => spans),
    rejected,
  )
}

/** The chunks of an answer; none when what is asked for does not exist. */
function documentsOf(answer: HttpAnswer): readonly JsonObject[] {
  const chunks = chunksOf(answer)
  const errors = chunks.map(errorOf).filter((error) => error !== undefined)
  const failure = errors.find(({ code, message }) => code !== 404 && !isUnknown(message))
  if (failure !== undefined) throw jaegerFault(answer.from, failure)
  if (errors.length > 0) return []
  if (answer.status === 200) return chunks
  throw jaegerFault(answer.from, { code: answer.status, message: '' })
}

/** The objects of a body; a Fault SOURCE_INVALID when it does not consist of those of this API. */
function chunksOf({ body, from, status }: HttpAnswer): readonly JsonObject[] {
  if (body.length > constants.MAX_STRING_LENGTH) {
    throw new Fault('TOO_LARGE', `${from} answers with more text than can be read at once`, {
      hint: 'ask by gRPC, or for less: a search with a smaller limit or time range',
    })
  }
  const documents = readAs(from, () => parseJsonDocuments(body.toString()))
  return documents.map((document) => {
    if (isObject(document) && isV3Document(document)) return document
    throw jaegerFault(from, { code: status, message: '' })
  })
}

/** Some storages make a failure of it. */
function isUnknown(message: string): boolean {
  return /^trace not found$/.test(message)
}

/** `{"error": {"httpCode", "message"}}`, also with the names of older gateways. */
function errorOf({ error }: JsonObject): SaidError | undefined {
  if (error === undefined || !isObject(error)) return undefined
  const code = error['httpCode'] ?? error['http_code']
  const message = error['message']
  if (typeof code !== 'number') return undefined
  return { code, message: typeof message === 'string' ? message : '' }
}

function listOf(json: Json | undefined): readonly Json[] {
  return json !== undefined && json !== null && isArray(json) ? json : []
}
