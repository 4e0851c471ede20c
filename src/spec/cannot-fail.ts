import { problem } from './issue.ts'
import type { Expectation, Identity, Matcher, Spec, SpecIssue, TagCondition } from './spec.ts'

/** A spec that every trace satisfies proves nothing. */
export function cannotFail(spec: Spec): readonly SpecIssue[] {
  if (asksOfTheWhole(spec) || spec.expected.some(canFailAtTop)) return []
  return [
    problem('cannot_fail', spec.at, {
      message: 'The spec cannot fail: nothing in it is required, bounded or forbidden.',
      hint: 'expect a span that is not optional, or forbid one',
    }),
  ]
}

/** That unexpected errors fail by default is no demand of this spec; written down, it is one. */
function asksOfTheWhole(spec: Spec): boolean {
  const { min, max } = spec.traces
  const writesErrors = spec.unexpectedErrors.at !== spec.at
  return (
    spec.forbidden.length > 0 ||
    spec.unexpectedSpans.mode === 'fail' ||
    (writesErrors && spec.unexpectedErrors.mode === 'fail') ||
    spec.maxTotalDurationMs !== undefined ||
    spec.percentiles.length > 0 ||
    spec.errorConditions.some((condition) => condition.expect !== 'allowed') ||
    // Without `applies_to` any trace that holds a span has one case.
    (min !== undefined && min > (spec.appliesTo === undefined ? 1 : 0)) ||
    max !== undefined
  )
}

/** Every trace has a span, so that one of any name is missing in none. */
function canFailAtTop(expectation: Expectation): boolean {
  const { identity, count } = expectation
  const isAlwaysThere = count.min <= 1 && isAnySpan(identity)
  return (count.min > 0 && !isAlwaysThere) || canFailWhenThere(expectation)
}

function canFailBelow(expectation: Expectation): boolean {
  return expectation.count.min > 0 || canFailWhenThere(expectation)
}

function canFailWhenThere(expectation: Expectation): boolean {
  const { count, duration, status, tags, children } = expectation
  return (
    count.max < Infinity ||
    (duration?.minMs ?? 0) > 0 ||
    duration?.maxMs !== undefined ||
    status !== undefined ||
    tags.some(canFailTag) ||
    children.some(canFailBelow)
  )
}

function canFailTag(tag: TagCondition): boolean {
  return !tag.optional || !isPresence(tag.matcher)
}

function isAnySpan(identity: Identity): boolean {
  const { operationName, serviceName, kind, where } = identity
  const namesAny = operationName !== undefined && isPresence(operationName)
  return namesAny && serviceName === undefined && kind === undefined && where.length === 0
}

function isPresence(matcher: Matcher): boolean {
  return matcher.kind === 'present' || (matcher.kind === 'exists' && matcher.value)
}
