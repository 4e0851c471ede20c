import { readFileSync } from 'node:fs'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../../src/trace/ids.ts'
import type { AttributeValue, Span, SpanKind } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { resource, span as plainSpan } from '../trace/spans.ts'

/** As much of Jaeger's JSON as the fixtures have; times are microseconds. */
interface JaegerTrace {
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>
  readonly spans: readonly JaegerSpan[]
}

interface JaegerSpan {
  readonly spanID: string
  readonly operationName: string
  readonly references?: readonly { readonly spanID: string }[]
  readonly startTime: number
  readonly duration: number
  readonly processID: string
  readonly tags?: readonly { readonly key: string; readonly value: string | number | boolean }[]
}

export interface JaegerFile {
  readonly trace: Trace
  /** The `testing` block of a CRISP case. */
  readonly testing: unknown
}

const folder = new URL('../../fixtures/traces/', import.meta.url)

/** The one trace of a file below `fixtures/traces`; ids that are no hex of the right length get one. */
export function readJaeger(path: string): JaegerFile {
  const file = JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as {
    readonly data?: readonly [JaegerTrace]
    readonly testing?: unknown
  } & JaegerTrace
  const { spans, processes } = file.data?.[0] ?? file
  const ids = new Map(spans.map(({ spanID }, at) => [spanID, spanIdOf(at + 1)]))
  const read = spans.map((span) => spanOf(span, ids, processes))
  return { trace: buildTrace(read), testing: file.testing }
}

const traceId: TraceId = parseTraceId('c'.repeat(32)) ?? invalid()

function spanIdOf(number: number): SpanId {
  return parseSpanId(number.toString(16).padStart(16, '0')) ?? invalid()
}

function invalid(): never {
  throw new RangeError('no id')
}

function spanOf(
  jaeger: JaegerSpan,
  ids: ReadonlyMap<string, SpanId>,
  processes: JaegerTrace['processes'],
): Span {
  const tags = new Map<string, AttributeValue>(
    (jaeger.tags ?? []).map(({ key, value }) => [key, value]),
  )
  const start = BigInt(jaeger.startTime) * 1000n
  return {
    ...plainSpan({ id: 1 }),
    traceId,
    spanId: ids.get(jaeger.spanID) ?? invalid(),
    parentSpanId: ids.get(jaeger.references?.[0]?.spanID ?? ''),
    name: jaeger.operationName,
    kind: kindOf(tags.get('span.kind')),
    start: nanosOf(start),
    end: nanosOf(start + BigInt(jaeger.duration) * 1000n),
    attributes: tags,
    status: { code: isError(tags.get('error')) ? 'error' : 'unset', message: '' },
    resource: resource(processes[jaeger.processID]?.serviceName ?? ''),
  }
}

const kinds: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']

function kindOf(tag: AttributeValue | undefined): SpanKind {
  return kinds.find((kind) => kind === tag) ?? 'internal'
}

/** CRISP's cases also name the side that is at fault. */
function isError(tag: AttributeValue | undefined): boolean {
  return tag !== undefined && tag !== false && tag !== 'false'
}
