import { showMatcher } from '../spec/match.ts'
import type {
  Matcher,
  SourceRange,
  SpanExpectation,
  StatusCondition,
  TagCondition,
} from '../spec/spec.ts'
import type { Span, StatusCode } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import { compileTag, lookUpTag } from './lookup.ts'
import { likeliest } from './originals.ts'
import type { Reading } from './reading.ts'
import type { ConditionFacts, Shown } from './result.ts'
import { shownValue } from './shown.ts'
import { hasStatus } from './shown-facts.ts'
import type { Tri } from './three.ts'
import { durationOf, isAtLeast, isAtMost } from './times.ts'

/** One thing that must hold for every span of an expectation, apart from its identity. */
export interface Condition {
  /** Its path in the expectation, as `required_tags.http.route`. */
  readonly name: string
  readonly at: SourceRange
  readonly expected: Shown
  readonly holds: (span: Span) => Tri
  readonly facts: (span: Span) => ConditionFacts
}

/** The conditions of an expectation in the order of the language: status, duration, required and optional tags. */
export function compileConditions(
  expectation: SpanExpectation,
  reading: Reading,
): readonly Condition[] {
  return [
    ...statusCondition(expectation, reading),
    ...durationConditions(expectation, reading),
    ...expectation.tags.map((tag) => tagCondition(tag, reading)),
  ]
}

function statusCondition({ status }: SpanExpectation, { losses }: Reading): readonly Condition[] {
  if (status === undefined) return []
  const expected = STATUS_TEXT[status.condition]
  return [
    plainCondition(
      { name: 'status', at: status.at, expected },
      {
        holds: (span) => hasStatus(span, losses, (code) => statusHolds(code, status.condition)),
        observed: (span) => span.status.code,
      },
    ),
  ]
}

const STATUS_TEXT: Readonly<Record<StatusCondition, string>> = {
  ok: 'ok',
  exactly_ok: 'exactly ok',
  exactly_unset: 'unset',
  exactly_error: 'error',
}

function statusHolds(code: StatusCode, condition: StatusCondition): boolean {
  switch (condition) {
    case 'ok':
      return code !== 'error'
    case 'exactly_ok':
      return code === 'ok'
    case 'exactly_unset':
      return code === 'unset'
    case 'exactly_error':
      return code === 'error'
  }
}

const NANOS_PER_MS = 1e6

function durationConditions(
  { duration }: SpanExpectation,
  { losses }: Reading,
): readonly Condition[] {
  if (duration === undefined) return []
  const { minMs, maxMs, at } = duration
  const observed = (span: Span): Shown => millisOf(span.end - span.start)
  const conditions: Condition[] = []
  if (minMs !== undefined) {
    const holds = (span: Span): Tri => isAtLeast(durationOf(span, losses), minMs * NANOS_PER_MS)
    conditions.push(
      plainCondition(
        { name: 'expected_duration_ms.min', at, expected: minMs },
        { holds, observed },
      ),
    )
  }
  if (maxMs !== undefined) {
    const holds = (span: Span): Tri => isAtMost(durationOf(span, losses), maxMs * NANOS_PER_MS)
    conditions.push(
      plainCondition(
        { name: 'expected_duration_ms.max', at, expected: maxMs },
        { holds, observed },
      ),
    )
  }
  return conditions
}

interface Plain {
  readonly holds: (span: Span) => Tri
  readonly observed: (span: Span) => Shown
}

function plainCondition(head: Pick<Condition, 'name' | 'at' | 'expected'>, ask: Plain): Condition {
  return {
    ...head,
    holds: ask.holds,
    facts: (span) => ({
      condition: head.name,
      expected: head.expected,
      observed: ask.observed(span),
      found_in: null,
      seen_as: null,
    }),
  }
}

/** A tag as a condition: an optional one holds when it is absent. */
function tagCondition(tag: TagCondition, reading: Reading): Condition {
  const name = `${tag.optional ? 'optional_tags' : 'required_tags'}.${tag.name}`
  const expected = showMatcher(tag.matcher)
  return {
    name,
    at: tag.at,
    expected,
    holds: compileTag(tag, reading),
    facts: (span) => {
      const facts = tagFacts(span, tag.name, reading)
      const observed = asksType(tag.matcher) ? withType(span, tag.name) : facts.observed
      return { condition: name, expected, ...facts, observed }
    },
  }
}

function asksType(matcher: Matcher): boolean {
  return matcher.kind === 'type' || (matcher.kind === 'all' && matcher.of.some(asksType))
}

/** A number with its type: 201 and 201.0 look alike. */
function withType(span: Span, name: string): Shown {
  const { value } = lookUpTag(span, name)
  if (typeof value === 'bigint') return `int ${value}`
  return typeof value === 'number' ? `double ${value}` : shownValue(value)
}

/** What a tag lookup shows, as facts. */
export function tagFacts(
  span: Span,
  name: string,
  { losses }: Reading,
): Pick<ConditionFacts, 'observed' | 'found_in' | 'seen_as'> {
  const seen = lookUpTag(span, name)
  return {
    observed: shownValue(
      seen.value === undefined ? undefined : likeliest(seen.value, losses.types),
    ),
    found_in: seen.level ?? null,
    seen_as: seen.seenAs ?? null,
  }
}
