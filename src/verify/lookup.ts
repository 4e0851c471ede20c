import { renamesOf } from '../trace/renames.ts'
import type { AttributeValue, Span } from '../trace/span.ts'

export type Level = 'span' | 'scope' | 'resource'

/** What a tag name leads to on one span. `dropped`: one that stands before what was found may have been cut off before it arrived. */
export interface TagSeen {
  readonly value: AttributeValue | undefined
  readonly level: Level | undefined
  /** The name it was found under, when that is another one than asked for. */
  readonly seenAs: string | undefined
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
