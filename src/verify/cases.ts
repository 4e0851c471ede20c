import type { Losses } from '../trace/losses.ts'
import type { Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { below, tellsLostParents, treesOf, type Tree } from './forest.ts'
import type { Plan } from './plan.ts'
import { hasKind, isCallee } from './shown-facts.ts'
import { spanAt } from './span-at.ts'
import { and, or, type Tri } from './three.ts'
import { beganWithin, isUntimed, type Interval } from './times.ts'

/** What one spec judges once: a subtree of a trace, with the fragments that count for it. */
export interface Case {
  readonly trace: Trace
  /** Undefined when the root itself was lost. */
  readonly root: SpanIndex | undefined
  /** The spans of the tree, parents before children; ascending order is not promised. */
  readonly members: readonly SpanIndex[]
  /** Tops of fragments below a foreign parent that began while this case alone was running. */
  readonly fragments: readonly SpanIndex[]
  /** A tree whose place is open: below its lost top, or a lost tree beside it in the trace. */
  readonly lostParents: readonly Tree[]
  /** Fragments that began while this case was running. */
  readonly foreign: readonly Tree[]
  /** Those of `foreign` of which a fact that was lost decides whether they did. */
  readonly unplaced: readonly Tree[]
  /** False where a fact that was lost or dropped decides whether it is a case. */
  readonly certain: boolean
}

/** An entry that no case of the spec holds. */
export interface Entry {
  readonly trace: Trace
  readonly root: SpanIndex | undefined
  readonly own: readonly SpanIndex[]
  readonly members: readonly SpanIndex[]
  readonly tree: Tree
  /** Those of `own` that another entry has if a kind was lost. */
  readonly doubtful: ReadonlySet<SpanIndex>
  /** False where a kind that was lost decides whether it is an entry. */
  readonly certain: boolean
}

export interface Division {
  readonly cases: readonly Case[]
  /** Entries that are no case. */
  readonly entries: readonly Entry[]
}

/** Divides a trace into the cases that a spec judges, by the rules "Cases" and "Fragments" of the language. */
export function casesOf(trace: Trace, plan: Plan): Division {
  const { losses } = plan.reading
  const trees = treesOf(trace, losses)
  const entries = trees.flatMap((tree) => entriesOf(trace, tree, losses))
  const chosen =
    plan.opens === undefined ? entriesThatHold(entries, plan) : selected(trace, trees, plan.opens)
  const lost = trees.filter((tree) => tree.lostId !== undefined)
  const fragments = trees.filter(
    (tree) =>
      tree.foreignId !== undefined && !chosen.some((one) => one.certain && one.entry.tree === tree),
  )
  const running = chosen.map(({ entry, certain }) =>
    fragments
      .filter((tree) => tree !== entry.tree)
      .map((tree) => ({
        tree,
        ran: and(wasRunning(entry, tree, losses), certain ? 'yes' : 'unknown'),
      }))
      .filter(({ ran }) => ran !== 'no'),
  )
  const isHeld = (tree: Tree): boolean => chosen.some(({ entry }) => entry.tree === tree)
  const cases = chosen.map(({ entry, certain }, index): Case => {
    const mine = running[index] ?? []
    const placed = mine.map(({ tree, ran }) => ({
      tree,
      counts: and(and(ran, isAlone(running, tree)), isHeld(tree) ? 'unknown' : 'yes'),
    }))
    return {
      trace,
      certain,
      root: entry.root,
      members: entry.members,
      fragments: placed.flatMap(({ tree, counts }) => (counts === 'yes' ? tree.heads : [])),
      lostParents: lost,
      foreign: mine.map(({ tree }) => tree),
      unplaced: placed.flatMap(({ tree, counts }) => (counts === 'unknown' ? [tree] : [])),
    }
  })
  const taken = new Set(chosen.map(({ entry }) => entry))
  return { cases, entries: entries.filter((entry) => !taken.has(entry)) }
}

/** The entries of a tree: its topmost SERVER and CONSUMER spans, and its top for all that stand below none of them. */
function entriesOf(trace: Trace, tree: Tree, losses: Losses): readonly Entry[] {
  const served: { readonly root: SpanIndex; readonly certain: boolean }[] = []
  const local: SpanIndex[] = []
  const doubtful = new Set<SpanIndex>()
  const open = tree.heads.map((span) => ({ span, certain: true }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { span } = next
    const serves = hasKind(spanAt(trace, span), losses, isCallee)
    const certain = next.certain && serves !== 'unknown'
    if (serves !== 'no') served.push({ root: span, certain })
    if (serves === 'yes') continue
    local.push(span)
    if (!certain) doubtful.add(span)
    for (const child of trace.children[span] ?? []) open.push({ span: child, certain })
  }
  const entries: Entry[] = []
  if (local.length > 0) {
    const members = below(trace, tree.heads)
    const certain = local.length > doubtful.size
    entries.push({ trace, tree, root: tree.top, own: local, members, doubtful, certain })
  }
  for (const { root, certain } of served.toSorted((a, b) => a.root - b.root)) {
    const members = below(trace, [root])
    entries.push({ trace, tree, root, own: members, members, doubtful: NONE, certain })
  }
  return entries
}

const NONE: ReadonlySet<SpanIndex> = new Set()

interface Chosen {
  readonly entry: Entry
  readonly certain: boolean
}

interface Running {
  readonly tree: Tree
  readonly ran: Tri
}

function entriesThatHold(entries: readonly Entry[], plan: Plan): readonly Chosen[] {
  const first = plan.top.members.find((node) => node.expectation.count.min > 0)
  if (first === undefined) return entries.map((entry) => ({ entry, certain: entry.certain }))
  return entries.flatMap((entry) => {
    let holds: Tri = 'no'
    for (const span of entry.own) {
      const is = first.is(spanAt(entry.trace, span))
      holds = or(holds, entry.doubtful.has(span) ? and(is, 'unknown') : is)
      if (holds === 'yes') break
    }
    return holds === 'no' ? [] : [{ entry, certain: entry.certain && holds === 'yes' }]
  })
}

/** The subtree of each topmost span that `applies_to` selects; below one that it may select, others may be topmost too. */
function selected(
  trace: Trace,
  trees: readonly Tree[],
  opens: (span: Span) => Tri,
): readonly Chosen[] {
  return trees.flatMap((tree) => {
    const chosen: { readonly root: SpanIndex; readonly certain: boolean }[] = []
    const open = tree.heads.map((span) => ({ span, certain: true }))
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { span } = next
      const opened = opens(spanAt(trace, span))
      const certain = next.certain && opened !== 'unknown'
      if (opened !== 'no') chosen.push({ root: span, certain })
      if (opened === 'yes') continue
      for (const child of trace.children[span] ?? []) open.push({ span: child, certain })
    }
    return chosen
      .toSorted((a, b) => a.root - b.root)
      .map(({ root, certain }) => {
        const members = below(trace, [root])
        const entry = { trace, tree, root, own: members, members, doubtful: NONE, certain }
        return { entry, certain }
      })
  })
}

/** Where it is not told whether the parent of a tree was lost, its interval is not known but for its head's. */
function wasRunning(entry: Entry, fragment: Tree, losses: Losses): Tri {
  const { trace, tree, root, members } = entry
  const began = (spans: readonly SpanIndex[]): Tri =>
    spans.some((span) => isUntimed(spanAt(trace, span), losses))
      ? 'unknown'
      : beganWithin(spanAt(trace, fragment.heads[0] ?? 0), intervalOf(trace, spans), losses)
  if (root !== undefined) return began([root])
  if (tellsLostParents(losses)) return began(members)
  return began(tree.heads) === 'yes' ? 'yes' : 'unknown'
}

function intervalOf(trace: Trace, spans: readonly SpanIndex[]): Interval {
  let { start: from, end: to } = spanAt(trace, spans[0] ?? 0)
  for (const index of spans) {
    const span = spanAt(trace, index)
    if (span.start < from) from = span.start
    if (span.end > to) to = span.end
  }
  return { from, to }
}

/** Whether a fragment began while one case alone was running, of those in which it may have. */
function isAlone(running: readonly (readonly Running[])[], fragment: Tree): Tri {
  const all = running.flatMap((trees) => trees.filter(({ tree }) => tree === fragment))
  const sure = all.filter(({ ran }) => ran === 'yes').length
  if (sure > 1) return 'no'
  return all.length === 1 ? 'yes' : 'unknown'
}
