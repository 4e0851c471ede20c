import type { SpanIndex, Trace } from '../trace/trace.ts'

/** A span and how deep it stands. */
export interface TraceRow {
  readonly span: SpanIndex
  readonly depth: number
}

/** Every span in the order of the tree; with a focus only the way down to it and all below it. */
export function traceRows(trace: Trace, focus: SpanIndex | undefined): readonly TraceRow[] {
  const order = depthFirst(trace)
  return focus === undefined ? order : around(trace, order, focus)
}

/** Parents before children, without recursion: traces may be 100,000 spans deep. */
function depthFirst(trace: Trace): readonly TraceRow[] {
  const rows: TraceRow[] = []
  const open = trace.roots.map((span) => ({ span, depth: 0 })).toReversed()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    rows.push(next)
    const { depth } = next
    const children = trace.children[next.span] ?? []
    for (const span of children.toReversed()) open.push({ span, depth: depth + 1 })
  }
  return rows
}

/** The span with the way down to it and all below it. */
function around(trace: Trace, order: readonly TraceRow[], focus: SpanIndex): readonly TraceRow[] {
  const above = new Set<SpanIndex>()
  for (let at = trace.parent[focus] ?? -1; at >= 0; at = trace.parent[at] ?? -1) above.add(at)
  const first = order.findIndex((row) => row.span === focus)
  const depth = order[first]?.depth ?? 0
  const after = order.findIndex((row, at) => at > first && row.depth <= depth)
  const below = order.slice(first, after === -1 ? undefined : after)
  return [...order.slice(0, first).filter((row) => above.has(row.span)), ...below]
}
