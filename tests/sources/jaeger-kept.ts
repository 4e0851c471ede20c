import { compositeText } from '../../src/sources/jaeger-json-write.ts'
import type { Attributes, AttributeValue, Span, SpanLink } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'

/** What is left of a span in Jaeger's model, by the losses that it declares; `grain` is that of its times in nanoseconds. */
export function keptByJaeger(span: Span, grain: bigint): Span {
  const start = cut(span.start, grain)
  return {
    ...span,
    start: nanosOf(start),
    end: nanosOf(start + cut(span.end - span.start, grain)),
    flags: span.flags & 1,
    attributes: keptAttributes(span.attributes),
    droppedAttributesCount: 0,
    events: span.events.map((event) => ({
      ...event,
      time: nanosOf(cut(event.time, grain)),
      attributes: keptAttributes(event.attributes),
      droppedAttributesCount: 0,
    })),
    droppedEventsCount: 0,
    links: [
      ...span.links.filter(isToParent),
      ...span.links.filter((link) => !isToParent(link)),
    ].map(keptLink),
    droppedLinksCount: 0,
    resource: {
      attributes: keptAttributes(span.resource.attributes),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: { ...span.scope, attributes: new Map(), droppedAttributesCount: 0, schemaUrl: '' },
  }

  function isToParent(link: SpanLink): boolean {
    return link.traceId === span.traceId && link.spanId === span.parentSpanId
  }
}

function cut(nanos: bigint, grain: bigint): bigint {
  return nanos - (((nanos % grain) + grain) % grain)
}

function keptAttributes(attributes: Attributes): Attributes {
  return new Map([...attributes].map(([key, value]) => [key, keptValue(value)]))
}

function keptValue(value: AttributeValue): AttributeValue {
  return typeof value === 'object' && !(value instanceof Uint8Array) ? compositeText(value) : value
}

function keptLink(link: SpanLink): SpanLink {
  const type = link.attributes.get('opentracing.ref_type')
  return {
    ...link,
    traceState: '',
    attributes: new Map(type === 'child_of' ? [['opentracing.ref_type', type]] : []),
    droppedAttributesCount: 0,
    flags: 0,
  }
}
