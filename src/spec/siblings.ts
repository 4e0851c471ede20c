import { areDisjoint, prepareIdentity } from './disjoint.ts'
import type { PreparedIdentity } from './disjoint.ts'
import { doubt, quoted } from './issue.ts'
import type { Expectation, Spec, SpecIssue } from './spec.ts'

/** Warnings about lists of expectations that a person may have meant otherwise. */
export function siblingDoubts(spec: Spec): readonly SpecIssue[] {
  return [...severalTopLevel(spec), ...allLists(spec.expected).flatMap(ambiguousIn)]
}

function severalTopLevel(spec: Spec): readonly SpecIssue[] {
  const [first, second] = spec.expected
  if (first === undefined || second === undefined || spec.appliesTo !== undefined) return []
  return [
    doubt('several_top_level', second.at, {
      message: `Several top-level spans are expected, but only entries that hold ${quoted(first.label)} are judged.`,
      hint: 'write `applies_to` to say which spans open a case, or one spec for each',
    }),
  ]
}

/** The top-level list and every list of children. */
function allLists(top: readonly Expectation[]): readonly (readonly Expectation[])[] {
  const lists = [top]
  for (const list of lists) lists.push(...list.map(({ children }) => children))
  return lists
}

/** Each with the first earlier sibling that it overlaps. */
function ambiguousIn(list: readonly Expectation[]): readonly SpecIssue[] {
  if (list.length < 2) return []
  const identities = list.map(({ identity }) => prepareIdentity(identity))
  return list.flatMap((later, index) => {
    const earlier = list[firstOverlap(identities, index)]
    return earlier === undefined ? [] : [ambiguous(earlier, later)]
  })
}

/** -1 when the identity at `index` overlaps none before it. */
function firstOverlap(identities: readonly PreparedIdentity[], index: number): number {
  const asked = identities[index]
  if (asked === undefined) return -1
  for (const [other, identity] of identities.entries()) {
    if (other === index) break
    if (!areDisjoint(identity, asked)) return other
  }
  return -1
}

function ambiguous(earlier: Expectation, later: Expectation): SpecIssue {
  return doubt('ambiguous_siblings', later.at, {
    message: `The same span may be ${quoted(later.label)} and its sibling ${quoted(earlier.label)} in line ${earlier.at.line}.`,
    hint: 'tell them apart by `where`, `kind` or `service_name`, or join them by `count`',
  })
}
