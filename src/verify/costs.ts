import { assign, type Edge, type Group } from './assign.ts'
import { candidatesBelow, type Candidate, type View } from './candidates.ts'
import { plus, type Vector } from './flow.ts'
import type { List, Node } from './plan.ts'
import type { SubtreeClass } from './reduce.ts'

/** What it costs to match a subtree of a class with an expectation; each pair is solved once. */
export interface Costs {
  readonly ofMatching: (node: Node, one: SubtreeClass) => Vector
}

const CLASSES: View<SubtreeClass> = {
  token: (one) => one.token,
  children: (one) => one.children,
  adopted: (one) => one.adopted,
}

/** The dynamic programme over (expectation, class). `everywhere` says that further spans may stand anywhere in the case. */
export function costsOf(everywhere: boolean): Costs {
  const known = new Map<SubtreeClass, Map<Node, Vector>>()
  const ofMatching = (node: Node, one: SubtreeClass): Vector => {
    const solved = known.get(one) ?? new Map<Node, Vector>()
    known.set(one, solved)
    const cost = solved.get(node) ?? solve(node, one)
    solved.set(node, cost)
    return cost
  }
  const solve = (node: Node, one: SubtreeClass): Vector => {
    const outcome = one.token.about.get(node.index)
    const own = [0, 0, outcome?.failed ?? 0, outcome?.unknown ?? 0]
    if (node.list.members.length === 0) return own
    const found = candidatesBelow(node.list, one, CLASSES)
    const rows = rowsOf(found.candidates, (candidate) => candidate.item, costs)
    const isOpen = opennessOfList({
      everywhere,
      holeBelow: one.holeBelow,
      hole: one.token.hole,
      ...found,
    })
    const groups = rows.map((row) => row.group)
    return plus(plus(own, assign(node.list, groups, isOpen).cost), openChecks(node.list, isOpen))
  }
  const costs = { ofMatching }
  return costs
}

/** What further spans could still break below a span counts last: better to bind it where nothing is asked. */
function openChecks(list: List, isOpen: (node: Node) => boolean): Vector {
  return [0, 0, 0, list.members.filter((node) => isOpen(node) && !node.isRelieved).length]
}

/** Candidates with the same row of costs, which an assignment need not tell apart. */
export interface Row<T> {
  readonly group: Group
  readonly candidates: readonly Candidate<T>[]
}

/** Groups candidates by what they cost under each expectation that they may go to. */
export function rowsOf<T>(
  candidates: readonly Candidate<T>[],
  classOf: (candidate: Candidate<T>) => SubtreeClass,
  costs: Costs,
): readonly Row<T>[] {
  const rows = new Map<
    string,
    { readonly edges: readonly Edge[]; count: number; readonly candidates: Candidate<T>[] }
  >()
  for (const candidate of candidates) {
    const one = classOf(candidate)
    const edges = candidate.options.map((option) => ({
      ...option,
      cost: costs.ofMatching(option.node, one),
    }))
    const key = edges
      .map(({ node, sure, cost }) => `${node.index}${sure ? '=' : '?'}${cost.join('.')}`)
      .join(' ')
    const row = rows.get(key) ?? { edges, count: 0, candidates: [] }
    rows.set(key, row)
    row.count += candidate.count
    row.candidates.push(candidate)
  }
  return [...rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { edges, count, candidates: members }]) => ({
      group: { edges, count },
      candidates: members,
    }))
}

export interface ListOpenness {
  readonly everywhere: boolean
  readonly hole: boolean
  readonly holeBelow: boolean
  readonly openForChildren: boolean
}

/** Whether further spans may become candidates of a member of a list, by how far it looks. */
export function opennessOfList(open: ListOpenness): (node: Node) => boolean {
  return (node) => {
    if (open.everywhere) return true
    switch (node.expectation.relation) {
      case 'direct':
        return open.hole
      case 'child':
        return open.openForChildren
      case 'descendant':
        return open.holeBelow
    }
  }
}
