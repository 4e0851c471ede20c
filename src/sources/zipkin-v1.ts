import type { JsonObject } from '../otlp/json-text.ts'
import type { Nanos } from '../trace/time.ts'
import { nanosOf } from '../trace/time.ts'
import {
  durationOf,
  microsOf,
  nowhere,
  objectsOf,
  readEndpoint,
  readIds,
  textOf,
  type ZipkinAnnotation,
  type ZipkinEndpoint,
  type ZipkinSpan,
} from './zipkin-span.ts'

// https://zipkin.io/zipkin-api/zipkin-api.yaml: in v1 who did what when is said by annotations, each with its endpoint.

/** Whether an object of Zipkin JSON is of its first version. */
export function isZipkinV1(json: JsonObject): boolean {
  return (
    json['binaryAnnotations'] !== undefined ||
    objectsOf(json['annotations']).some((annotation) => annotation['endpoint'] !== undefined)
  )
}

/** A v1 span as v2 records: one that both sides of a call wrote into is two, which share its id. */
export function readZipkinV1Span(json: JsonObject): readonly ZipkinSpan[] {
  const record = readRecord(json)
  const sides = sidesOf(record)
  return sides.map((side) => recordOf(side, sides, record))
}

interface V1Record {
  readonly ids: ReturnType<typeof readIds>
  readonly name: string
  readonly start: Nanos | undefined
  readonly duration: Nanos | undefined
  readonly annotations: readonly (ZipkinAnnotation & { readonly endpoint: ZipkinEndpoint })[]
  readonly binary: readonly BinaryAnnotation[]
}

interface BinaryAnnotation {
  readonly key: string
  readonly value: string
  readonly endpoint: ZipkinEndpoint
}

function readRecord(json: JsonObject): V1Record {
  return {
    ids: readIds(json),
    name: textOf(json['name']),
    start: microsOf(json['timestamp'], 'timestamp'),
    duration: durationOf(json['duration']),
    annotations: objectsOf(json['annotations']).map((annotation) => ({
      time: microsOf(annotation['timestamp'], 'timestamp') ?? nanosOf(0n),
      value: textOf(annotation['value']),
      endpoint: readEndpoint(annotation['endpoint']),
    })),
    binary: objectsOf(json['binaryAnnotations']).map((annotation) => ({
      key: textOf(annotation['key']),
      value: textOf(annotation['value']),
      endpoint: readEndpoint(annotation['endpoint']),
    })),
  }
}

interface Side {
  readonly kind: ZipkinSpan['kind']
  readonly endpoint: ZipkinEndpoint
  readonly start: Nanos | undefined
  readonly end: Nanos | undefined
}

const sideAnnotations = [
  { kind: 'client', begin: 'cs', end: 'cr' },
  { kind: 'server', begin: 'sr', end: 'ss' },
  { kind: 'producer', begin: 'ms', end: 'ws' },
  { kind: 'consumer', begin: 'mr', end: 'wr' },
] as const

const coreAnnotations = new Set<string>(sideAnnotations.flatMap(({ begin, end }) => [begin, end]))
/** Their endpoint is the other side of the call. */
const addressKeys: Readonly<Record<string, ZipkinSpan['kind']>> = {
  ca: 'server',
  sa: 'client',
  ma: 'producer',
}

function sidesOf(record: V1Record): readonly Side[] {
  const told = sideAnnotations.flatMap(({ kind, begin, end }): readonly Side[] => {
    const first = record.annotations.find(({ value }) => value === begin)
    const last = record.annotations.find(({ value }) => value === end)
    const one = first ?? last
    if (one === undefined) return []
    return [{ kind, endpoint: one.endpoint, start: first?.time, end: last?.time }]
  })
  return told.length > 0 ? told : [localSide(record)]
}

/** A call whose side wrote only the address of the other, or a span without a call. */
function localSide({ annotations, binary }: V1Record): Side {
  const address = binary.find(({ key }) => addressKeys[key] !== undefined)
  const own = [...annotations, ...binary.filter((each) => each !== address)]
  return {
    kind: address === undefined ? undefined : addressKeys[address.key],
    endpoint: own.find(({ endpoint }) => endpoint.serviceName !== '')?.endpoint ?? nowhere,
    start: undefined,
    end: undefined,
  }
}

function recordOf(side: Side, sides: readonly Side[], record: V1Record): ZipkinSpan {
  // The span's own times are the client's where both sides wrote into it.
  const hasOwnTimes = side === sides[0]
  const isMine = ({ endpoint }: { readonly endpoint: ZipkinEndpoint }): boolean =>
    (sides.find(({ endpoint: { serviceName } }) => serviceName === endpoint.serviceName) ??
      sides[0]) === side
  const remote = record.binary.find(
    ({ key }) => side.kind !== undefined && addressKeys[key] === side.kind,
  )
  return {
    ...record.ids,
    kind: side.kind,
    name: record.name,
    start: (hasOwnTimes ? record.start : undefined) ?? side.start,
    duration: (hasOwnTimes ? record.duration : undefined) ?? elapsed(side),
    local: side.endpoint,
    remote: remote?.endpoint ?? sides.find((other) => other !== side)?.endpoint ?? nowhere,
    annotations: record.annotations.filter(
      (annotation) => !coreAnnotations.has(annotation.value) && isMine(annotation),
    ),
    tags: new Map(
      record.binary
        .filter((each) => addressKeys[each.key] === undefined && isMine(each))
        .filter(({ key, value }) => key !== 'lc' || value !== '')
        .map(({ key, value }) => [key, value]),
    ),
    // A server that did not begin the span left its times to the client.
    shared: side.kind === 'server' && (sides.length > 1 || record.start === undefined),
  }
}

function elapsed({ start, end }: Side): Nanos | undefined {
  return start === undefined || end === undefined || end <= start ? undefined : nanosOf(end - start)
}
