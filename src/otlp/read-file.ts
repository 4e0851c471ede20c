import { Fault } from '../trace/fault.ts'
import { type DecodedTraces, decodeTraces } from './decode.ts'
import { isArray, isObject, messageFromJson } from './from-json.ts'
import { type Json, type JsonObject, parseJsonDocuments } from './json-text.ts'
import { tracesData } from './schema.ts'

/**
 * The spans of OTLP JSON as files have it: one document, JSON lines or arrays; TracesData, ResourceSpans or an answer of
 * Tempo or Jaeger around it; ids in hex, base64 or decimal, enums as numbers or names. Throws a Fault TRACE_INVALID on
 * what is none of these.
 */
export function decodeTracesText(text: string): DecodedTraces {
  return decodeTracesDocuments(parseJsonDocuments(text))
}

/** The same of JSON that is parsed, with exact integers. */
export function decodeTracesDocuments(documents: readonly Json[]): DecodedTraces {
  const decoded = documents
    .flatMap(tracesIn)
    .map((json) => decodeTraces(messageFromJson(json, tracesData, 'lenient')))
  return {
    spans: decoded.flatMap((part) => part.spans),
    rejected: decoded.reduce((sum, part) => sum + part.rejected, 0),
  }
}

const wrappers = ['trace', 'result'] as const
const traceMembers = ['resourceSpans', 'resource_spans', 'batches']
const scopeMembers = [
  'scopeSpans',
  'scope_spans',
  'instrumentationLibrarySpans',
  'instrumentation_library_spans',
]
/** A collector writes all signals into one file of JSON lines. */
const otherSignals = ['resourceLogs', 'resourceMetrics', 'resource_logs', 'resource_metrics']

/** The TracesData objects of a document, which may lie in arrays and in the wrappers of an answer. */
function tracesIn(document: Json): readonly JsonObject[] {
  const found: JsonObject[] = []
  const waiting: Json[] = [document]
  for (let json = waiting.pop(); json !== undefined; json = waiting.pop()) {
    if (isArray(json)) for (const member of json.toReversed()) waiting.push(member)
    else if (!isObject(json)) throw noTraces()
    else if (hasAny(json, traceMembers) || Object.keys(json).length === 0) found.push(json)
    else if (hasAny(json, scopeMembers)) found.push({ resourceSpans: [json] })
    else if (!hasAny(json, otherSignals)) waiting.push(unwrapped(json))
  }
  return found
}

function unwrapped(json: JsonObject): Json {
  const inner = wrappers.map((name) => json[name]).find((value) => value !== undefined)
  if (inner === undefined) throw noTraces()
  return inner
}

function hasAny(json: JsonObject, names: readonly string[]): boolean {
  return names.some((name) => json[name] !== undefined)
}

function noTraces(): Fault {
  return new Fault('TRACE_INVALID', 'JSON without OTLP traces: no "resourceSpans" in it')
}
