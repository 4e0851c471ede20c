import { numberOf, textOf } from '../../../src/trace/canonical.ts'
import type { Losses } from '../../../src/trace/losses.ts'
import {
  serviceName,
  type Attributes,
  type AttributeValue,
  type Span,
} from '../../../src/trace/span.ts'

export interface Comparing {
  readonly losses: Losses
  /** The spans as they were sent. */
  readonly sent: readonly Span[]
}

/**
 * Spans without what a form loses, as plain values that compare and print well: what was sent and what was read are then equal.
 * No check speaks of trace state, flags of links and schema URLs. Values of attributes that were no scalars are known by what was sent; a text may stand for them in any writing.
 */
export function comparable(spans: readonly Span[], { losses, sent }: Comparing): readonly object[] {
  const originals = new Map(sent.map((span) => [span.spanId, span]))
  return spans
    .toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1))
    .map((span) => without(span, originals.get(span.spanId) ?? span, losses))
}

function without(span: Span, original: Span, losses: Losses): object {
  const name = (text: string): string => (losses.nameCase ? text.toLowerCase() : text)
  const count = (dropped: number): number => (losses.droppedCounts ? 0 : dropped)
  const cut = (nanos: bigint): bigint => nanos - (nanos % BigInt(losses.grainNanos))
  const values = (attributes: Attributes, sent: Attributes | undefined): object =>
    valuesOf(attributes, sent ?? attributes, losses)
  const start = cut(span.start)
  const { service, own, resource } = attributesOf(span, losses)
  const before = attributesOf(original, losses)
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    flags: losses.flags ? 0 : span.flags,
    name: name(span.name),
    service: name(service),
    kind: losses.internalKind && span.kind === 'unspecified' ? 'internal' : span.kind,
    start,
    duration: cut(span.end - span.start),
    status: { code: span.status.code, message: losses.statusMessage ? '' : span.status.message },
    attributes: values(own, before.own),
    resource: values(resource, before.resource),
    dropped: [span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount].map(
      count,
    ),
    events: span.events.map((event, at) => ({
      name: event.name,
      time: cut(event.time),
      attributes: losses.eventAttributes
        ? {}
        : values(event.attributes, original.events[at]?.attributes),
      dropped: count(event.droppedAttributesCount),
    })),
    links: linksOf(span, original, losses),
    scope: {
      name: span.scope.name,
      version: span.scope.version,
      attributes: losses.scopeAttributes
        ? {}
        : values(span.scope.attributes, original.scope.attributes),
    },
  }
}

function linksOf({ links }: Span, original: Span, losses: Losses): readonly object[] {
  if (losses.links === 'lost') return []
  return links.map(({ traceId, spanId, attributes }, at) => ({
    traceId,
    spanId,
    attributes:
      losses.links === 'without_attributes'
        ? {}
        : valuesOf(attributes, original.links[at]?.attributes ?? attributes, losses),
  }))
}

/** The service apart, and the resource's attributes among the span's where the form does not keep them apart. */
function attributesOf(
  span: Span,
  { resourceLevel }: Losses,
): { readonly service: string; readonly own: Attributes; readonly resource: Attributes } {
  const resource = new Map(span.resource.attributes)
  const service = serviceName(span)
  resource.delete('service.name')
  if (!resourceLevel) return { service, own: span.attributes, resource }
  return { service, own: new Map([...resource, ...span.attributes]), resource: new Map() }
}

function valuesOf(attributes: Attributes, sent: Attributes, losses: Losses): object {
  return Object.fromEntries(
    [...attributes.keys()].toSorted().map((name) => {
      const value = attributes.get(name) ?? null
      const original = sent.get(name) ?? value
      return [name, valueOf(value, original, losses)]
    }),
  )
}

function valueOf(value: AttributeValue, sent: AttributeValue, { types }: Losses): unknown {
  switch (types) {
    case 'kept':
      return value
    case 'composites':
      return isComposite(sent) ? 'composite' : value
    case 'all':
      return isComposite(sent) ? 'composite' : String(numberOf(value) ?? textOf(value))
  }
}

function isComposite(value: AttributeValue): boolean {
  return typeof value === 'object' && value !== null
}
