import type { SpanKind } from '../trace/span.ts'
import { compareNumbers, type Scalar } from '../trace/canonical.ts'
import { compileMatcher } from './match.ts'
import type { MatchTest } from './match.ts'
import type { Identity, Matcher } from './spec.ts'
import { globParts, templateSegments } from './wildcard.ts'

/** An identity made ready for many comparisons. */
export interface PreparedIdentity {
  readonly kind: SpanKind | undefined
  readonly operationName: PreparedMatcher | undefined
  readonly serviceName: PreparedMatcher | undefined
  readonly where: ReadonlyMap<string, PreparedMatcher>
  /** About how much work one comparison is. */
  readonly weight: number
}

interface PreparedMatcher {
  readonly test: MatchTest
  readonly conjuncts: readonly Matcher[]
  /** The only attribute values that it takes, where it lists them. */
  readonly values: ReadonlyMap<string, Scalar> | undefined
  readonly weight: number
}

export function prepareIdentity(identity: Identity): PreparedIdentity {
  const operationName = identity.operationName && prepare(identity.operationName)
  const serviceName = identity.serviceName && prepare(identity.serviceName)
  const where = new Map(identity.where.map(({ name, matcher }) => [name, prepare(matcher)]))
  const parts = [operationName, serviceName, ...where.values()]
  return {
    kind: identity.kind,
    operationName,
    serviceName,
    where,
    weight: parts.reduce((sum, part) => sum + (part?.weight ?? 0), 1),
  }
}

/** Whether no span can have both identities; false also when that is not provable. */
export function areDisjoint(a: PreparedIdentity, b: PreparedIdentity): boolean {
  return (
    (a.kind !== undefined && b.kind !== undefined && a.kind !== b.kind) ||
    exclude(a.operationName, b.operationName) ||
    exclude(a.serviceName, b.serviceName) ||
    a.where.entries().some(([name, matcher]) => exclude(matcher, b.where.get(name)))
  )
}

function prepare(matcher: Matcher): PreparedMatcher {
  const conjuncts = conjunctsOf(matcher)
  const test = compileMatcher(matcher)
  const listed = conjuncts.map(valuesOf).find((values) => values !== undefined)
  const values = listed?.flatMap(observations).filter(test)
  const characters = values?.map(String).join('').length ?? 0
  return {
    test,
    conjuncts,
    values: values && new Map(values.map((value) => [`${typeof value} ${value}`, value])),
    weight: 1 + (values?.length ?? 0) + characters / 16,
  }
}

function conjunctsOf(matcher: Matcher): readonly Matcher[] {
  return matcher.kind === 'all' ? matcher.of.flatMap(conjunctsOf) : [matcher]
}

function exclude(a: PreparedMatcher | undefined, b: PreparedMatcher | undefined): boolean {
  if (a === undefined || b === undefined) return false
  const [listA, listB] = [a.values, b.values]
  if (listA !== undefined && listB !== undefined) return !listA.keys().some((key) => listB.has(key))
  if (listA !== undefined) return !listA.values().some(b.test)
  if (listB !== undefined) return !listB.values().some(a.test)
  return a.conjuncts.some((one) => b.conjuncts.some((other) => partsExclude(one, other)))
}

function valuesOf(matcher: Matcher): readonly Scalar[] | undefined {
  if (matcher.kind === 'eq') return [matcher.value]
  return matcher.kind === 'in' ? matcher.values : undefined
}

/** What an attribute that equals it may be: int64 and double differ for `type`. */
function observations(written: Scalar): readonly Scalar[] {
  if (typeof written === 'string') return [written]
  if (typeof written === 'boolean') return [written, String(written)]
  const isInteger = typeof written === 'bigint' || Number.isInteger(written)
  return [Number(written), ...(isInteger ? [BigInt(written)] : []), String(written)]
}

function partsExclude(a: Matcher, b: Matcher): boolean {
  if (isAbsence(a) || isAbsence(b)) return isAbsence(a) !== isAbsence(b)
  if (a.kind === 'template' && b.kind === 'template') return templatesExclude(a.pattern, b.pattern)
  return endsExclude(a, b) || rangesExclude(a, b)
}

function isAbsence(matcher: Matcher): boolean {
  return matcher.kind === 'exists' && !matcher.value
}

function templatesExclude(a: string, b: string): boolean {
  const left = templateSegments(a)
  const right = templateSegments(b)
  return (
    left.length !== right.length ||
    left.some((parts, index) => literalEndsExclude(parts, right[index] ?? []))
  )
}

/** Two patterns that fix different beginnings or ends. */
function endsExclude(a: Matcher, b: Matcher): boolean {
  const left = literalParts(a)
  const right = literalParts(b)
  return left !== undefined && right !== undefined && literalEndsExclude(left, right)
}

function literalParts(matcher: Matcher): readonly string[] | undefined {
  if (matcher.kind === 'glob') return globParts(matcher.pattern)
  return matcher.kind === 'template' ? templateSegments(matcher.pattern).flat() : undefined
}

/** The first part is a prefix of every match, the last a suffix; a single part is the whole text. */
function literalEndsExclude(a: readonly string[], b: readonly string[]): boolean {
  const [firstA, lastA] = [a.at(0) ?? '', a.at(-1) ?? '']
  const [firstB, lastB] = [b.at(0) ?? '', b.at(-1) ?? '']
  if (a.length === 1 && b.length === 1) return firstA !== firstB
  const prefixesAgree = firstA.startsWith(firstB) || firstB.startsWith(firstA)
  const suffixesAgree = lastA.endsWith(lastB) || lastB.endsWith(lastA)
  return !prefixesAgree || !suffixesAgree
}

/** Two bounds on numbers that leave nothing between them. */
function rangesExclude(a: Matcher, b: Matcher): boolean {
  return isAbove(a, b) || isAbove(b, a)
}

function isAbove(lower: Matcher, upper: Matcher): boolean {
  if (lower.kind !== 'gt' && lower.kind !== 'gte') return false
  if (upper.kind !== 'lt' && upper.kind !== 'lte') return false
  if (typeof lower.value === 'string' || typeof upper.value === 'string') return false
  const order = compareNumbers(lower.value, upper.value)
  if (order === undefined) return false
  return order > 0 || (order === 0 && (lower.kind === 'gt' || upper.kind === 'lt'))
}
