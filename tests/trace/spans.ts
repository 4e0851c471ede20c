import { parseSpanId, parseTraceId, type SpanId, type TraceId } from '../../src/trace/ids.ts'
import type { Resource, Scope, Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'

/** A trace id that ends in a number. */
export function traceId(number: number): TraceId {
  return parseTraceId(`a${number.toString(16).padStart(31, '0')}`) ?? invalid(number)
}

/** A span id that ends in a number. */
export function spanId(number: number): SpanId {
  return parseSpanId(`b${number.toString(16).padStart(15, '0')}`) ?? invalid(number)
}

function invalid(number: number): never {
  throw new RangeError(`no id from ${number}`)
}

/** A resource with a service and, when given, a host. */
export function resource(service: string, host?: string): Resource {
  const names: [string, string][] = [['service.name', service]]
  if (host !== undefined) names.push(['host.name', host])
  return { attributes: new Map(names), droppedAttributesCount: 0, schemaUrl: '' }
}

const scope: Scope = {
  name: 'test',
  version: '',
  attributes: new Map(),
  droppedAttributesCount: 0,
  schemaUrl: '',
}
const shop: Resource = resource('shop')

type Given = Partial<Omit<Span, 'spanId' | 'parentSpanId' | 'traceId' | 'start' | 'end'>> & {
  readonly id: number
  readonly parent?: number
  readonly trace?: number
  readonly start?: number
  readonly end?: number
}

/** A span whose ids and times are small numbers and that has nothing else unless it is given. */
export function span({ id, parent, trace, start, end, ...rest }: Given): Span {
  return {
    traceId: traceId(trace ?? 1),
    spanId: spanId(id),
    parentSpanId: parent === undefined ? undefined : spanId(parent),
    traceState: '',
    flags: 0,
    name: `span ${id}`,
    kind: 'internal',
    start: nanosOf(BigInt(start ?? id)),
    end: nanosOf(BigInt(end ?? 1_000_000)),
    attributes: new Map(),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource: shop,
    scope,
    ...rest,
  }
}
