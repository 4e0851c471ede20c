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

/** In comparisons of single values; some seconds. */
const MAX_WORK = 50_000_000

/** Each with the first earlier sibling that it overlaps. */
function ambiguousIn(list: readonly Expectation[]): readonly SpecIssue[] {
  if (list.length < 2) return []
  const before: Sibling[] = []
  const issues: SpecIssue[] = []
  let work = 0
  for (const expectation of list) {
    const later = { expectation, identity: prepareIdentity(expectation.identity) }
    const earlier = before.find(({ identity }) => {
      work += identity.weight + later.identity.weight
      return !areDisjoint(identity, later.identity)
    })
    if (earlier !== undefined) issues.push(ambiguous(earlier.expectation, expectation))
    if (work > MAX_WORK) return [...issues, notCompared(expectation)]
    before.push(later)
  }
  return issues
}

interface Sibling {
  readonly expectation: Expectation
  readonly identity: PreparedIdentity
}

function notCompared(last: Expectation): SpecIssue {
  return doubt('ambiguous_siblings', last.at, {
    message:
      'Whether the siblings after this one are ambiguous was not checked: the list is too large.',
  })
}

function ambiguous(earlier: Expectation, later: Expectation): SpecIssue {
  return doubt('ambiguous_siblings', later.at, {
    message: `The same span may be ${quoted(later.label)} and its sibling ${quoted(earlier.label)} in line ${earlier.at.line}.`,
    hint: 'tell them apart by `where`, `kind` or `service_name`, or join them by `count`',
  })
}
