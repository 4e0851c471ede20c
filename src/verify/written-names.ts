import { compileMatcher, type MatchTest } from '../spec/match.ts'
import type { Matcher } from '../spec/spec.ts'
import { agreed, and, surely, type Tri } from './three.ts'

/** The names that a spec writes, each under its lower case with all its spellings. */
export interface WrittenNames {
  readonly texts: ReadonlyMap<string, ReadonlySet<string>>
  /** The letters of its patterns. */
  readonly patterns: ReadonlyMap<string, ReadonlySet<string>>
}

/** Asks a name; undefined stands for a span without one. */
export type NameTest = (name: string | undefined) => Tri

export function writtenNames(matchers: readonly Matcher[]): WrittenNames {
  const texts = new Map<string, Set<string>>()
  const patterns = new Map<string, Set<string>>()
  for (const matcher of matchers.flatMap(partsOf)) {
    for (const text of textsOf(matcher)) keep(texts, text)
    if ('pattern' in matcher) keep(patterns, lettersOf(matcher.pattern))
  }
  return { texts, patterns }
}

function partsOf(matcher: Matcher): readonly Matcher[] {
  return matcher.kind === 'all' ? matcher.of.flatMap(partsOf) : [matcher]
}

function textsOf(matcher: Matcher): readonly string[] {
  if (matcher.kind === 'in') return matcher.values.filter((value) => typeof value === 'string')
  const isOne = matcher.kind === 'eq' || matcher.kind === 'ne'
  return isOne && typeof matcher.value === 'string' ? [matcher.value] : []
}

/** What two patterns are compared by, to find those that differ in case alone. */
function lettersOf(pattern: string): string {
  return pattern.replaceAll(/[^\p{L}]+/gu, ' ').trim()
}

function isSpelledOnce(pattern: string, { patterns }: WrittenNames): boolean {
  return patterns.get(lettersOf(pattern).toLowerCase())?.size === 1
}

function keep(spellings: Map<string, Set<string>>, text: string): void {
  const lower = text.toLowerCase()
  spellings.set(lower, (spellings.get(lower) ?? new Set()).add(text))
}

/**
 * A test of names. Where case is lost (`written` is given) a name is the one that the spec writes, and unknown when it writes
 * several that differ in case alone; a name that it writes nowhere is compared without case.
 */
export function compileName(matcher: Matcher, written: WrittenNames | undefined): NameTest {
  const test = compileMatcher(matcher)
  if (written === undefined) return (name) => surely(test(name))
  const inAnyCase = compileInAnyCase(matcher, written)
  return (name) => {
    if (name === undefined || name !== name.toLowerCase()) return surely(test(name))
    const spellings = written.texts.get(name)
    if (spellings === undefined) return inAnyCase(name)
    return agreed([...spellings].map((spelling) => surely(test(spelling))))
  }
}

function compileInAnyCase(matcher: Matcher, written: WrittenNames): (name: string) => Tri {
  if (matcher.kind === 'all') {
    const parts = matcher.of.map((part) => compileInAnyCase(part, written))
    return (name) => parts.map((part) => part(name)).reduce(and, 'yes')
  }
  const test = compileMatcher(withoutCase(matcher))
  switch (matcher.kind) {
    case 'glob':
    case 'template': {
      const isOne = isSpelledOnce(matcher.pattern, written)
      return isOne ? (name) => surely(test(name)) : (name) => (test(name) ? 'unknown' : 'no')
    }
    case 'regex':
      return regexInAnyCase(matcher.pattern, test, written)
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return (name) => (typeof matcher.value === 'string' ? 'unknown' : surely(test(name)))
    case 'present':
    case 'exists':
    case 'eq':
    case 'ne':
    case 'in':
    case 'type':
    case 'contains':
    case 'length':
      return (name) => surely(test(name))
  }
}

/** A class or an escape of letters may mean one case, and what excludes letters may exclude one case only. */
function regexInAnyCase(
  pattern: string,
  test: MatchTest,
  written: WrittenNames,
): (name: string) => Tri {
  const isOne = isSpelledOnce(pattern, written)
  if (isOne && !/\[|\\[pPQx]|\(\?[a-zA-Z]*-/.test(pattern)) return (name) => surely(test(name))
  const excludes = /\[\^|\[\[:\^|\\P|\\p\{\^|\\[QEx]|\(\?[a-zA-Z]*-/.test(pattern)
  return (name) => (test(name) || excludes ? 'unknown' : 'no')
}

/** The matcher as it is asked of a name in lower case. */
function withoutCase(matcher: Matcher): Matcher {
  switch (matcher.kind) {
    case 'eq':
    case 'ne':
    case 'contains':
      return typeof matcher.value === 'string'
        ? { ...matcher, value: matcher.value.toLowerCase() }
        : matcher
    case 'in':
      return {
        ...matcher,
        values: matcher.values.map((value) =>
          typeof value === 'string' ? value.toLowerCase() : value,
        ),
      }
    case 'glob':
    case 'template':
      return { ...matcher, pattern: matcher.pattern.toLowerCase() }
    case 'regex':
      return { ...matcher, pattern: `(?i)${matcher.pattern}` }
    case 'all':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'present':
    case 'exists':
    case 'type':
    case 'length':
      return matcher
  }
}
