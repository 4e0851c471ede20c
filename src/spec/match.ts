import { RE2JS } from 're2js'
import type { AttributeValue } from '../trace/span.ts'
import { compare, equals, textOf, type Scalar } from '../trace/canonical.ts'
import type { Matcher, ValueType } from './spec.ts'
import { globParts, matchesParts, templateSegments } from './wildcard.ts'

/** Decides whether a value is as asked; undefined stands for an absent value. */
export type MatchTest = (value: AttributeValue | undefined) => boolean

/** A test of the matcher; throws on a regex that is not RE2, which parsed specs do not have. */
export function compileMatcher(matcher: Matcher): MatchTest {
  switch (matcher.kind) {
    case 'present':
      return (value) => value !== undefined
    case 'exists':
      return (value) => (value !== undefined) === matcher.value
    case 'eq':
      return whenPresent((value) => equals(matcher.value, value))
    case 'ne':
      return whenPresent((value) => !equals(matcher.value, value))
    case 'in':
      return whenPresent((value) => matcher.values.some((written) => equals(written, value)))
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return whenPresent((value) => isOrdered(matcher.kind, compare(value, matcher.value)))
    case 'glob':
    case 'template':
    case 'regex':
      return onText(compilePattern(matcher.kind, matcher.pattern))
    case 'type':
      return whenPresent((value) => typeOf(value) === matcher.type)
    case 'contains':
      return whenPresent((value) => contains(value, matcher.value))
    case 'length':
      return onLength(compileMatcher(matcher.length))
    case 'all': {
      const tests = matcher.of.map(compileMatcher)
      return (value) => tests.every((test) => test(value))
    }
  }
}

function whenPresent(test: (value: AttributeValue) => boolean): MatchTest {
  return (value) => value !== undefined && test(value)
}

function onText(test: (text: string) => boolean): MatchTest {
  return whenPresent((value) => {
    const text = textOf(value)
    return text !== undefined && test(text)
  })
}

function onLength(test: MatchTest): MatchTest {
  return whenPresent((value) => {
    const length = lengthOf(value)
    return length !== undefined && test(length)
  })
}

function isOrdered(operator: 'gt' | 'gte' | 'lt' | 'lte', order: number | undefined): boolean {
  if (order === undefined) return false
  switch (operator) {
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    case 'lte':
      return order <= 0
  }
}

function compilePattern(
  kind: 'glob' | 'template' | 'regex',
  pattern: string,
): (text: string) => boolean {
  switch (kind) {
    case 'glob': {
      const parts = globParts(pattern)
      return (text) => matchesParts(text, parts, 0)
    }
    case 'template': {
      const segments = templateSegments(pattern)
      return (text) => {
        const written = text.split('/')
        return (
          written.length === segments.length &&
          segments.every((parts, index) => matchesParts(written[index] ?? '', parts, 1))
        )
      }
    }
    case 'regex': {
      const regex = RE2JS.compile(pattern)
      return (text) => regex.test(text)
    }
  }
}

/** Undefined for the empty value, which has no type. */
function typeOf(value: AttributeValue): ValueType | undefined {
  if (value === null) return undefined
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'double'
  if (value instanceof Uint8Array) return 'bytes'
  return isArray(value) ? 'array' : 'map'
}

/** A part of a text, or an element of an array. */
function contains(value: AttributeValue, part: Scalar): boolean {
  if (typeof value === 'string') return value.includes(String(part))
  return isArray(value) && value.some((item) => equals(part, item))
}

function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value)
}

function lengthOf(value: AttributeValue): number | undefined {
  if (typeof value === 'string') return codePoints(value)
  if (value instanceof Uint8Array) return value.length
  if (value instanceof Map) return value.size
  return isArray(value) ? value.length : undefined
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** What the matcher asks, as one short value: the literal itself, else as `>= 3` or `glob "payment.*"`. */
export function showMatcher(matcher: Matcher): string | number | boolean {
  switch (matcher.kind) {
    case 'eq':
      return typeof matcher.value === 'bigint' ? String(matcher.value) : matcher.value
    case 'present':
      return 'present'
    case 'exists':
      return matcher.value ? 'present' : 'absent'
    case 'ne':
      return `!= ${showScalar(matcher.value)}`
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return `${SIGNS[matcher.kind]} ${showScalar(matcher.value)}`
    case 'in':
      return `one of ${matcher.values.map(showScalar).join(', ')}`
    case 'glob':
    case 'regex':
    case 'template':
      return `${matcher.kind} ${JSON.stringify(matcher.pattern)}`
    case 'type':
      return `type ${matcher.type}`
    case 'contains':
      return `contains ${showScalar(matcher.value)}`
    case 'length':
      return `length ${String(showMatcher(matcher.length))}`
    case 'all':
      return matcher.of.map((part) => String(showMatcher(part))).join(' and ')
  }
}

const SIGNS: Readonly<Record<'gt' | 'gte' | 'lt' | 'lte', string>> = {
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
}

function showScalar(value: Scalar): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
