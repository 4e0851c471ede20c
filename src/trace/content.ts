import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanLink,
} from './span.ts'

/**
 * All that a span says except whose it is: two spans with one text differ at most in their span and parent ids.
 * Attributes count in any order, ints and doubles are told apart.
 */
export function contentOf(span: Span): string {
  return sequence([
    span.start,
    span.end,
    span.name,
    span.kind,
    span.status.code,
    span.status.message,
    span.flags,
    span.traceState,
    attributesText(span.attributes),
    span.droppedAttributesCount,
    sequence(span.events.map(eventText)),
    span.droppedEventsCount,
    sequence(span.links.map(linkText)),
    span.droppedLinksCount,
    ownerText(span.resource),
    ownerText(span.scope),
  ])
}

function eventText(event: SpanEvent): string {
  const { time, name, attributes, droppedAttributesCount } = event
  return sequence([time, name, attributesText(attributes), droppedAttributesCount])
}

function linkText(link: SpanLink): string {
  const { traceId, spanId, traceState, attributes, droppedAttributesCount, flags } = link
  return sequence([
    traceId,
    spanId,
    traceState,
    attributesText(attributes),
    droppedAttributesCount,
    flags,
  ])
}

/** Resources and scopes are shared by many spans, so their texts are kept as long as they live. */
const ownerTexts = new WeakMap<Resource | Scope, string>()

function ownerText(owner: Resource | Scope): string {
  const known = ownerTexts.get(owner)
  if (known !== undefined) return known
  const text = sequence([
    ...('name' in owner ? [owner.name, owner.version] : []),
    attributesText(owner.attributes),
    owner.droppedAttributesCount,
    owner.schemaUrl,
  ])
  ownerTexts.set(owner, text)
  return text
}

function attributesText(attributes: Attributes): string {
  const names = [...attributes.keys()].toSorted()
  return sequence(names.flatMap((name) => [name, valueText(attributes.get(name) ?? null)]))
}

function valueText(value: AttributeValue): string {
  if (value === null) return 'null'
  if (Object.is(value, -0)) return 'number -0'
  if (typeof value !== 'object') return `${typeof value} ${String(value)}`
  if (value instanceof Uint8Array) return `bytes ${value.toString()}`
  return isMap(value) ? `map ${attributesText(value)}` : `array ${sequence(value.map(valueText))}`
}

function isMap(value: Attributes | readonly AttributeValue[]): value is Attributes {
  return value instanceof Map
}

/** Each part with its length before it, so that no two lists have one text. */
function sequence(parts: readonly (string | number | bigint)[]): string {
  return parts.map((part) => `${String(part).length}:${String(part)}`).join('')
}
