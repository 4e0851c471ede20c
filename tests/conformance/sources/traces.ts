import { randomBytes } from 'node:crypto'
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../../../src/trace/ids.ts'
import type { Attributes, Resource, Scope, Span } from '../../../src/trace/span.ts'
import { nanosOf } from '../../../src/trace/time.ts'

/** Random hex digits, two for each byte. */
export function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/** Of a trace that no server has seen. */
export function newTraceId(digits = 32): TraceId {
  const id = parseTraceId(`1${hex(16).slice(1)}`.slice(0, digits).padStart(32, '0'))
  if (id === undefined) throw new RangeError('no trace id')
  return id
}

function newSpanId(): SpanId {
  const id = parseSpanId(`1${hex(8).slice(1)}`)
  if (id === undefined) throw new RangeError('no span id')
  return id
}

/** The id of a trace with one span at least. */
export function idOf([first]: readonly Span[]): TraceId {
  if (first === undefined) throw new RangeError('a trace without a span')
  return first.traceId
}

// Servers forget, and look back only so far, so that traces are of the last minutes.
const now = BigInt(Date.now()) * 1_000_000n

const scope: Scope = {
  name: 'conformance',
  version: '1.2.3',
  attributes: new Map(),
  droppedAttributesCount: 0,
  schemaUrl: '',
}

export interface Given {
  readonly service: string
  readonly operation: string
  /** How long ago it began. */
  readonly ageMs: number
  readonly durationMs: number
  readonly attributes?: Attributes
  readonly resource?: Attributes
  readonly status?: Span['status']
}

/** A server's span, and below it one of the service's store: `select items`, of 1 ms. */
export function traceOf(given: Given): readonly Span[] {
  const { service, operation, ageMs, durationMs, attributes, resource, status } = given
  const start = now - BigInt(ageMs) * 1_000_000n
  const root: Span = {
    ...emptySpan(newTraceId(), resourceOf(service, resource)),
    name: operation,
    kind: 'server',
    start: nanosOf(start),
    end: nanosOf(start + BigInt(durationMs) * 1_000_000n),
    attributes: attributes ?? new Map(),
    status: status ?? { code: 'unset', message: '' },
  }
  const child: Span = {
    ...emptySpan(root.traceId, resourceOf(`${service}-store`, resource)),
    parentSpanId: root.spanId,
    name: 'select items',
    kind: 'client',
    start: nanosOf(start + 2_000_000n),
    end: nanosOf(start + 3_000_000n),
  }
  return [root, child]
}

function resourceOf(service: string, more: Attributes = new Map()): Resource {
  const attributes = new Map([['service.name', service] as const, ...more])
  return { attributes, droppedAttributesCount: 0, schemaUrl: '' }
}

function emptySpan(traceId: TraceId, resource: Resource): Span {
  return {
    traceId,
    spanId: newSpanId(),
    parentSpanId: undefined,
    traceState: '',
    flags: 0,
    name: '',
    kind: 'internal',
    start: nanosOf(0n),
    end: nanosOf(0n),
    attributes: new Map(),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource,
    scope,
  }
}

/** A trace with all that a span can say. */
export function fullTrace(traceId: TraceId): readonly Span[] {
  const resource = resourceOf(`Full-${hex(4)}`, everyType)
  const start = now - 30_123_456_789n
  const at = (nanos: bigint): Span['start'] => nanosOf(start + nanos)
  const rich: Scope = { ...scope, attributes: new Map([['scope.kind', 'manual']]) }
  const root: Span = {
    ...emptySpan(traceId, resource),
    name: 'GET /Items',
    kind: 'server',
    traceState: 'vendor=1',
    flags: 0x101,
    start: at(0n),
    end: at(123_456_789n),
    attributes: everyType,
    droppedAttributesCount: 3,
    droppedEventsCount: 2,
    droppedLinksCount: 1,
    events: [
      { ...bare, name: 'Cache Miss', time: at(1_000_001n), attributes: new Map() },
      { ...bare, name: 'exception', time: at(2_000_002n), attributes: exception },
    ],
    links: [link(new Map()), link(new Map([['batch.index', 7n]]))],
    status: { code: 'error', message: 'the store said "no"\nand left' },
    scope: rich,
  }
  const below = (kind: Span['kind'], name: string, nanos: bigint): Span => ({
    ...emptySpan(traceId, resourceOf(`Part-${kind}`)),
    parentSpanId: root.spanId,
    name,
    kind,
    start: at(nanos),
    end: at(nanos + 1_234_567n),
    scope: rich,
  })
  return [
    root,
    { ...below('client', 'SELECT Items', 3_000_003n), status: { code: 'ok', message: '' } },
    below('internal', 'render', 5_000_005n),
    below('producer', 'orders send', 7_000_007n),
    below('consumer', 'orders process', 9_000_009n),
  ]
}

const bare = { droppedAttributesCount: 0 }

const exception: Attributes = new Map([
  ['exception.type', 'TimeoutError'],
  ['exception.message', 'no answer\nin 5 s'],
])

const everyType: Attributes = new Map<
  string,
  Span['attributes'] extends ReadonlyMap<string, infer V> ? V : never
>([
  ['a.string', 'text with ümläuts, 漢字 and "quotes"'],
  ['an.empty.string', ''],
  ['an.int', -42n],
  ['a.large.int', 9_007_199_254_740_993n],
  ['a.double', 0.1],
  ['a.whole.double', 3],
  ['a.boolean', false],
  ['bytes', Uint8Array.of(0, 127, 255)],
  ['strings', ['a', 'b,c']],
  ['ints', [1n, 2n]],
  [
    'a.map',
    new Map<string, string | bigint>([
      ['k', 'v'],
      ['n', 1n],
    ]),
  ],
])

function link(attributes: Attributes): Span['links'][number] {
  return {
    traceId: newTraceId(),
    spanId: newSpanId(),
    traceState: '',
    attributes,
    droppedAttributesCount: 0,
    flags: 0,
  }
}
