import { isArray, isObject } from '../otlp/from-json.ts'
import { parseJsonDocuments, type Json, type JsonObject } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../trace/ids.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html

/** A segment or subsegment, wherever it stood. */
export interface Segment {
  readonly id: SpanId
  readonly parentId: SpanId | undefined
  readonly name: string
  readonly isSubsegment: boolean
  /** `aws` or `remote` for a call; empty for work of the service itself. */
  readonly namespace: string
  readonly start: Nanos
  /** Undefined while it is in progress. */
  readonly end: Nanos | undefined
  readonly failed: boolean
  /** All that it says. */
  readonly fields: JsonObject
}

/** `1-xxxxxxxx-` and 24 digits, which are the 32 of the W3C. */
export function xrayTraceId(id: TraceId): string {
  return `1-${id.slice(0, 8)}-${id.slice(8)}`
}

/** The id of W3C; undefined for what is none of X-Ray. */
export function traceIdOfXray(text: string): TraceId | undefined {
  const [, time = '', rest = ''] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(text) ?? []
  return parseTraceId(time + rest)
}

/** The deepest that subsegments nest. */
const maxDepth = 200

/**
 * The segment of a document with its subsegments, parents first, without those that X-Ray infers of what was called and no program
 * sent. A Fault TRACE_INVALID for what is none.
 */
export function readSegments(document: string): readonly Segment[] {
  const [json = null] = parseJsonDocuments(document)
  if (!isObject(json)) throw invalid('a document that is no object')
  if (json['inferred'] === true) return []
  const found: Segment[] = []
  const open = [{ fields: json, parentId: undefined as SpanId | undefined, depth: 0 }]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { fields, parentId, depth } = next
    if (depth > maxDepth) throw invalid('subsegments in too many subsegments')
    const segment = readSegment(fields, parentId)
    found.push(segment)
    for (const child of objectsOf(fields['subsegments'])) {
      open.push({ fields: child, parentId: segment.id, depth: depth + 1 })
    }
  }
  return found
}

function readSegment(fields: JsonObject, enclosing: SpanId | undefined): Segment {
  const id = parseSpanId(textOf(fields['id']))
  if (id === undefined) throw invalid('a segment without a valid id')
  const parent = textOf(fields['parent_id'])
  const parentId = enclosing ?? parseSpanId(parent)
  if (parentId === undefined && parent !== '') throw invalid('a parent_id that is no id')
  const start = timeOf(fields['start_time'])
  if (start === undefined) throw invalid('a segment without a start_time')
  return {
    id,
    parentId,
    name: textOf(fields['name']),
    isSubsegment: enclosing !== undefined || fields['type'] === 'subsegment',
    namespace: textOf(fields['namespace']),
    start,
    end: fields['in_progress'] === true ? undefined : timeOf(fields['end_time']),
    failed: ['error', 'fault', 'throttle'].some((flag) => fields[flag] === true),
    fields,
  }
}

const latestSeconds = 9e9

/** Seconds as a double, which holds a quarter of a microsecond in our time. */
function timeOf(json: Json | undefined): Nanos | undefined {
  if (json === undefined || json === null) return undefined
  const seconds = Number(json)
  if (typeof json === 'object' || !(seconds >= 0 && seconds < latestSeconds)) {
    throw invalid('a time that is no number of seconds')
  }
  const whole = Math.trunc(seconds)
  return nanosOf(BigInt(whole) * 1_000_000_000n + BigInt(Math.round((seconds - whole) * 1e9)))
}

/** A text, else an empty one. */
export function textOf(json: Json | undefined): string {
  return typeof json === 'string' ? json : ''
}

/** An object, else an empty one. */
export function objectOf(json: Json | undefined): JsonObject {
  return isObject(json) ? json : {}
}

/** The objects of an array, which may be missing. */
export function objectsOf(json: Json | undefined): readonly JsonObject[] {
  return json === undefined || json === null || !isArray(json) ? [] : json.filter(isObject)
}

function invalid(what: string): Fault {
  return new Fault('TRACE_INVALID', `X-Ray gave ${what}`)
}
