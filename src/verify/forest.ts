import type { Losses } from '../trace/losses.ts'
import type { Trace, SpanIndex } from '../trace/trace.ts'

/** The top of one tree of a trace: a span, or a lost parent known only by the spans that name it. */
export interface Tree {
  /** The top span; undefined when it was lost. */
  readonly top: SpanIndex | undefined
  /** The spans directly below the lost top, or the top itself. */
  readonly heads: readonly SpanIndex[]
  /** Set when the top was lost, to its span id. */
  readonly lostId: string | undefined
  /** Set when the top names a parent of another process that was not captured, to that parent's span id. */
  readonly foreignId: string | undefined
}

/**
 * The trees of a trace: true roots, one for each lost parent, and one for each span below a foreign parent. Where it is not
 * told which parents were lost, each span below one is a tree of its own, as it would be below a foreign one.
 */
export function treesOf(trace: Trace, losses: Losses): readonly Tree[] {
  const orphans = new Map<SpanIndex, { readonly id: string; readonly lost: boolean }>()
  for (const defect of trace.defects) {
    if (defect.code !== 'orphan') continue
    const lost = defect.parent === 'lost' || losses.kinds === 'lost'
    orphans.set(defect.span, { id: defect.missingParent, lost })
  }
  const trees: Tree[] = []
  const headsOfLost = new Map<string, SpanIndex[]>()
  for (const [span, parent] of trace.parent.entries()) {
    if (parent !== -1) continue
    const orphan = orphans.get(span)
    if (orphan === undefined || !orphan.lost) {
      trees.push({ top: span, heads: [span], lostId: undefined, foreignId: orphan?.id })
      continue
    }
    const heads = tellsLostParents(losses) ? headsOfLost.get(orphan.id) : undefined
    if (heads !== undefined) {
      heads.push(span)
      continue
    }
    const first = [span]
    headsOfLost.set(orphan.id, first)
    trees.push({ top: undefined, heads: first, lostId: orphan.id, foreignId: undefined })
  }
  return trees
}

/** Whether a parent that was lost in the same process is told from one of another process, which flags do, and else kinds. */
export function tellsLostParents({ flags, kinds }: Losses): boolean {
  return !flags && kinds === undefined
}

/** All spans at and below the given ones, parents before children. */
export function below(trace: Trace, heads: readonly SpanIndex[]): SpanIndex[] {
  const found = [...heads]
  for (let next = 0; next < found.length; next += 1) {
    const span = found[next]
    if (span === undefined) continue
    for (const child of trace.children[span] ?? []) found.push(child)
  }
  return found
}
