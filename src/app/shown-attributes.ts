import type { Attributes } from '../trace/span.ts'
import type { Bounded, Shown } from '../verify/result.ts'
import { bounded, shownValue } from '../verify/shown.ts'

/** The first attributes of a span as plain JSON; `how` says how to get the rest. */
export function shownAttributes(
  attributes: Attributes,
  most: number,
  how: string,
): Bounded<{ readonly name: string; readonly value: Shown }> {
  const list = bounded([...attributes], most, how)
  return {
    ...list,
    items: list.items.map(([name, value]) => ({ name, value: shownValue(value) })),
  }
}
