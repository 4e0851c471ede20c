import type { Expectation, Identity, Matcher, Spec, TagMatch } from '../../src/spec/spec.ts'
import type { Span } from '../../src/trace/span.ts'
import { serviceName } from '../../src/trace/span.ts'

/** A handful of spans with their parents by position; -1 for the root, which is span 0 and opens the case. */
export interface SmallTree {
  readonly spans: readonly Span[]
  readonly parent: readonly number[]
}

/** Where a list is matched: below a span, or over the whole case. */
export type Place = number | 'case'

/** A span that has the identity of some expectations of a list; `open` holds their positions in it. */
export interface Candidate {
  readonly span: number
  readonly open: readonly number[]
}

/** A case as the oracles see it. */
export interface SmallCase {
  readonly spec: Spec
  readonly tree: SmallTree
}

/** What a list may bind at a place, by enumeration of every span and every expectation. */
export function candidatesAt(
  { spec, tree }: SmallCase,
  list: readonly Expectation[],
  place: Place,
): readonly Candidate[] {
  return tree.spans.flatMap((span, at) => {
    if (isIgnored(spec, span)) return []
    const between = place === 'case' ? 'anywhere' : pathBetween(tree, place, at)
    if (between === undefined) return []
    const isReached = (relation: Expectation['relation']): boolean =>
      between === 'anywhere' ||
      reaches(relation, between, (each) => isLookedThrough(spec, list, each))
    const open = list.flatMap(({ identity, relation }, position) =>
      hasIdentity(identity, span) && isReached(relation) ? [position] : [],
    )
    return open.length === 0 ? [] : [{ span: at, open }]
  })
}

export function hasIdentity(identity: Identity, span: Span): boolean {
  return (
    holds(identity.operationName, span.name) &&
    holds(identity.serviceName, serviceName(span)) &&
    (identity.kind === undefined || identity.kind === span.kind) &&
    identity.where.every((tag) => tagHolds(tag, span))
  )
}

/** How many of its conditions a span fails. */
export function failedConditions(expectation: Expectation, span: Span): number {
  const millis = Number(span.end - span.start) / 1e6
  const { duration, status, tags } = expectation
  const failed = [
    duration?.minMs !== undefined && millis < duration.minMs,
    duration?.maxMs !== undefined && millis > duration.maxMs,
    status?.condition === 'ok' && span.status.code === 'error',
    status?.condition === 'exactly_ok' && span.status.code !== 'ok',
    status?.condition === 'exactly_unset' && span.status.code !== 'unset',
    status?.condition === 'exactly_error' && span.status.code !== 'error',
    ...tags.map((tag) => !(tag.optional && !span.attributes.has(tag.name)) && !tagHolds(tag, span)),
  ]
  return failed.filter(Boolean).length
}

function reaches(
  relation: Expectation['relation'],
  between: readonly Span[],
  looksThrough: (span: Span) => boolean,
): boolean {
  switch (relation) {
    case 'direct':
      return between.length === 0
    case 'descendant':
      return true
    case 'child':
      return between.every(looksThrough)
  }
}

/** The spans strictly between an ancestor and a span; undefined when it is no ancestor. */
function pathBetween(tree: SmallTree, ancestor: number, span: number): readonly Span[] | undefined {
  const between: Span[] = []
  for (let at = parentOf(tree, span); at !== ancestor; at = parentOf(tree, at)) {
    if (at === -1) return undefined
    between.push(spanAt(tree, at))
  }
  return between
}

function isLookedThrough(spec: Spec, list: readonly Expectation[], span: Span): boolean {
  if (isIgnored(spec, span)) return true
  if (span.kind !== 'client' && span.kind !== 'producer') return false
  return !list.some((expectation) => hasIdentity(expectation.identity, span))
}

export function isIgnored(spec: Spec, span: Span): boolean {
  return spec.ignore.some((rule) => hasIdentity(rule.identity, span))
}

function tagHolds(tag: TagMatch, span: Span): boolean {
  const value = span.attributes.get(tag.name)
  return value !== undefined && typeof value === 'string' && holds(tag.matcher, value)
}

/** The matchers that the random specs use, over texts. */
function holds(matcher: Matcher | undefined, text: string): boolean {
  if (matcher === undefined || matcher.kind === 'present') return true
  if (matcher.kind === 'eq') return matcher.value === text
  if (matcher.kind === 'in') return matcher.values.includes(text)
  throw new Error(`the oracle does not know the matcher ${matcher.kind}`)
}

export function spanAt(tree: SmallTree, at: number): Span {
  const span = tree.spans[at]
  if (span === undefined) throw new Error(`no span ${at}`)
  return span
}

function parentOf(tree: SmallTree, at: number): number {
  const parent = tree.parent[at]
  if (parent === undefined) throw new Error(`no span ${at}`)
  return parent
}
