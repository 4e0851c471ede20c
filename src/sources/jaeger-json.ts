import type { DecodedTraces } from '../otlp/decode.ts'
import { isArray, isObject } from '../otlp/from-json.ts'
import { type Json, type JsonObject, parseJsonDocuments } from '../otlp/json-text.ts'
import { base64Bytes } from '../otlp/scalars.ts'
import { Fault } from '../trace/fault.ts'
import type { SpanId, TraceId } from '../trace/ids.ts'
import type { Losses } from '../trace/losses.ts'
import type { AttributeValue } from '../trace/span.ts'
import {
  cutOf,
  type JaegerLog,
  jaegerModelLosses,
  type JaegerProcess,
  jaegerReader,
  type JaegerReference,
  type JaegerSpan,
  jaegerSpanId,
  jaegerTraceId,
  type Tags,
} from './jaeger-model.ts'

// https://github.com/jaegertracing/jaeger/blob/v1.76.0/internal/uimodel/model.go

/** What Jaeger's JSON cannot hold: start, duration and times of events are whole microseconds, beside the losses of its model. */
export const jaegerJsonLosses: Losses = { ...jaegerModelLosses, grainNanos: 1000 }

export interface DecodedJaeger extends DecodedTraces {
  /** Why Jaeger left spans out, in its words; undefined when it says nothing. */
  readonly cut: string | undefined
}

/** The spans of a text of Jaeger's JSON, as `decodeJaeger` reads them; also of several documents, as JSON lines. */
export function decodeJaegerText(text: string): DecodedJaeger {
  return decodeJaeger(parseJsonDocuments(text))
}

/** Whether a document has the form of Jaeger's JSON. */
export function isJaegerJson(document: Json): boolean {
  const inner = isArray(document) ? document[0] : document
  if (!isObject(inner)) return false
  const { data } = inner
  const trace = data !== undefined && data !== null && isArray(data) ? data[0] : (data ?? inner)
  return isObject(trace) && isTrace(trace)
}

/**
 * The spans of documents in the form of an answer of `/api/traces`, of a download from the UI (`data` around the traces), of
 * traces in an array, or of one trace. Ids that are no hex, as of hand-made files, get one that is made of their text. Throws a
 * Fault TRACE_INVALID on what is none of these.
 */
export function decodeJaeger(documents: readonly Json[]): DecodedJaeger {
  const read = jaegerReader()
  const traces = documents.flatMap(tracesIn)
  const found = traces.flatMap(spansOf)
  const valid = found.filter((span) => span !== undefined)
  const warnings = [
    ...traces.flatMap((trace) => textsOf(trace['warnings'])),
    ...valid.flatMap((span) => span.warnings),
  ]
  return { spans: valid.map(read), rejected: found.length - valid.length, cut: cutOf(warnings) }
}

/** The traces of a document, which may lie in arrays and in `data`. */
function tracesIn(document: Json): readonly JsonObject[] {
  const found: JsonObject[] = []
  const waiting: Json[] = [document]
  for (let json = waiting.pop(); json !== undefined; json = waiting.pop()) {
    if (isArray(json)) for (const member of json.toReversed()) waiting.push(member)
    else if (!isObject(json)) throw noTraces()
    else if (isTrace(json)) found.push(json)
    else if (json['data'] === undefined || json['data'] === null) throw noTraces()
    else waiting.push(json['data'])
  }
  return found
}

function isTrace(json: JsonObject): boolean {
  const { spans, processes, traceID } = json
  return spans !== undefined && (processes !== undefined || traceID !== undefined)
}

function noTraces(): Fault {
  return new Fault(
    'TRACE_INVALID',
    'JSON without Jaeger traces: no "data" of traces with "spans" in it',
  )
}

/** Spans without valid ids are undefined. */
function spansOf(trace: JsonObject): readonly (JaegerSpan | undefined)[] {
  const processes = new Map(
    Object.entries(objectOf(trace['processes'] ?? {}, 'processes')).map(([id, process]) => [
      id,
      processOf(process ?? null),
    ]),
  )
  return listOf(trace['spans'], 'spans').map((json) => {
    const span = objectOf(json, 'a span')
    const { process, processID } = span
    const own = process === undefined || process === null ? undefined : processOf(process)
    const named = typeof processID === 'string' ? processes.get(processID) : undefined
    return spanOf(span, own ?? named, trace['traceID'])
  })
}

function processOf(json: Json): JaegerProcess {
  const { serviceName, tags } = objectOf(json, 'a process')
  return { serviceName: textOf(serviceName ?? '', 'serviceName'), tags: tagsOf(tags) }
}

function spanOf(
  json: JsonObject,
  process: JaegerProcess | undefined,
  idOfTrace: Json | undefined,
): JaegerSpan | undefined {
  const traceId = traceIdOf(json['traceID'] ?? idOfTrace)
  const spanId = spanIdOf(json['spanID'])
  if (traceId === undefined || spanId === undefined) return undefined
  const flags = json['flags']
  return {
    traceId,
    spanId,
    name: textOf(json['operationName'], 'operationName'),
    references: referencesOf(json, traceId),
    flags: typeof flags === 'number' ? flags : 0,
    start: nanosOfMicros(json['startTime'], 'startTime'),
    duration: nanosOfMicros(json['duration'], 'duration'),
    tags: tagsOf(json['tags']),
    logs: listOf(json['logs'], 'logs').map(logOf),
    process,
    warnings: textsOf(json['warnings']),
  }
}

/** `parentSpanID` is what the oldest writers have in the place of references. */
function referencesOf(json: JsonObject, traceId: TraceId): readonly JaegerReference[] {
  const references = listOf(json['references'], 'references').flatMap((member) => {
    const { refType, traceID, spanID } = objectOf(member, 'a reference')
    const reference = { traceId: traceIdOf(traceID), spanId: spanIdOf(spanID) }
    if (reference.traceId === undefined || reference.spanId === undefined) return []
    const type: JaegerReference['type'] = refType === 'CHILD_OF' ? 'child_of' : 'follows_from'
    return [{ type, traceId: reference.traceId, spanId: reference.spanId }]
  })
  const parent = spanIdOf(json['parentSpanID'])
  if (references.length > 0 || parent === undefined) return references
  return [{ type: 'child_of', traceId, spanId: parent }]
}

function logOf(json: Json): JaegerLog {
  const { timestamp, fields } = objectOf(json, 'a log')
  return { time: nanosOfMicros(timestamp, 'timestamp'), fields: tagsOf(fields) }
}

function tagsOf(json: Json | undefined): Tags {
  return listOf(json, 'tags').map((member) => {
    const { key, type, value = null } = objectOf(member, 'a tag')
    const name = typeof type === 'string' ? type.toLowerCase() : ''
    return [textOf(key, 'key'), typedValue(name, value) ?? plainValue(value)]
  })
}

/** The value in its stated type; undefined when it is none of that type. */
function typedValue(type: string, value: Json): AttributeValue | undefined {
  switch (type) {
    case 'bool':
      return value === 'true' || (value === 'false' ? false : undefined)
    case 'int64':
      return integerOf(value)
    case 'float64':
      return doubleOf(value)
    case 'binary':
      return typeof value === 'string' ? base64Bytes(value) : undefined
    case 'string':
      return isNumber(value) || typeof value === 'boolean' ? String(value) : undefined
    default:
      return undefined
  }
}

const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const

/** Beyond 2^53 Jaeger writes the digits as a text. */
function integerOf(value: Json): bigint | undefined {
  const isText = typeof value === 'string' && /^-?\d{1,19}$/.test(value)
  if (!isText && !isInteger(value)) return undefined
  const integer = BigInt(value)
  return integer >= int64[0] && integer <= int64[1] ? integer : undefined
}

function isInteger(value: Json): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
}

function isNumber(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** What no JSON number says is a text. */
function doubleOf(value: Json): number | undefined {
  if (isNumber(value)) return Number(value)
  if (typeof value !== 'string') return undefined
  return /^(?:NaN|-?Infinity|-?\d[\d.eE+-]*)$/.test(value) &&
    (value === 'NaN' || !Number.isNaN(Number(value)))
    ? Number(value)
    : undefined
}

/** The value in the type that JSON gives it. */
function plainValue(value: Json): AttributeValue {
  if (isNumber(value)) return integerOf(value) ?? Number(value)
  return typeof value === 'object' && value !== null ? jsonText(value) : value
}

function jsonText(value: Json): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? String(member) : member,
  )
}

function nanosOfMicros(json: Json | undefined, field: string): bigint {
  if (typeof json === 'number' && Number.isFinite(json)) {
    const whole = Math.trunc(json)
    return BigInt(whole) * 1000n + BigInt(Math.round((json - whole) * 1000))
  }
  const digits = typeof json === 'bigint' || (typeof json === 'string' && /^-?\d{1,20}$/.test(json))
  if (!digits) throw misfit(field, 'a number of microseconds')
  // a span that ends before it starts has a duration below zero, which Jaeger writes as an unsigned number
  return BigInt.asIntN(64, BigInt(json)) * 1000n
}

function traceIdOf(json: Json | undefined): TraceId | undefined {
  const text = idText(json)
  if (text === undefined) return undefined
  return isHex(text, 32)
    ? jaegerTraceId(text)
    : jaegerTraceId(hashText(`high ${text}`) + hashText(text))
}

function spanIdOf(json: Json | undefined): SpanId | undefined {
  const text = idText(json)
  if (text === undefined) return undefined
  return jaegerSpanId(isHex(text, 16) ? text : hashText(text))
}

function idText(json: Json | undefined): string | undefined {
  return typeof json === 'string' && json !== '' ? json : undefined
}

function isHex(text: string, digits: number): boolean {
  return text.length <= digits && /^[0-9a-f]+$/i.test(text)
}

/** FNV-1a of 64 bits, in hex. */
function hashText(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}

function textsOf(json: Json | undefined): readonly string[] {
  const isList = json !== undefined && json !== null && isArray(json)
  return isList ? json.filter((member) => typeof member === 'string') : []
}

function listOf(json: Json | undefined, field: string): readonly Json[] {
  if (json === undefined || json === null) return []
  if (!isArray(json)) throw misfit(field, 'an array')
  return json
}

function objectOf(json: Json, field: string): JsonObject {
  if (!isObject(json)) throw misfit(field, 'an object')
  return json
}

function textOf(json: Json | undefined, field: string): string {
  if (typeof json !== 'string') throw misfit(field, 'a string')
  return json
}

function misfit(field: string, expected: string): Fault {
  return new Fault('TRACE_INVALID', `not Jaeger JSON: ${field} is not ${expected}`)
}
