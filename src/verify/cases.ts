import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Nanos } from '../trace/time.ts'
import { below, treesOf, type Tree } from './forest.ts'
import { compileIdentity, type Plan } from './plan.ts'
import { spanAt } from './span-at.ts'

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
}

/** An entry that no case of the spec holds. */
export interface Entry {
  readonly trace: Trace
  readonly root: SpanIndex | undefined
  readonly own: readonly SpanIndex[]
  readonly members: readonly SpanIndex[]
  readonly tree: Tree
}

export interface Division {
  readonly cases: readonly Case[]
  /** Entries that are no case. */
  readonly entries: readonly Entry[]
}

/** Divides a trace into the cases that a spec judges, by the rules "Cases" and "Fragments" of the language. */
export function casesOf(trace: Trace, plan: Plan): Division {
  const trees = treesOf(trace)
  const entries = trees.flatMap((tree) => entriesOf(trace, tree))
  const chosen =
    plan.spec.appliesTo === undefined
      ? entriesThatHold(entries, plan)
      : selected(trace, trees, plan)
  const lost = trees.filter((tree) => tree.lostId !== undefined)
  const fragments = trees.filter(
    (tree) => tree.foreignId !== undefined && !chosen.some((entry) => entry.tree === tree),
  )
  const running = chosen.map((entry) => fragments.filter((tree) => wasRunning(entry, tree)))
  const cases = chosen.map((entry, index): Case => {
    const foreign = running[index] ?? []
    return {
      trace,
      root: entry.root,
      members: entry.members,
      fragments: foreign.filter((tree) => isAlone(running, tree)).flatMap((tree) => tree.heads),
      lostParents: lost,
      foreign,
    }
  })
  return { cases, entries: entries.filter((entry) => !chosen.includes(entry)) }
}

/** The entries of a tree: its topmost SERVER and CONSUMER spans, and its top for all that stand below none of them. */
function entriesOf(trace: Trace, tree: Tree): readonly Entry[] {
  const served: SpanIndex[] = []
  const local: SpanIndex[] = []
  const open = [...tree.heads]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { kind } = spanAt(trace, next)
    if (kind === 'server' || kind === 'consumer') {
      served.push(next)
      continue
    }
    local.push(next)
    for (const child of trace.children[next] ?? []) open.push(child)
  }
  const entries: Entry[] = []
  if (local.length > 0) {
    entries.push({ trace, tree, root: tree.top, own: local, members: below(trace, tree.heads) })
  }
  for (const root of served.toSorted((a, b) => a - b)) {
    const members = below(trace, [root])
    entries.push({ trace, tree, root, own: members, members })
  }
  return entries
}

function entriesThatHold(entries: readonly Entry[], plan: Plan): readonly Entry[] {
  const first = plan.top.members.find((node) => node.expectation.count.min > 0)
  if (first === undefined) return entries
  return entries.filter((entry) =>
    entry.own.some((span) => first.is(spanAt(entry.trace, span)) !== 'no'),
  )
}

/** The subtree of each topmost span that `applies_to` selects. */
function selected(trace: Trace, trees: readonly Tree[], plan: Plan): readonly Entry[] {
  const appliesTo = plan.spec.appliesTo
  if (appliesTo === undefined) return []
  const is = compileIdentity(appliesTo.identity)
  return trees.flatMap((tree) =>
    topmost(trace, tree, (span) => is(spanAt(trace, span)) !== 'no').map((root) => {
      const members = below(trace, [root])
      return { trace, tree, root, own: members, members }
    }),
  )
}

/** The spans of a tree that are chosen and stand below no other that is, in ascending order. */
function topmost(
  trace: Trace,
  tree: Tree,
  isChosen: (span: SpanIndex) => boolean,
): readonly SpanIndex[] {
  const chosen: SpanIndex[] = []
  const open = [...tree.heads]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isChosen(next)) chosen.push(next)
    else for (const child of trace.children[next] ?? []) open.push(child)
  }
  return chosen.toSorted((a, b) => a - b)
}

function wasRunning(entry: Entry, fragment: Tree): boolean {
  const began = startOf(entry.trace, fragment.heads)
  const { from, to } = intervalOf(entry)
  return from <= began && began <= to
}

function intervalOf({ trace, root, members }: Entry): { readonly from: Nanos; readonly to: Nanos } {
  const spans = root === undefined ? members : [root]
  let { start: from, end: to } = spanAt(trace, spans[0] ?? 0)
  for (const index of spans) {
    const span = spanAt(trace, index)
    if (span.start < from) from = span.start
    if (span.end > to) to = span.end
  }
  return { from, to }
}

function startOf(trace: Trace, heads: readonly SpanIndex[]): Nanos {
  return spanAt(trace, heads[0] ?? 0).start
}

function isAlone(running: readonly (readonly Tree[])[], fragment: Tree): boolean {
  return running.filter((fragments) => fragments.includes(fragment)).length === 1
}
