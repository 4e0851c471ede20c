import { serviceName, type Span, type SpanKind } from '../trace/span.ts'
import type { Trace } from '../trace/trace.ts'

/** A span with what is below it. Equal `shape` means equal names, services, kinds, errors and nesting all the way down. */
export interface Tree {
  readonly span: Span
  /** In the order of their start. */
  readonly children: readonly Tree[]
  readonly shape: number
  readonly size: number
  readonly depth: number
}

/** The trees of a trace, one for each root. Without recursion: traces may be 100,000 spans deep. */
export function treesOf(trace: Trace, shapes: Map<string, number>): readonly Tree[] {
  const trees = new Map<number, Tree>()
  for (const index of childrenFirst(trace)) {
    const span = trace.spans[index]
    if (span === undefined) continue
    const children = pick(trees, trace.children[index] ?? [])
    trees.set(index, {
      span,
      children,
      shape: shapeOf(span, children, shapes),
      size: children.reduce((sum, child) => sum + child.size, 1),
      depth: children.reduce((deepest, child) => Math.max(deepest, child.depth + 1), 1),
    })
  }
  return pick(trees, trace.roots)
}

function childrenFirst(trace: Trace): readonly number[] {
  const order: number[] = []
  const open = [...trace.roots]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    order.push(index)
    for (const child of trace.children[index] ?? []) open.push(child)
  }
  return order.toReversed()
}

function pick(trees: ReadonlyMap<number, Tree>, indexes: readonly number[]): readonly Tree[] {
  return indexes.flatMap((index) => trees.get(index) ?? [])
}

/** Numbers shapes as they come; `shapes` is shared by all traces that are compared. */
function shapeOf(span: Span, children: readonly Tree[], shapes: Map<string, number>): number {
  const below = children.map((child) => child.shape).toSorted((a, b) => a - b)
  const isError = span.status.code === 'error'
  const key = JSON.stringify([span.name, serviceName(span), kindOf(span), isError, below])
  const known = shapes.get(key)
  if (known !== undefined) return known
  shapes.set(key, shapes.size)
  return shapes.size - 1
}

/** The norm lets a reader take an unspecified kind as internal. */
export function kindOf(span: Span): SpanKind {
  return span.kind === 'unspecified' ? 'internal' : span.kind
}
