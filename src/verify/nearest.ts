import { compileMatcher, showMatcher } from '../spec/match.ts'
import type { Identity } from '../spec/spec.ts'
import { serviceName, type Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { tagFacts } from './conditions.ts'
import { askTag, isOfKind, type Node } from './plan.ts'
import type { ConditionFacts, Nearest } from './result.ts'
import { spanRef } from './shown.ts'
import { similarity, writtenText } from './similar.ts'
import { spanAt } from './span-at.ts'

/** Where a missing expectation was looked for. */
export interface Search {
  readonly trace: Trace
  readonly node: Node
  readonly parent: SpanIndex | undefined
  /** The spans of the case. */
  readonly among: readonly SpanIndex[]
  /** Bound to the same expectation, so no explanation of what is missing. */
  readonly taken: ReadonlySet<SpanIndex>
  /** Bound to something else. */
  readonly spokenFor: ReadonlySet<SpanIndex>
}

export type Miss =
  | { readonly kind: 'moved'; readonly span: SpanIndex }
  | { readonly kind: 'renamed'; readonly span: SpanIndex; readonly failed: ConditionFacts }
  | { readonly kind: 'missing'; readonly nearest: Nearest | null }

const ALIKE = 0.5

/** What became of a missing span: it stands elsewhere, it has another name, or what came nearest to it. */
export function explainMiss(search: Search): Miss {
  const ranked = representatives(search)
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

/** One span of each name, service, kind and place, spans that nothing speaks for first. */
function representatives({ trace, among, taken, spokenFor, parent }: Search): readonly SpanIndex[] {
  const seen = new Map<string, SpanIndex>()
  const free = among.filter((span) => !spokenFor.has(span))
  for (const span of [...free, ...among.filter((one) => spokenFor.has(one))]) {
    if (taken.has(span) || span === parent) continue
    const { name, kind, resource } = spanAt(trace, span)
    const isInPlace = isBelow(trace, span, parent)
    const key = [name, kind, String(resource.attributes.get('service.name')), isInPlace].join('\n')
    if (!seen.has(key)) seen.set(key, span)
    if (seen.size >= MAX_COMPARED) break
  }
  return [...seen.values()]
}

/** Whether a span stands where the expectation looks: directly below its parent, or below spans that led on. */
function isBelow(trace: Trace, span: SpanIndex, parent: SpanIndex | undefined): boolean {
  return parent === undefined || trace.parent[span] === parent
}

function compareWith(search: Search, index: SpanIndex): Compared {
  const { trace, node, parent, spokenFor } = search
  const span = spanAt(trace, index)
  const identity = failedIdentity(node.expectation.identity, span)
  const isInPlace = isBelow(trace, index, parent)
  const place = isInPlace ? [] : [placeFacts(trace, parent, index)]
  const conditions = node.conditions
    .filter((one) => one.holds(span) === 'no')
    .map((one) => one.facts(span))
  return {
    span: index,
    failed: [...identity, ...place, ...conditions],
    isIdentical: identity.length === 0,
    isSpokenFor: spokenFor.has(index),
    isInPlace,
    alike: similarity(writtenText(node.expectation.identity.operationName), span.name),
  }
}

/** The parts of an identity that a span does not have. */
export function failedIdentity(identity: Identity, span: Span): readonly ConditionFacts[] {
  const failed: ConditionFacts[] = []
  const { operationName, serviceName: service, kind, where } = identity
  const plain = { found_in: null, seen_as: null }
  if (operationName !== undefined && !compileMatcher(operationName)(span.name)) {
    failed.push({
      condition: 'operation_name',
      expected: showMatcher(operationName),
      observed: span.name,
      ...plain,
    })
  }
  const observed = serviceName(span) || undefined
  if (service !== undefined && !compileMatcher(service)(observed)) {
    failed.push({
      condition: 'service_name',
      expected: showMatcher(service),
      observed: observed ?? null,
      ...plain,
    })
  }
  if (kind !== undefined && !isOfKind(span, kind)) {
    failed.push({ condition: 'kind', expected: kind, observed: span.kind, ...plain })
  }
  for (const tag of where) {
    if (askTag(span, { name: tag.name, test: compileMatcher(tag.matcher) }) !== 'no') continue
    failed.push({
      condition: `where.${tag.name}`,
      expected: showMatcher(tag.matcher),
      ...tagFacts(span, tag.name),
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
  return (
    distance(a) - distance(b) ||
    b.alike - a.alike ||
    Number(b.isInPlace) - Number(a.isInPlace) ||
    a.span - b.span
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
