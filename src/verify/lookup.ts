import type { Matcher, TagMatch } from '../spec/spec.ts'
import { renamesOf } from '../trace/renames.ts'
import type { Losses } from '../trace/losses.ts'
import type { AttributeValue, Span } from '../trace/span.ts'
import { compileValue, type ValueTest } from './originals.ts'
import { isServiceName, type Reading } from './reading.ts'
import { kindsOf } from './shown-facts.ts'
import { agreed, type Tri } from './three.ts'
import { compileName } from './written-names.ts'

export type Level = 'span' | 'scope' | 'resource'

/** What a tag name leads to on one span. */
export interface TagSeen {
  readonly value: AttributeValue | undefined
  readonly level: Level | undefined
  /** The name it was found under, when that is another one than asked for. */
  readonly seenAs: string | undefined
  /** One that stands before what was found may have been cut off before it arrived. */
  readonly dropped: boolean
}

const RESOURCE_PREFIX = 'resource.'

/** Looks a tag up in the span, then its scope, then its resource; `resource.NAME` asks the resource alone. */
export function lookUpTag(span: Span, asked: string): TagSeen {
  const onlyResource = asked.startsWith(RESOURCE_PREFIX)
  const name = onlyResource ? asked.slice(RESOURCE_PREFIX.length) : asked
  const levels: readonly Level[] = onlyResource ? ['resource'] : ['span', 'scope', 'resource']
  let dropped = false
  for (const level of levels) {
    const holder = holderOf(span, level)
    const value = holder.attributes.get(name)
    if (value !== undefined) return { value, level, seenAs: undefined, dropped }
    const seenAs = renamesOf(name, span.kind).find((other) => holder.attributes.has(other))
    if (seenAs !== undefined)
      return { value: holder.attributes.get(seenAs), level, seenAs, dropped }
    dropped ||= holder.droppedAttributesCount > 0
  }
  return { value: undefined, level: undefined, seenAs: undefined, dropped }
}

function holderOf(span: Span, level: Level): Pick<Span, 'attributes' | 'droppedAttributesCount'> {
  switch (level) {
    case 'span':
      return span
    case 'scope':
      return span.scope
    case 'resource':
      return span.resource
  }
}

export interface TagQuestion extends Pick<TagMatch, 'name' | 'matcher'> {
  /** An optional tag holds where it is absent. */
  readonly optional?: boolean
}

/** Asks a tag of spans; unknown where one that was dropped, or a fact that the form lost, could decide otherwise. */
export function compileTag(
  { name, matcher, optional = false }: TagQuestion,
  { losses, services }: Reading,
): (span: Span) => Tri {
  const plain: ValueTest = compileValue(matcher, losses.types)
  const ofService = isServiceName(name) ? compileName(matcher, services) : undefined
  const test: ValueTest = (value) => {
    if (value === undefined && optional) return 'yes'
    return ofService !== undefined && typeof value === 'string' ? ofService(value) : plain(value)
  }
  const asksPresence = !optional && isPresence(matcher)
  const ask = (span: Span): Tri => {
    const seen = lookUpTag(span, name)
    const isOpen = seen.dropped || mayStandBefore(span, name, { seen, losses })
    if (isOpen && !(asksPresence && seen.value !== undefined)) return 'unknown'
    return losses.resourceLevel
      ? agreed(valuesWithoutLevels(span, name, seen).map(test))
      : test(seen.value)
  }
  if (losses.kinds === undefined) return ask
  // what an attribute was called depends on the side
  return (span) => agreed(kindsOf(span, losses).map((kind) => ask({ ...span, kind })))
}

function isPresence(matcher: Matcher): boolean {
  if (matcher.kind === 'all') return matcher.of.every(isPresence)
  return matcher.kind === 'present' || matcher.kind === 'exists'
}

/** The most attributes, and the most events, that the SDKs keep of a span unless they are told otherwise. */
export const LIMIT_OF_SDKS = 128

/** Whether the form may have lost something that stands before what was found: an attribute of the scope, or that one was dropped. */
function mayStandBefore(
  span: Span,
  name: string,
  { seen, losses }: { readonly seen: TagSeen; readonly losses: Losses },
): boolean {
  const isOwn = seen.level === 'span' && !losses.resourceLevel
  if (losses.attributes === true && !isOwn && mayBeLost(name, seen)) return true
  if (isOwn || name.startsWith(RESOURCE_PREFIX)) return false
  const mayBeCut = losses.droppedCounts && span.attributes.size >= LIMIT_OF_SDKS
  if (mayBeCut || span.droppedAttributesCount > 0) return true
  return losses.scopeAttributes && seen.level !== 'scope' && seen.level !== 'span'
}

/** Where attributes were lost; each source tells the name of the service. */
function mayBeLost(name: string, { level }: TagSeen): boolean {
  if (level === undefined) return true
  return level !== 'span' && !name.startsWith(RESOURCE_PREFIX)
}

/** What a tag may have been where attributes of resources stand among those of spans. */
function valuesWithoutLevels(
  span: Span,
  asked: string,
  seen: TagSeen,
): readonly (AttributeValue | undefined)[] {
  if (asked.startsWith(RESOURCE_PREFIX)) {
    if (seen.value !== undefined) return [seen.value]
    const own = lookUpTag(span, asked.slice(RESOURCE_PREFIX.length))
    return own.level === 'span' ? [own.value, undefined] : [undefined]
  }
  if (seen.level !== 'span') return [seen.value]
  const others = renamesOf(asked, span.kind).filter((name) => span.attributes.has(name))
  return [seen.value, ...others.map((name) => span.attributes.get(name))]
}
