import type { SpanIndex, Trace } from '../trace/trace.ts'
import { candidatesAmong, candidatesBelow, type Candidate, type View } from './candidates.ts'
import type { Case } from './cases.ts'
import { costsOf, opennessOfList, rowsOf, type Costs, type Row } from './costs.ts'
import { below } from './forest.ts'
import { assign, type Share } from './assign.ts'
import type { Vector } from './flow.ts'
import type { Openness } from './openness.ts'
import type { List, Node } from './plan.ts'
import type { Reduced, SubtreeClass } from './reduce.ts'
import { spanAt } from './span-at.ts'

/** One expectation at one parent: which spans it has there. */
export interface Place {
  readonly node: Node
  /** The span below which the list was matched; undefined at the top level. */
  readonly parent: SpanIndex | undefined
  readonly spans: readonly SpanIndex[]
  /** Spans of its identity for which no slot was left. */
  readonly leftOver: readonly SpanIndex[]
  /** Those of `spans` that may not be meant: an identity that was dropped, a fragment whose place is not known. */
  readonly unsure: readonly SpanIndex[]
  /** Further spans may become candidates here. */
  readonly open: boolean
  /** False where it is not sure that its parent is meant. */
  readonly certain: boolean
}

/** Which span is which in one case. */
export interface Binding {
  readonly places: readonly Place[]
  /** The spans that a `child` relation looked through on the way to a match. */
  readonly lookedThrough: readonly SpanIndex[]
  /** The optimum of the top-level list. */
  readonly cost: Vector
}

export interface BindInput {
  readonly reduced: Reduced
  readonly one: Case
  readonly openness: Openness
}

/** Binds the spans of a case to expectations: the top-level list over all its spans, then each list below a bound span. */
export function bind({ reduced, one, openness }: BindInput): Binding {
  const costs = costsOf(openness.everywhere)
  const view = spanView(reduced)
  const all = [...one.members, ...below(one.trace, one.fragments)].toSorted((a, b) => a - b)
  const open = openness.everywhere || openness.holes.size > 0
  const context = { reduced, costs, view, everywhere: openness.everywhere }
  const top = matchList(context, {
    list: reduced.plan.top,
    parent: undefined,
    certain: one.certain,
    candidates: candidatesAmong(reduced.plan.top, all, view),
    isOpen: () => open,
  })
  const places = [...top.places]
  for (let next = 0; next < places.length; next += 1) {
    const place = places[next]
    if (place === undefined || place.node.list.members.length === 0) continue
    const unsure = new Set(place.unsure)
    for (const parent of place.spans) {
      const certain = place.certain && !unsure.has(parent)
      const found = matchBelow(context, place.node.list, { parent, certain })
      for (const lower of found) places.push(lower)
    }
  }
  return { places, lookedThrough: passages(one.trace, places), cost: top.cost }
}

interface Context {
  readonly reduced: Reduced
  readonly costs: Costs
  readonly view: View<SpanIndex>
  readonly everywhere: boolean
}

function spanView({ trace, classes, adoptions }: Reduced): View<SpanIndex> {
  return {
    token: (index) => classAt(classes, index).token,
    children: (index) => (trace.children[index] ?? []).map((child) => [child, 1] as const),
    adopted: (index) => adoptions.get(index) ?? [],
  }
}

function classAt(classes: readonly SubtreeClass[], index: SpanIndex): SubtreeClass {
  const one = classes[index]
  if (one === undefined) throw new RangeError(`no class for position ${index} of ${classes.length}`)
  return one
}

function matchBelow(
  context: Context,
  list: List,
  { parent, certain }: { readonly parent: SpanIndex; readonly certain: boolean },
): readonly Place[] {
  const found = candidatesBelow(list, parent, context.view)
  const { token, holeBelow } = classAt(context.reduced.classes, parent)
  const isOpen = opennessOfList({
    everywhere: context.everywhere,
    hole: token.hole,
    holeBelow,
    ...found,
  })
  const { candidates } = found
  return matchList(context, { list, parent, certain, candidates, isOpen }).places
}

interface ListInput {
  readonly list: List
  readonly parent: SpanIndex | undefined
  readonly certain: boolean
  readonly candidates: readonly Candidate<SpanIndex>[]
  readonly isOpen: (node: Node) => boolean
}

function matchList(
  context: Context,
  input: ListInput,
): { readonly places: readonly Place[]; readonly cost: Vector } {
  const { list, parent, certain, candidates, isOpen } = input
  const { trace, classes } = context.reduced
  const rows = rowsOf(candidates, ({ item }) => classAt(classes, item), context.costs)
  const { shares, cost } = assign(
    list,
    rows.map((row) => row.group),
    isOpen,
  )
  const holders = new Map(list.members.map((node) => [node, emptyHolder()]))
  const unsettled = new Set<Node>()
  for (const [index, row] of rows.entries()) {
    const dealt = shares.filter((share) => share.group === index)
    deal({ trace, row, shares: dealt }, holders)
    for (const node of unsettledBy(row, dealt)) unsettled.add(node)
  }
  const places = list.members.map((node): Place => {
    const { spans, leftOver, unsure } = holders.get(node) ?? emptyHolder()
    return {
      node,
      parent,
      spans: spans.toSorted((a, b) => a - b),
      leftOver: leftOver.toSorted((a, b) => a - b),
      unsure,
      certain,
      open: isOpen(node) || unsettled.has(node),
    }
  })
  return { places, cost }
}

/** The expectations that spans of a row may turn out to belong to, where it is not sure which of them they have. */
function unsettledBy({ group }: Row<SpanIndex>, shares: readonly Share[]): readonly Node[] {
  const unsure = group.edges.filter((edge) => !edge.sure).map(({ node }) => node)
  const isTaken = shares.some(({ node }) => node !== undefined && unsure.includes(node))
  return isTaken ? group.edges.map(({ node }) => node) : unsure
}

interface Holder {
  readonly spans: SpanIndex[]
  readonly leftOver: SpanIndex[]
  readonly unsure: SpanIndex[]
}

function emptyHolder(): Holder {
  return { spans: [], leftOver: [], unsure: [] }
}

interface Deal {
  readonly trace: Trace
  readonly row: Row<SpanIndex>
  readonly shares: readonly Share[]
}

/** Deals the spans of a row out by its shares: in the order of the spec, spans by content and then start. */
function deal({ trace, row, shares }: Deal, holders: ReadonlyMap<Node, Holder>): void {
  const spans = row.candidates.map(({ item }) => item).toSorted((a, b) => byContent(trace, a, b))
  let next = 0
  const ordered = shares.toSorted(
    (a, b) => (a.node?.index ?? Infinity) - (b.node?.index ?? Infinity),
  )
  for (const { node, amount } of ordered) {
    const part = spans.slice(next, next + amount)
    next += amount
    const holder = holders.get(node ?? firstOf(row))
    const unsure = row.group.edges.some((edge) => edge.node === node && !edge.sure)
    for (const span of part) {
      ;(node === undefined ? holder?.leftOver : holder?.spans)?.push(span)
      if (unsure) holder?.unsure.push(span)
    }
  }
}

/** A span that is left over is told of at the first expectation that has its identity. */
function firstOf(row: Row<SpanIndex>): Node {
  const [first] = row.group.edges
  if (first === undefined) throw new RangeError('a row without an edge')
  return row.group.edges.reduce(
    (least, edge) => (edge.node.index < least.index ? edge.node : least),
    first.node,
  )
}

function byContent(trace: Trace, a: SpanIndex, b: SpanIndex): number {
  const [one, other] = [spanAt(trace, a).name, spanAt(trace, b).name]
  if (one !== other) return one < other ? -1 : 1
  return a - b
}

/** The spans between a parent and a span that was matched as its child. */
function passages(trace: Trace, places: readonly Place[]): readonly SpanIndex[] {
  const found = new Set<SpanIndex>()
  for (const { node, parent, spans } of places) {
    if (parent === undefined || node.expectation.relation !== 'child') continue
    for (const span of spans) {
      for (
        let up = trace.parent[span] ?? -1;
        up !== parent && up !== -1;
        up = trace.parent[up] ?? -1
      )
        found.add(up)
    }
  }
  return [...found].toSorted((a, b) => a - b)
}
