import { joinedLosses, lossless, type Losses } from './losses.ts'
import type { AttributeValue, Resource, Span, SpanKind } from './span.ts'

/** Attributes of resources that say what the form that their spans were first read from had lost, and why spans are missing. */
const [lossesAttribute, cutAttribute] = ['tracespec.losses', 'tracespec.cut']

/** What is known of spans beside what they say. */
export interface Known {
  readonly losses: Losses
  /** Why not all spans are here; undefined when they are. */
  readonly cut: string | undefined
}

/** The spans with what is known of them written on their resources, so that who reads them again knows it too. */
export function withKnown(spans: readonly Span[], { losses, cut }: Known): readonly Span[] {
  const lost = textOf(losses)
  const marks: readonly (readonly [string, string])[] = [
    ...(lost === '' ? [] : [[lossesAttribute, lost] as const]),
    ...(cut === undefined ? [] : [[cutAttribute, cut] as const]),
  ]
  if (marks.length === 0) return spans
  const marked = onceEach<Resource, Resource>((resource) => ({
    ...resource,
    attributes: new Map([...resource.attributes, ...marks]),
  }))
  return spans.map((span) => ({ ...span, resource: marked(span.resource) }))
}

/** The spans as they were before `withKnown`, with what it wrote on any of them. */
export function takeKnown(spans: readonly Span[]): Known & { readonly spans: readonly Span[] } {
  const lost = new Set<AttributeValue>()
  const cuts = new Set<string>()
  const without = onceEach<Resource, Resource>((resource) => {
    const attributes = new Map(resource.attributes)
    const cut = attributes.get(cutAttribute)
    lost.add(attributes.get(lossesAttribute) ?? '')
    if (typeof cut === 'string') cuts.add(cut)
    const hasMarks = [attributes.delete(lossesAttribute), attributes.delete(cutAttribute)]
    return hasMarks.includes(true) ? { ...resource, attributes } : resource
  })
  const bare = spans.map((span) => {
    const resource = without(span.resource)
    return resource === span.resource ? span : { ...span, resource }
  })
  return {
    spans: bare,
    losses: joinedLosses([...lost].map(lossesIn)),
    cut: [...cuts].toSorted()[0],
  }
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
  'events',
  'attributes',
] as const

const spanKinds = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
] as const satisfies readonly SpanKind[]

function textOf(losses: Losses): string {
  return [
    ...flagNames.filter((name) => losses[name] === true),
    ...(losses.grainNanos === 1 ? [] : [`grainNanos=${losses.grainNanos}`]),
    ...(losses.types === 'kept' ? [] : [`types=${losses.types}`]),
    ...(losses.links === 'kept' ? [] : [`links=${losses.links}`]),
    ...(losses.kinds === undefined ? [] : [`kinds=${losses.kinds}`]),
    ...(losses.statuses === undefined ? [] : [`statuses=${losses.statuses}`]),
    ...(losses.renamed ?? []).map((kind) => `renamed=${kind}`),
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
  const kinds = (['lost', 'sides', 'calls'] as const).find((value) => words.has(`kinds=${value}`))
  const statuses = (['lost', 'errors', 'ok'] as const).find((value) =>
    words.has(`statuses=${value}`),
  )
  const renamed = spanKinds.filter((kind) => words.has(`renamed=${kind}`))
  return {
    ...lossless,
    ...flags,
    grainNanos: ([1_000_000, 1000] as const).find((grain) => words.has(`grainNanos=${grain}`)) ?? 1,
    types: types ?? 'kept',
    links: links ?? 'kept',
    ...(kinds !== undefined && { kinds }),
    ...(statuses !== undefined && { statuses }),
    ...(renamed.length > 0 && { renamed }),
  }
}
