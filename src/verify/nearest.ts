import { firstDifference } from '../trace/order.ts'
import { showMatcher } from '../spec/match.ts'
import type { Identity } from '../spec/spec.ts'
import { serviceName, type Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { tagFacts } from './conditions.ts'
import { compileTag } from './lookup.ts'
import { compileOperation, givenService, isOfKind, type Node } from './plan.ts'
import type { Reading } from './reading.ts'
import type { ConditionFacts, Nearest } from './result.ts'
import { spanRef } from './shown.ts'
import { similarity, writtenText } from './similar.ts'
import { spanAt } from './span-at.ts'
import { compileName } from './written-names.ts'

/** Where the missing spans of one expectation are looked for. */
export interface Surroundings {
  readonly reading: Reading
  readonly trace: Trace
  readonly node: Node
  /** Bound to something else than this expectation. */
  readonly spokenFor: ReadonlySet<SpanIndex>
  /** The spans that count, apart from those bound to this expectation. */
  readonly others: ReadonlySet<SpanIndex>
  /** One of each name, service, kind and identity of them, spans that nothing speaks for first. */
  readonly candidates: readonly SpanIndex[]
}

interface Search extends Surroundings {
  readonly parent: SpanIndex | undefined
}

export type Miss =
  | { readonly kind: 'moved'; readonly span: SpanIndex }
  | { readonly kind: 'renamed'; readonly span: SpanIndex; readonly failed: ConditionFacts }
  | { readonly kind: 'missing'; readonly nearest: Nearest | null }

const ALIKE = 0.5

/** What became of a span missing below `parent`: it stands elsewhere, it has another name, or what came nearest to it. */
export function explainMiss(around: Surroundings, parent: SpanIndex | undefined): Miss {
  const search = { ...around, parent }
  const ranked = besides(search)
    .map((span) => compareWith(search, span))
    .toSorted(byDistance)
  const moved = ranked.find((one) => one.isIdentical && !one.isSpokenFor)
  if (moved !== undefined) return { kind: 'moved', span: moved.span }
  const renamed = ranked.find((one) => isRenamed(search, one))
  if (renamed?.failed[0] !== undefined)
    return { kind: 'renamed', span: renamed.span, failed: renamed.failed[0] }
  const nearest = ranked.find((one) => isTelling(one))
  return {
    kind: 'missing',
    nearest: nearest === undefined ? null : nearestFacts(search.trace, nearest),
  }
}

interface Compared {
  readonly span: SpanIndex
  /** In the order in which they matter: name, service, kind, where, place, then the conditions. */
  readonly failed: readonly ConditionFacts[]
  readonly isIdentical: boolean
  readonly isSpokenFor: boolean
  readonly isInPlace: boolean
  readonly alike: number
}

const MAX_COMPARED = 400

export interface SurroundingsInput {
  readonly reading: Reading
  readonly trace: Trace
  readonly node: Node
  /** The spans of the case that are not ignored. */
  readonly among: readonly SpanIndex[]
  /** Bound to the same expectation, so no explanation of what is missing. */
  readonly taken: ReadonlySet<SpanIndex>
  readonly spokenFor: ReadonlySet<SpanIndex>
}

/** Gathers once what the misses of an expectation are compared with. */
export function surroundingsOf(input: SurroundingsInput): Surroundings {
  const { reading, trace, node, among, taken, spokenFor } = input
  const others = among.filter((span) => !taken.has(span))
  const free = others.filter((span) => !spokenFor.has(span))
  const candidates = distinct({ trace, node, spokenFor }, [...free, ...others])
  return { reading, trace, node, spokenFor, others: new Set(others), candidates }
}

function distinct(
  { trace, node, spokenFor }: Pick<Surroundings, 'trace' | 'node' | 'spokenFor'>,
  spans: readonly SpanIndex[],
): readonly SpanIndex[] {
  const seen = new Map<string, SpanIndex>()
  for (const index of spans) {
    const span = spanAt(trace, index)
    const key = [span.name, span.kind, serviceName(span), node.is(span), spokenFor.has(index)].join(
      '\n',
    )
    if (!seen.has(key)) seen.set(key, index)
    if (seen.size >= MAX_COMPARED) break
  }
  return [...seen.values()]
}

/** The candidates, and what stands directly below the parent. */
function besides(search: Search): readonly SpanIndex[] {
  const { trace, parent, others, candidates } = search
  const children = parent === undefined ? [] : (trace.children[parent] ?? [])
  const near = children.filter((span) => others.has(span))
  return [...new Set([...distinct(search, near), ...candidates])].filter((span) => span !== parent)
}

/** Whether a span stands where its expectation looks below the parent. */
function isInPlace({ trace, node, parent }: Search, span: SpanIndex): boolean {
  if (parent === undefined) return true
  const { relation } = node.expectation
  for (let up = trace.parent[span] ?? -1; up !== -1; up = trace.parent[up] ?? -1) {
    if (up === parent) return true
    const { kind } = spanAt(trace, up)
    const leadsOn = kind === 'client' || kind === 'producer'
    if (relation === 'direct' || (relation === 'child' && !leadsOn)) return false
  }
  return false
}

function compareWith(search: Search, index: SpanIndex): Compared {
  const { trace, node, parent, spokenFor } = search
  const span = spanAt(trace, index)
  const identity = failedIdentity(node.expectation.identity, span, search.reading)
  const inPlace = isInPlace(search, index)
  const place = inPlace ? [] : [placeFacts(trace, parent, index)]
  const conditions = node.conditions
    .filter((one) => one.holds(span) === 'no')
    .map((one) => one.facts(span))
  return {
    span: index,
    failed: [...identity, ...place, ...conditions],
    isIdentical: identity.length === 0,
    isSpokenFor: spokenFor.has(index),
    isInPlace: inPlace,
    alike: similarity(writtenText(node.expectation.identity.operationName), span.name),
  }
}

/** The parts of an identity that a span does not have. */
export function failedIdentity(
  identity: Identity,
  span: Span,
  reading: Reading,
): readonly ConditionFacts[] {
  const failed: ConditionFacts[] = []
  const { operationName, serviceName: service, kind, where } = identity
  const plain = { found_in: null, seen_as: null }
  const isNamed = operationName && compileOperation(operationName, reading)
  if (operationName !== undefined && isNamed?.(span) === 'no') {
    failed.push({
      condition: 'operation_name',
      expected: showMatcher(operationName),
      observed: span.name,
      ...plain,
    })
  }
  const observed = givenService(span)
  const isServed = service && compileName(service, reading.services)
  if (service !== undefined && isServed?.(observed) === 'no') {
    failed.push({
      condition: 'service_name',
      expected: showMatcher(service),
      observed: observed ?? null,
      ...plain,
    })
  }
  if (kind !== undefined && isOfKind(span, kind, reading.losses) === 'no') {
    failed.push({ condition: 'kind', expected: kind, observed: span.kind, ...plain })
  }
  for (const tag of where) {
    if (compileTag(tag, reading)(span) !== 'no') continue
    failed.push({
      condition: `where.${tag.name}`,
      expected: showMatcher(tag.matcher),
      ...tagFacts(span, tag.name, reading),
    })
  }
  return failed
}

function placeFacts(trace: Trace, parent: SpanIndex | undefined, index: SpanIndex): ConditionFacts {
  const actual = trace.parent[index] ?? -1
  return {
    condition: 'parent',
    expected: parent === undefined ? null : spanAt(trace, parent).name,
    observed: actual === -1 ? null : spanAt(trace, actual).name,
    found_in: null,
    seen_as: null,
  }
}

/** Fewest failed conditions first; a span that something else speaks for counts as one more. */
function byDistance(a: Compared, b: Compared): number {
  return firstDifference(
    distance(a) - distance(b),
    b.alike - a.alike,
    Number(b.isInPlace) - Number(a.isInPlace),
    a.span - b.span,
  )
}

function distance(one: Compared): number {
  return one.failed.length + Number(one.isSpokenFor)
}

/** In its place, only the name differs, and either the names are alike or all else that is asked holds. */
function isRenamed({ node }: Search, one: Compared): boolean {
  if (one.isSpokenFor || !one.isInPlace || one.failed.length !== 1) return false
  if (one.failed[0]?.condition !== 'operation_name') return false
  const { identity } = node.expectation
  const askedMore =
    node.conditions.length > 0 || identity.where.length > 0 || identity.serviceName !== undefined
  return one.alike >= ALIKE || (askedMore && identity.kind !== undefined)
}

const BARELY_ALIKE = 0.3

/** Whether naming this span helps: its name holds or resembles the expected one, or it alone stands in the place. */
function isTelling(one: Compared): boolean {
  if (one.failed.every((part) => part.condition !== 'operation_name')) return true
  return one.alike >= BARELY_ALIKE || (one.isInPlace && !one.isSpokenFor && one.failed.length === 1)
}

function nearestFacts(trace: Trace, { span, failed }: Compared): Nearest | null {
  const [first] = failed
  if (first === undefined) return null
  const parent = trace.parent[span] ?? -1
  return {
    span: spanRef(spanAt(trace, span)),
    parent: parent === -1 ? null : spanRef(spanAt(trace, parent)),
    failed: first,
    failed_count: failed.length,
  }
}
