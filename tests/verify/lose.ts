import type { Losses } from '../../src/trace/losses.ts'
import type {
  Attributes,
  AttributeValue,
  Resource,
  Span,
  StatusCode,
} from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'

/** The spans as they are read back from a form that loses so much. */
export function lose(spans: readonly Span[], losses: Losses): readonly Span[] {
  return spans.map((span) => loseFrom(span, losses))
}

function loseFrom(span: Span, losses: Losses): Span {
  const value = (one: AttributeValue): AttributeValue => withoutType(one, losses.types)
  const name = (text: string): string => (losses.nameCase ? text.toLowerCase() : text)
  const dropped = losses.droppedCounts ? 0 : span.droppedAttributesCount
  const own = mapped(remaining(span.attributes, span, losses), value)
  const resource = mapped(remaining(span.resource.attributes, span, losses), value)
  const service = resource.get('service.name')
  const kept: Attributes = losses.resourceLevel ? new Map() : resource
  return {
    ...span,
    ...timesOf(span, losses),
    name: losses.renamed?.includes(shownKind(span, losses)) ? 'other' : name(span.name),
    kind: shownKind(span, losses),
    flags: losses.flags ? 0 : span.flags,
    attributes: losses.resourceLevel ? new Map([...without(resource), ...own]) : own,
    droppedAttributesCount: dropped,
    events: (losses.events === true ? [] : span.events).map((event) => ({
      ...event,
      attributes: losses.eventAttributes ? new Map() : mapped(event.attributes, value),
    })),
    droppedEventsCount: losses.droppedCounts ? 0 : span.droppedEventsCount,
    links: losses.links === 'lost' ? [] : span.links,
    status: {
      code: shownStatus(span, losses),
      message: losses.statusMessage ? '' : span.status.message,
    },
    resource: resourceOf(
      span.resource,
      typeof service === 'string' ? new Map([...kept, ['service.name', name(service)]]) : kept,
    ),
    scope: {
      ...span.scope,
      attributes: losses.scopeAttributes ? new Map() : mapped(span.scope.attributes, value),
    },
  }
}

function shownKind({ kind, spanId }: Span, losses: Losses): Span['kind'] {
  const { kinds, internalKind } = losses
  if (kinds === undefined) return internalKind && kind === 'unspecified' ? 'internal' : kind
  switch (kinds) {
    case 'calls':
      return kind === 'server' || kind === 'client' ? kind : 'internal'
    case 'sides':
      return kind === 'server' || kind === 'consumer' ? 'server' : 'client'
    case 'lost':
      return isOdd(spanId) ? 'server' : 'internal'
  }
}

function shownStatus({ status: { code }, spanId }: Span, { statuses }: Losses): StatusCode {
  if (statuses === undefined) return code
  if (statuses === 'lost') return isOdd(spanId) ? 'unset' : 'error'
  if (statuses === 'errors' && isOdd(spanId)) return 'error'
  return code === 'error' ? code : 'unset'
}

/** Of some spans attributes are gone. */
function remaining(attributes: Attributes, { spanId }: Span, losses: Losses): Attributes {
  if (losses.attributes !== true || isOdd(spanId)) return attributes
  return new Map([...attributes].filter(([name]) => !lostNames.has(name)))
}

const lostNames: ReadonlySet<string> = new Set(['tag', 'error.type', 'service.name'])

function isOdd(spanId: string): boolean {
  return Number.parseInt(spanId.slice(-1), 16) % 2 === 1
}

/** One resource for equal ones, as a reader makes them. */
function resourceOf(resource: Resource, attributes: Attributes): Resource {
  return { ...resource, attributes }
}

function without(resource: Attributes): readonly (readonly [string, AttributeValue])[] {
  return [...resource].filter(([name]) => name !== 'service.name')
}

function mapped(
  attributes: Attributes,
  change: (value: AttributeValue) => AttributeValue,
): Attributes {
  return new Map([...attributes].map(([name, value]) => [name, change(value)]))
}

function timesOf(span: Span, losses: Losses): Pick<Span, 'start' | 'end'> {
  const grain = BigInt(losses.grainNanos)
  const start = span.start - (span.start % grain)
  const duration = span.end - span.start
  const isUnknown = losses.unknownDurations === true && span.spanId.endsWith('3')
  if (isUnknown) return { start: nanosOf(start + 5_000_000n), end: nanosOf(start + 5_000_000n) }
  return { start: nanosOf(start), end: nanosOf(start + duration - (duration % grain)) }
}

/** Texts as Go and JavaScript write them: 1.0 is `1`, lists and maps are JSON, bytes base64. */
function withoutType(value: AttributeValue, types: Losses['types']): AttributeValue {
  if (types === 'kept' || typeof value === 'string') return value
  if (value === null) return types === 'all' ? '' : null
  if (typeof value !== 'object') return types === 'all' ? String(value) : value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return JSON.stringify(plain(value))
}

function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, one]) => [name, plain(one)]))
  }
  return [...value.values()].map(plain)
}
