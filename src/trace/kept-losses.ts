import { lossless, type Losses } from './losses.ts'
import type { AttributeValue, Resource, Span } from './span.ts'

/** The attribute of a resource that says what the form that its spans were first read from had lost. */
const lossesAttribute = 'tracespec.losses'

/** The spans with what was lost of them written on their resources, so that who reads them again knows; nothing when nothing was. */
export function withLosses(spans: readonly Span[], losses: Losses): readonly Span[] {
  const text = textOf(losses)
  if (text === '') return spans
  const written = onceEach<Resource, Resource>((resource) => ({
    ...resource,
    attributes: new Map([...resource.attributes, [lossesAttribute, text]]),
  }))
  return spans.map((span) => ({ ...span, resource: written(span.resource) }))
}

/** The spans as they were before `withLosses`, and what it wrote, of all of them together. */
export function takeLosses(spans: readonly Span[]): {
  readonly spans: readonly Span[]
  readonly losses: readonly Losses[]
} {
  const texts = new Set<AttributeValue>()
  const without = onceEach<Resource, Resource>((resource) => {
    const attributes = new Map(resource.attributes)
    texts.add(attributes.get(lossesAttribute) ?? '')
    return attributes.delete(lossesAttribute) ? { ...resource, attributes } : resource
  })
  const bare = spans.map((span) => {
    const resource = without(span.resource)
    return resource === span.resource ? span : { ...span, resource }
  })
  return { spans: bare, losses: [...texts].filter((text) => text !== '').map(lossesIn) }
}

function onceEach<A extends object, B>(make: (value: A) => B): (value: A) => B {
  const made = new Map<A, B>()
  return (value) => {
    const result = made.get(value) ?? make(value)
    made.set(value, result)
    return result
  }
}

const flagNames = [
  'nameCase',
  'scopeAttributes',
  'resourceLevel',
  'eventAttributes',
  'flags',
  'droppedCounts',
  'internalKind',
  'statusMessage',
  'unknownDurations',
] as const

function textOf(losses: Losses): string {
  return [
    ...flagNames.filter((name) => losses[name] === true),
    ...(losses.grainNanos === 1 ? [] : [`grainNanos=${losses.grainNanos}`]),
    ...(losses.types === 'kept' ? [] : [`types=${losses.types}`]),
    ...(losses.links === 'kept' ? [] : [`links=${losses.links}`]),
  ].join(' ')
}

/** What is not understood, as by an older version, says nothing. */
function lossesIn(text: AttributeValue): Losses {
  const words = new Set(typeof text === 'string' ? text.split(' ') : [])
  const flags = Object.fromEntries(
    flagNames.filter((name) => words.has(name)).map((name) => [name, true]),
  )
  const types = (['all', 'composites'] as const).find((value) => words.has(`types=${value}`))
  const links = (['lost', 'without_attributes'] as const).find((value) =>
    words.has(`links=${value}`),
  )
  return {
    ...lossless,
    ...flags,
    grainNanos: words.has('grainNanos=1000') ? 1000 : 1,
    types: types ?? 'kept',
    links: links ?? 'kept',
  }
}
