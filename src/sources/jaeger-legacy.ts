import { isArray, isObject } from '../otlp/from-json.ts'
import type { Json, JsonObject } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import { type HttpAnswer, jsonOf } from './http-answer.ts'
import type { HttpClient } from './http.ts'
import { jaegerFault, readAs, type SaidError } from './jaeger-faults.ts'
import { decodeJaeger, jaegerJsonLosses } from './jaeger-json.ts'
import { withoutIds } from './jaeger-stored.ts'
import type { JaegerAnswer, JaegerSearch, JaegerWay } from './jaeger-way.ts'

/** The JSON of Jaeger's own page, for servers that have nothing better; its search is gone after 2.20. */
export function jaegerLegacy(http: HttpClient): JaegerWay {
  return {
    losses: jaegerJsonLosses,
    needsService: true,
    async trace(id, signal) {
      return tracesOf(await http.get(`/api/traces/${id}`, { query: { raw: 'true' }, signal }))
    },
    async find(asked, signal) {
      return tracesOf(await http.get('/api/traces', { query: parametersOf(asked), signal }))
    },
    async services(signal) {
      const { data } = envelopeOf(await http.get('/api/services', { signal }))
      const names = data !== undefined && data !== null && isArray(data) ? data : []
      return names.filter((name) => typeof name === 'string')
    },
  }
}

/** Whether an answer has the form of this API: the envelope of all its answers. */
export function isLegacy(answer: HttpAnswer): boolean {
  try {
    return isEnvelope(jsonOf(answer))
  } catch (error) {
    if (error instanceof Fault && error.code === 'SOURCE_INVALID') return false
    throw error
  }
}

function isEnvelope(document: Json): document is JsonObject {
  return isObject(document) && document['data'] !== undefined && document['errors'] !== undefined
}

/** Times are microseconds, durations those of Go. */
function parametersOf(asked: JaegerSearch): Readonly<Record<string, string>> {
  const { service, operation, minDuration, maxDuration, attributes } = asked
  return {
    start: String(asked.from / 1000n),
    end: String(asked.to / 1000n + 1n),
    limit: String(asked.depth),
    raw: 'true',
    ...(service !== undefined && { service }),
    ...(operation !== undefined && { operation }),
    ...(minDuration !== undefined && { minDuration: `${minDuration}ns` }),
    ...(maxDuration !== undefined && { maxDuration: `${maxDuration}ns` }),
    ...(attributes.size > 0 && { tags: JSON.stringify(Object.fromEntries(attributes)) }),
  }
}

function tracesOf(answer: HttpAnswer): JaegerAnswer {
  const { data } = envelopeOf(answer)
  const { spans, rejected, cut } = readAs(answer.from, () => decodeJaeger([data ?? []]))
  return { spans, losses: jaegerJsonLosses, cut: cut ?? withoutIds(rejected) }
}

/** Without data when what is asked for does not exist. */
function envelopeOf(answer: HttpAnswer): JsonObject {
  const document = jsonOf(answer)
  if (!isEnvelope(document)) throw jaegerFault(answer.from, { code: answer.status, message: '' })
  const errors = errorsOf(document)
  const failure = errors.find(({ code }) => code !== 404)
  if (failure !== undefined) throw jaegerFault(answer.from, failure)
  if (answer.status === 200 || errors.length > 0) return document
  throw jaegerFault(answer.from, { code: answer.status, message: '' })
}

/** An error of one trace among several has no code: that trace is not known. */
function errorsOf({ errors }: JsonObject): readonly SaidError[] {
  if (errors === undefined || errors === null || !isArray(errors)) return []
  return errors
    .filter((error) => isObject(error))
    .map(({ code, msg }) => ({
      code: typeof code === 'number' ? code : 404,
      message: typeof msg === 'string' ? msg : '',
    }))
}
