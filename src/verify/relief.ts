import { compileMatcher } from '../spec/match.ts'
import type { Identity, Matcher, SpanExpectation } from '../spec/spec.ts'
import type { Scalar } from '../trace/canonical.ts'

/**
 * The expectations of a list that no further span can trouble: each span with their identity can as well go to a sibling that
 * takes any number and asks nothing. What cannot be shown to be so is left out.
 */
export function relievedIn(list: readonly SpanExpectation[]): ReadonlySet<SpanExpectation> {
  const takers = list.filter(asksNothing)
  return new Set(
    list.filter((one) => namesOf(one.identity).every((identity) => isTaken(one, identity, takers))),
  )
}

function asksNothing({ count, duration, status, tags, children }: SpanExpectation): boolean {
  const isFree = duration === undefined && status === undefined && tags.length === 0
  return count.max === Infinity && isFree && isHarmless(children)
}

/** A list that no further spans can break. */
function isHarmless(list: readonly SpanExpectation[]): boolean {
  const relieved = relievedIn(list)
  return list.every((child) => child.count.min === 0 && relieved.has(child))
}

const REACH: Readonly<Record<SpanExpectation['relation'], number>> = {
  direct: 0,
  child: 1,
  descendant: 2,
}

function isTaken(
  one: SpanExpectation,
  identity: Identity,
  takers: readonly SpanExpectation[],
): boolean {
  return takers.some(
    (taker) => REACH[taker.relation] >= REACH[one.relation] && implies(identity, taker.identity),
  )
}

/** An identity that lists its names, as one identity for each name. */
function namesOf(identity: Identity): readonly Identity[] {
  const { operationName } = identity
  if (operationName?.kind !== 'in') return [identity]
  return operationName.values.map((value) => ({
    ...identity,
    operationName: { kind: 'eq', value },
  }))
}

/** Whether every span of one identity surely has the other. */
function implies(one: Identity, other: Identity): boolean {
  return (
    matcherImplies(one.operationName, other.operationName) &&
    matcherImplies(one.serviceName, other.serviceName) &&
    (other.kind === undefined || other.kind === one.kind) &&
    other.where.every((asked) =>
      matcherImplies(one.where.find(({ name }) => name === asked.name)?.matcher, asked.matcher),
    )
  )
}

function matcherImplies(one: Matcher | undefined, other: Matcher | undefined): boolean {
  if (other === undefined) return true
  if (one === undefined) return false
  if (one.kind === 'eq' && typeof one.value === 'string') return compileMatcher(other)(one.value)
  return textOf(one) === textOf(other)
}

function textOf(matcher: Matcher): string {
  return JSON.stringify(matcher, (_key, value: Scalar | Matcher) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}
