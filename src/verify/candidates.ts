import type { List, Node } from './plan.ts'
import type { Adopted, Token } from './reduce.ts'
import { and, not, or, surely, type Tri } from './three.ts'

/** A tree to look for candidates in: of classes with multiplicities, or of spans. */
export interface View<T> {
  readonly token: (item: T) => Token
  readonly children: (item: T) => Iterable<readonly [T, number]>
  readonly adopted: (item: T) => readonly Adopted<T>[]
}

/** Something below a parent that members of its list are about. */
export interface Candidate<T> {
  readonly item: T
  readonly count: number
  readonly options: readonly Option[]
}

export interface Option {
  readonly node: Node
  readonly sure: boolean
}

export interface Found<T> {
  readonly candidates: readonly Candidate<T>[]
  /** Further children could come to light: the parent, or a span that `child` looks through, is a hole. */
  readonly openForChildren: boolean
}

/** How far below the parent an item stands, seen from its list. */
interface Reach {
  readonly direct: boolean
  /** Only looked-through spans stand between. */
  readonly child: Tri
  readonly certain: boolean
}

/**
 * The candidates of a list below one parent. `child` looks through ignored spans and through CLIENT and PRODUCER spans, unless
 * a member of the same list is about them.
 */
export function candidatesBelow<T>(list: List, parent: T, view: View<T>): Found<T> {
  const candidates: Candidate<T>[] = []
  let openForChildren = view.token(parent).hole
  const open: { readonly item: T; readonly count: number; readonly reach: Reach }[] = []
  for (const [item, count] of view.children(parent)) open.push({ item, count, reach: DIRECT })
  for (const { fragment, certain } of list.reachesDescendants ? view.adopted(parent) : []) {
    open.push({ item: fragment, count: 1, reach: { direct: false, child: 'no', certain } })
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { item, count, reach } = next
    const token = view.token(item)
    const options = optionsOf(list, token, reach)
    if (options.length > 0) candidates.push({ item, count, options })
    const child = and(reach.child, isLookedThrough(list, token))
    openForChildren ||= child !== 'no' && token.hole
    if (child === 'no' && !list.reachesDescendants) continue
    for (const [lower, times] of view.children(item)) {
      open.push({
        item: lower,
        count: count * times,
        reach: { direct: false, child, certain: reach.certain },
      })
    }
  }
  return { candidates, openForChildren }
}

const DIRECT: Reach = { direct: true, child: 'yes', certain: true }

function optionsOf(list: List, token: Token, reach: Reach): readonly Option[] {
  if (token.about.size === 0) return []
  return list.members.flatMap((node) => {
    const outcome = token.about.get(node.index)
    const within = isWithin(node, reach)
    if (outcome === undefined || within === 'no') return []
    return [{ node, sure: and(outcome.is, within) === 'yes' && reach.certain }]
  })
}

function isWithin(node: Node, reach: Reach): Tri {
  switch (node.expectation.relation) {
    case 'direct':
      return surely(reach.direct)
    case 'child':
      return reach.child
    case 'descendant':
      return 'yes'
  }
}

function isLookedThrough(list: List, token: Token): Tri {
  let about: Tri = 'no'
  for (const node of list.members) about = or(about, token.about.get(node.index)?.is ?? 'no')
  return and(or(token.ignored, token.passage), not(about))
}

/** The candidates of the top level: every span of the case, wherever it stands. */
export function candidatesAmong<T>(
  list: List,
  items: Iterable<T>,
  view: View<T>,
): readonly Candidate<T>[] {
  const candidates: Candidate<T>[] = []
  for (const item of items) {
    const { about } = view.token(item)
    const options = list.members.flatMap((node) => {
      const outcome = about.get(node.index)
      return outcome === undefined ? [] : [{ node, sure: outcome.is === 'yes' }]
    })
    if (options.length > 0) candidates.push({ item, count: 1, options })
  }
  return candidates
}
