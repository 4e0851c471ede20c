import { firstDifference } from '../trace/order.ts'
import { compareVectors, leastCostFlow, plus, type Arc, type Vector } from './flow.ts'
import type { List, Node } from './plan.ts'

/** Candidates of a list that cannot be told apart: the same class, reached in the same way. */
export interface Group {
  readonly count: number
  readonly edges: readonly Edge[]
}

export interface Edge {
  readonly node: Node
  /** False where it is unknown whether the span has the identity, or whether it stands here. */
  readonly sure: boolean
  /** What a span of the group costs under this node. */
  readonly cost: Vector
}

/** How many spans of one group go to a node; to no node when they are left over. */
export interface Share {
  readonly group: number
  readonly node: Node | undefined
  readonly amount: number
}

export interface Assignment {
  readonly shares: readonly Share[]
  /** missing below min, left over above max, failed conditions, and last what only the evidence leaves open. */
  readonly cost: Vector
}

const FREE: Vector = [0, 0, 0, 0]

/**
 * Assigns the candidates of one list: first so that the fewest are left over, then at least cost. A minimum that further
 * spans may still fill (`isOpen`) costs only after all else.
 */
export function assign(
  list: List,
  groups: readonly Group[],
  isOpen: (node: Node) => boolean,
): Assignment {
  const shares = componentsOf(list, groups).flatMap((part) =>
    part.nodes.length === 1 && isSure(part) ? assignToOne(part) : assignByFlow(part, isOpen),
  )
  return { shares, cost: costOf(list, { groups, shares, isOpen }) }
}

interface Component {
  readonly nodes: readonly Node[]
  /** Positions in the list's groups. */
  readonly members: readonly number[]
  readonly groups: readonly Group[]
}

/** Expectations that share no candidate are decided apart. */
function componentsOf(list: List, groups: readonly Group[]): readonly Component[] {
  const leader = new Map(list.members.map((node) => [node, node]))
  const find = (node: Node): Node => {
    let top = node
    for (let up = leader.get(top); up !== undefined && up !== top; up = leader.get(top)) top = up
    return top
  }
  for (const group of groups) {
    const [first, ...others] = group.edges
    if (first === undefined) continue
    for (const other of others) leader.set(find(other.node), find(first.node))
  }
  return list.members
    .filter((node) => find(node) === node)
    .map((top) => ({
      groups,
      nodes: list.members.filter((node) => find(node) === top),
      members: [...groups.keys()].filter((index) =>
        groups[index]?.edges.some((edge) => find(edge.node) === top),
      ),
    }))
}

function isSure({ groups, members }: Component): boolean {
  return members.every((group) => groups[group]?.edges.every((edge) => edge.sure) === true)
}

/** Without a choice of the expectation, the cheapest candidates take its slots. */
function assignToOne({ nodes: [node], members, groups }: Component): readonly Share[] {
  if (node === undefined) return []
  const ranked = members
    .flatMap((group) => {
      const edge = groups[group]?.edges[0]
      return edge === undefined ? [] : [{ group, edge, count: groups[group]?.count ?? 0 }]
    })
    .toSorted((a, b) =>
      firstDifference(compareVectors(a.edge.cost, b.edge.cost), a.group - b.group),
    )
  let free = node.expectation.count.max
  return ranked.flatMap(({ group, count }) => {
    const taken = Math.min(count, free)
    free -= taken
    return [
      { group, node, amount: taken },
      { group, node: undefined, amount: count - taken },
    ].filter((share) => share.amount > 0)
  })
}

const LEFT_OVER: Vector = [1, 0, 0, 0, 0]
const NOTHING: Vector = [0, 0, 0, 0, 0]

/** Nodes of the network: 0 the source, then the groups, then the expectations, the sink last. */
function assignByFlow(part: Component, isOpen: (node: Node) => boolean): readonly Share[] {
  const { nodes, members, groups } = part
  const sink = members.length + nodes.length + 1
  const arcs: Arc[] = []
  const meanings: (Share | undefined)[] = []
  const add = (arc: Arc, meaning?: Share): void => {
    arcs.push(arc)
    meanings.push(meaning)
  }
  for (const [index, group] of members.entries()) {
    const { count, edges } = groups[group] ?? { count: 0, edges: [] }
    const from = index + 1
    add({ from: 0, to: from, capacity: count, cost: NOTHING })
    for (const edge of edges) {
      const to = members.length + 1 + nodes.indexOf(edge.node)
      const cost = [0, ...plus(edge.cost, edge.sure ? FREE : UNSURE)]
      add({ from, to, capacity: count, cost }, { group, node: edge.node, amount: 0 })
    }
    const mustStand = edges.some((edge) => edge.sure)
    add(
      { from, to: sink, capacity: count, cost: mustStand ? LEFT_OVER : NOTHING },
      mustStand ? { group, node: undefined, amount: 0 } : undefined,
    )
  }
  for (const [index, node] of nodes.entries()) {
    const from = members.length + 1 + index
    const { min, max } = node.expectation.count
    add({
      from,
      to: sink,
      capacity: min,
      cost: plus(NOTHING, [0, ...shortage(node, isOpen(node))], -1),
    })
    add({ from, to: sink, capacity: max - min, cost: NOTHING })
  }
  const flow = leastCostFlow(sink + 1, arcs)
  return meanings.flatMap((share, index) => {
    const amount = flow[index] ?? 0
    return share === undefined || amount === 0 ? [] : [{ ...share, amount }]
  })
}

const UNSURE: Vector = [0, 0, 0, 1]

/** What one span too few costs: itself and all that is required below it. */
function shortage(node: Node, open: boolean): Vector {
  return open ? [0, 0, 0, 1 + node.requiredBelow] : [1 + node.requiredBelow, 0, 0, 0]
}

interface Assigned {
  readonly groups: readonly Group[]
  readonly shares: readonly Share[]
  readonly isOpen: (node: Node) => boolean
}

function costOf(list: List, { groups, shares, isOpen }: Assigned): Vector {
  let cost = FREE
  const taken = new Map<Node, number>()
  for (const { group, node, amount } of shares) {
    if (node === undefined) {
      cost = plus(cost, [0, amount, 0, 0])
      continue
    }
    const edge = groups[group]?.edges.find((one) => one.node === node)
    cost = plus(cost, plus(edge?.cost ?? FREE, edge?.sure === true ? FREE : UNSURE), amount)
    taken.set(node, (taken.get(node) ?? 0) + amount)
  }
  for (const node of list.members) {
    const short = node.expectation.count.min - (taken.get(node) ?? 0)
    if (short > 0) cost = plus(cost, shortage(node, isOpen(node)), short)
  }
  return cost
}
