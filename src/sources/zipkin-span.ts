import { isArray, isObject } from '../otlp/from-json.ts'
import type { Json, JsonObject } from '../otlp/json-text.ts'
import { Fault } from '../trace/fault.ts'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../trace/ids.ts'
import type { SpanKind } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'

/** One record of a span as Zipkin's v2 model has it; a span may come in several. */
export interface ZipkinSpan {
  readonly traceId: TraceId
  readonly id: SpanId
  readonly parentId: SpanId | undefined
  /** Undefined for a local span, or where another record tells it. */
  readonly kind: Exclude<SpanKind, 'unspecified' | 'internal'> | undefined
  readonly name: string
  readonly start: Nanos | undefined
  /** Undefined while the span is not finished, or when its sender never timed it. */
  readonly duration: Nanos | undefined
  readonly local: ZipkinEndpoint
  readonly remote: ZipkinEndpoint
  readonly annotations: readonly ZipkinAnnotation[]
  readonly tags: ReadonlyMap<string, string>
  /** The server's half of a call whose client's half has the same id. */
  readonly shared: boolean
}

/** Empty texts and undefined stand for what is not told. */
export interface ZipkinEndpoint {
  readonly serviceName: string
  readonly address: string
  readonly port: number | undefined
}

export interface ZipkinAnnotation {
  readonly time: Nanos
  readonly value: string
}

export const nowhere: ZipkinEndpoint = { serviceName: '', address: '', port: undefined }

/** One object of the v2 JSON; a Fault TRACE_INVALID when it is none. */
export function readZipkinSpan(json: JsonObject): ZipkinSpan {
  return {
    ...readIds(json),
    kind: kindOf(json['kind']),
    name: textOf(json['name']),
    start: microsOf(json['timestamp'], 'timestamp'),
    duration: durationOf(json['duration']),
    local: readEndpoint(json['localEndpoint']),
    remote: readEndpoint(json['remoteEndpoint']),
    annotations: objectsOf(json['annotations']).map(readAnnotation),
    tags: readTags(json['tags']),
    shared: json['shared'] === true,
  }
}

/** The ids of a span, which are hex of any length up to theirs and mean the same with zeros before. */
export function readIds(json: JsonObject): Pick<ZipkinSpan, 'traceId' | 'id' | 'parentId'> {
  const traceId = parseTraceId(textOf(json['traceId']).padStart(32, '0'))
  const id = parseSpanId(textOf(json['id']).padStart(16, '0'))
  const parent = textOf(json['parentId'])
  const parentId = parseSpanId(parent.padStart(16, '0'))
  if (traceId === undefined) throw invalid('a span without a valid traceId')
  if (id === undefined) throw invalid('a span without a valid id')
  if (parentId === undefined && !/^0*$/.test(parent)) throw invalid('a parentId that is no id')
  return { traceId, id, parentId }
}

function kindOf(json: Json | undefined): ZipkinSpan['kind'] {
  return kinds.find((kind) => kind.toUpperCase() === json)
}

const kinds = ['client', 'server', 'producer', 'consumer'] as const

/** Zipkin's least duration is 1 µs: its servers take 0 for none. */
export function durationOf(json: Json | undefined): Nanos | undefined {
  const duration = microsOf(json, 'duration')
  return duration === 0n ? undefined : duration
}

const latestMicros = 2n ** 63n / 1000n

/** Microseconds as nanoseconds, a fraction cut; undefined for none or zero, which is what a missing time was in v1. */
export function microsOf(json: Json | undefined, name: string): Nanos | undefined {
  if (json === undefined || json === null) return undefined
  const micros = wholeOf(json)
  if (micros === undefined || micros < 0n || micros > latestMicros) {
    throw invalid(`a ${name} that is no number of microseconds`)
  }
  return micros === 0n ? undefined : nanosOf(micros * 1000n)
}

function wholeOf(json: Json): bigint | undefined {
  if (typeof json === 'bigint') return json
  if (typeof json === 'number') return Number.isFinite(json) ? BigInt(Math.trunc(json)) : undefined
  return typeof json === 'string' && /^\d{1,20}$/.test(json) ? BigInt(json) : undefined
}

export function readEndpoint(json: Json | undefined): ZipkinEndpoint {
  if (!isObject(json)) return nowhere
  const port = json['port']
  return {
    serviceName: textOf(json['serviceName']),
    address: textOf(json['ipv4'] ?? json['ipv6']),
    port: typeof port === 'number' && Number.isInteger(port) && port > 0 ? port : undefined,
  }
}

function readAnnotation(json: JsonObject): ZipkinAnnotation {
  const time = microsOf(json['timestamp'], 'timestamp') ?? nanosOf(0n)
  return { time, value: textOf(json['value']) }
}

function readTags(json: Json | undefined): ReadonlyMap<string, string> {
  if (!isObject(json)) return new Map()
  return new Map(Object.entries(json).map(([name, value]) => [name, textOf(value)]))
}

/** Texts are all that tags have; what other tools write of numbers and booleans is their text. */
export function textOf(json: Json | undefined): string {
  if (json === undefined || json === null) return ''
  if (typeof json === 'string') return json
  return typeof json === 'object' ? JSON.stringify(json, withBigints) : String(json)
}

function withBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** The objects of an array that may be missing. */
export function objectsOf(json: Json | undefined): readonly JsonObject[] {
  return json === undefined || json === null || !isArray(json) ? [] : json.filter(isObject)
}

/** What is no JSON of Zipkin. */
export function invalid(what: string): Fault {
  return new Fault('TRACE_INVALID', `Zipkin JSON with ${what}`)
}
