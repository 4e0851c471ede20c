import { textOf } from '../trace/canonical.ts'
import type { Losses } from '../trace/losses.ts'
import { serviceName, type Attributes, type AttributeValue, type Span } from '../trace/span.ts'

/**
 * Which facts of a sent span a delivered one no longer has, by name, apart from those that the backend's form cannot hold. What a
 * pipeline adds is no change.
 */
export function deliveredChanges(sent: Span, delivered: Span, losses: Losses): readonly string[] {
  const isRenamed = losses.renamed?.includes(delivered.kind) === true
  const fields: readonly (readonly [string, boolean])[] = [
    ['name', isRenamed || sameName(sent.name, delivered.name, losses)],
    ['service', sameName(serviceName(sent), serviceName(delivered), losses)],
    ['kind', sameKind(sent, delivered, losses)],
    ['parent', sent.parentSpanId === delivered.parentSpanId],
    ['start', isNear(sent.start, delivered.start, losses)],
    ['duration', isNear(sent.end - sent.start, delivered.end - delivered.start, losses)],
    ['status', losses.statuses !== undefined || sent.status.code === delivered.status.code],
    ['status.message', losses.statusMessage || sent.status.message === delivered.status.message],
    ['events', losses.events === true || sent.events.length === delivered.events.length],
    ['links', losses.links === 'lost' || sent.links.length === delivered.links.length],
  ]
  return [
    ...fields.flatMap(([field, isSame]) => (isSame ? [] : [field])),
    ...lostAttributes(sent.attributes, [delivered.attributes], losses).map(
      (name) => `attributes.${name}`,
    ),
    ...lostAttributes(
      withoutService(sent.resource.attributes),
      [delivered.resource.attributes, ...(losses.resourceLevel ? [delivered.attributes] : [])],
      losses,
    ).map((name) => `resource.attributes.${name}`),
  ]
}

function sameName(a: string, b: string, { nameCase }: Losses): boolean {
  return nameCase ? a.toLowerCase() === b.toLowerCase() : a === b
}

function sameKind(sent: Span, delivered: Span, { kinds, internalKind }: Losses): boolean {
  if (kinds !== undefined || sent.kind === delivered.kind) return true
  return internalKind && isInternal(sent, delivered)
}

function isInternal(...spans: readonly Span[]): boolean {
  return spans.every(({ kind }) => kind === 'internal' || kind === 'unspecified')
}

/** Within what two cuts to the grain can make of a time. */
function isNear(a: bigint, b: bigint, { grainNanos }: Losses): boolean {
  if (grainNanos === 1) return a === b
  const apart = a > b ? a - b : b - a
  return apart <= 2n * BigInt(grainNanos)
}

/** It is told as the name of the service. */
function withoutService(attributes: Attributes): Attributes {
  return new Map([...attributes].filter(([name]) => name !== 'service.name'))
}

function lostAttributes(
  sent: Attributes,
  delivered: readonly Attributes[],
  losses: Losses,
): readonly string[] {
  return [...sent.keys()].filter((name) => {
    const value = sent.get(name)
    const found = delivered.find((attributes) => attributes.has(name))?.get(name)
    if (found === undefined) return losses.attributes !== true
    return value === undefined || !sameValue(value, found, losses)
  })
}

/** Where types are lost, texts are compared; what has no text of one form is only asked to be there. */
function sameValue(sent: AttributeValue, delivered: AttributeValue, { types }: Losses): boolean {
  const isScalar = textOf(sent) !== undefined
  if (types !== 'kept' && !isScalar) return true
  if (types === 'all') return textOf(sent) === textOf(delivered)
  return typeof sent === typeof delivered && (!isScalar || sent === delivered)
}
