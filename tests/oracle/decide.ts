import type { Expectation, Spec } from '../../src/spec/spec.ts'
import type { Span } from '../../src/trace/span.ts'
import type { Status } from '../../src/verify/result.ts'
import { assignments } from './assignments.ts'
import { candidateSpans } from './pairs.ts'
import type { Candidate, Place, SmallCase, SmallTree } from './tree.ts'
import { candidatesAt, failedConditions, hasIdentity, isIgnored, spanAt } from './tree.ts'

/** The verdict on one case by the rules of the lists alone, without any cost. */
export function decide(spec: Spec, tree: SmallTree, evidence: 'complete' | 'partial'): Status {
  const of = { spec, tree }
  if (evidence === 'complete') return isFree(of, spec.expected, 'case') ? 'pass' : 'fail'
  const asked = withoutMinima(spec.expected)
  if (!isFree(of, asked, 'case')) return 'fail'
  return holdsInEveryExtension(of, spec.expected, 'case') ? 'pass' : 'inconclusive'
}

/** Some assignment serves every candidate, keeps every count, and every bound span holds with all that is below it. */
function isFree(of: SmallCase, list: readonly Expectation[], place: Place): boolean {
  const serving = { list, candidates: candidatesAt(of, list, place) }
  return someAssignment(of, serving, ({ children }, span) => isFree(of, children, span))
}

/** As `isFree`, and whatever spans are added, each finds an expectation that takes any number of them. */
function holdsInEveryExtension(of: SmallCase, list: readonly Expectation[], place: Place): boolean {
  if (!takesAnything(of.spec, list, place === 'case')) return false
  const serving = { list, candidates: candidatesAt(of, list, place) }
  return someAssignment(of, serving, ({ children }, span) =>
    holdsInEveryExtension(of, children, span),
  )
}

function withoutMinima(list: readonly Expectation[]): readonly Expectation[] {
  return list.map((expectation) => ({
    ...expectation,
    count: { ...expectation.count, min: 0 },
    children: withoutMinima(expectation.children),
  }))
}

interface Serving {
  readonly list: readonly Expectation[]
  readonly candidates: readonly Candidate[]
}

function someAssignment(
  { tree }: SmallCase,
  { list, candidates }: Serving,
  holdsBelow: (expectation: Expectation, span: number) => boolean,
): boolean {
  const serves = list.map((expectation) =>
    candidates.map(
      ({ span }) =>
        failedConditions(expectation, spanAt(tree, span)) === 0 && holdsBelow(expectation, span),
    ),
  )
  const max = list.map(({ count }) => count.max)
  return assignments(candidates, max).some((assignment) => {
    const bound = list.map((_, position) => assignment.filter((each) => each === position).length)
    const enough = list.every(({ count }, position) => (bound[position] ?? 0) >= count.min)
    return (
      enough && assignment.every((position, at) => position !== 'left' && serves[position]?.[at])
    )
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
