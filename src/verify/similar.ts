import type { Matcher } from '../spec/spec.ts'

/** How alike two names are, 0 to 1: Dice's coefficient over the pairs of neighbouring characters, without case. */
export function similarity(a: string, b: string): number {
  const [left, right] = [pairsOf(a), pairsOf(b)]
  let shared = 0
  for (const [pair, count] of left) shared += Math.min(count, right.get(pair) ?? 0)
  const total = sum(left) + sum(right)
  return total === 0 ? 0 : (2 * shared) / total
}

const MAX_LENGTH = 200

function pairsOf(text: string): ReadonlyMap<string, number> {
  const lower = ` ${text.slice(0, MAX_LENGTH).toLowerCase()} `
  const pairs = new Map<string, number>()
  for (let index = 0; index + 1 < lower.length; index += 1) {
    const pair = lower.slice(index, index + 2)
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
  }
  return pairs
}

function sum(pairs: ReadonlyMap<string, number>): number {
  return [...pairs.values()].reduce((total, count) => total + count, 0)
}

/** The text that a name matcher is written with, to compare with names that it did not match. */
export function writtenText(matcher: Matcher | undefined): string {
  if (matcher === undefined) return ''
  switch (matcher.kind) {
    case 'eq':
    case 'ne':
    case 'contains':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return String(matcher.value)
    case 'glob':
    case 'regex':
    case 'template':
      return matcher.pattern
    case 'in':
      return String(matcher.values[0] ?? '')
    case 'all':
      return matcher.of.map(writtenText).find((text) => text !== '') ?? ''
    case 'length':
    case 'present':
    case 'exists':
    case 'type':
      return ''
  }
}
