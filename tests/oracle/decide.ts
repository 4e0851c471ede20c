import type { Expectation, Spec } from '../../src/spec/spec.ts'
import type { Span } from '../../src/trace/span.ts'
import type { Status } from '../../src/verify/result.ts'
import { assignments } from './assignments.ts'
import { candidateSpans } from './pairs.ts'
import type { Place, SmallTree } from './tree.ts'
import { candidatesAt, failedConditions, hasIdentity, isIgnored, spanAt } from './tree.ts'

interface Case {
  readonly spec: Spec
  readonly tree: SmallTree
}

/** The verdict on one case by the rules of the lists alone, without any cost. */
export function decide(spec: Spec, tree: SmallTree, evidence: 'complete' | 'partial'): Status {
  const of = { spec, tree }
  if (evidence === 'complete') return isFree(of, spec.expected, 'case', 'minima') ? 'pass' : 'fail'
  if (!isFree(of, spec.expected, 'case', 'no minima')) return 'fail'
  return holdsInEveryExtension(of, spec.expected, 'case') ? 'pass' : 'inconclusive'
}

/** Some assignment serves every candidate, keeps every count, and every bound span holds with all that is below it. */
function isFree(
  of: Case,
  list: readonly Expectation[],
  place: Place,
  asked: 'minima' | 'no minima',
): boolean {
  return someAssignment(of, list, place, asked, (expectation, span) =>
    isFree(of, expectation.children, span, asked),
  )
}

/** As `isFree`, and whatever spans are added, each finds an expectation that takes any number of them. */
function holdsInEveryExtension(of: Case, list: readonly Expectation[], place: Place): boolean {
  if (!takesAnything(of.spec, list, place === 'case')) return false
  return someAssignment(of, list, place, 'minima', (expectation, span) =>
    holdsInEveryExtension(of, expectation.children, span),
  )
}

function someAssignment(
  of: Case,
  list: readonly Expectation[],
  place: Place,
  asked: 'minima' | 'no minima',
  holdsBelow: (expectation: Expectation, span: number) => boolean,
): boolean {
  const candidates = candidatesAt(of.spec, of.tree, list, place)
  const serves = list.map((expectation) =>
    candidates.map(
      ({ span }) =>
        failedConditions(expectation, spanAt(of.tree, span)) === 0 && holdsBelow(expectation, span),
    ),
  )
  const max = list.map(({ count }) => count.max)
  return assignments(candidates, max).some((assignment) => {
    const bound = list.map((_, position) => assignment.filter((each) => each === position).length)
    const enough = list.every(({ count }, position) => (bound[position] ?? 0) >= count.min)
    const all = assignment.every((position, at) => position !== 'left' && serves[position]?.[at])
    return all && (enough || asked === 'no minima')
  })
}

/** Any span that could come to a list, at any distance, may be bound any number of times without a finding. */
function takesAnything(spec: Spec, list: readonly Expectation[], isTopLevel: boolean): boolean {
  const spans = candidateSpans().filter((span) => !isIgnored(spec, span))
  const boundless = list.map((expectation) => isBoundless(spec, expectation))
  const reaches = distances(spec, list, spans, isTopLevel)
  return spans.every((span) => {
    const open = list.map(({ identity }) => hasIdentity(identity, span))
    return reaches.every((relations) => {
      const reached = list.map(
        ({ relation }, position) => open[position] && (isTopLevel || relations.includes(relation)),
      )
      return (
        !reached.includes(true) || boundless.some((each, position) => each && reached[position])
      )
    })
  })
}

/** Which relations reach a further span: as a child, below a span that is looked through, or deeper. */
function distances(
  spec: Spec,
  list: readonly Expectation[],
  spans: readonly Span[],
  isTopLevel: boolean,
): readonly (readonly Expectation['relation'][])[] {
  if (isTopLevel) return [[]]
  const asChild = ['child', 'direct', 'descendant'] as const
  const looksThrough =
    spec.ignore.length > 0 ||
    spans.some(
      (span) => span.kind === 'client' && !list.some(({ identity }) => hasIdentity(identity, span)),
    )
  return [asChild, looksThrough ? ['child', 'descendant'] : [], ['descendant']]
}

function isBoundless(spec: Spec, expectation: Expectation): boolean {
  const { count, duration, status, tags, children } = expectation
  const asksNothing = duration === undefined && status === undefined && tags.length === 0
  const below = children.every((child) => child.count.min === 0)
  return count.max === Infinity && asksNothing && below && takesAnything(spec, children, false)
}
