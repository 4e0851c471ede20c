import { serviceName } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Ghost, SpanMark, TraceMarks } from './marks.ts'

interface Place {
  /** Position of the parent's row in the whole list; -1 at the top. */
  readonly parentRow: number
  readonly depth: number
}

export interface SpanRow extends Place {
  readonly kind: 'span'
  /** The first of the identical siblings that this row stands for. */
  readonly span: SpanIndex
  readonly members: readonly SpanIndex[]
  readonly mark: SpanMark | undefined
}

export interface GhostRow extends Place {
  readonly kind: 'ghost'
  readonly ghost: Ghost
}

/** One line of a waterfall before it is drawn. */
export type Row = SpanRow | GhostRow

export interface Selection {
  /** Rows in the order of the tree, each with the position of its nearest shown ancestor in this list, else -1. */
  readonly rows: readonly { readonly row: Row; readonly parent: number; readonly skips: boolean }[]
  /** Spans that no row stands for. */
  readonly folded: number
}

export interface RowOptions {
  readonly maxRows: number
  /** A span that is shown whatever else is folded. */
  readonly focus?: SpanIndex
}

const FOLD_FROM = 3

/** The rows that matter most: what is marked, its ancestors, then the upper levels; time and memory linear in the spans. */
export function selectRows(trace: Trace, marks: TraceMarks, options: RowOptions): Selection {
  const notable = notableSpans(marks, options.focus)
  const all = allRows(trace, marks, notable)
  const kept = keepRows(all, notable, options.maxRows)
  const positions = new Map(kept.map((row, position) => [row, position]))
  const rows = kept.map((index) => {
    const row = rowAt(all, index)
    const parent = shownAncestor(all, row, positions)
    return { row, parent: parent.position, skips: parent.skips }
  })
  const standing = rows.reduce(
    (sum, { row }) => sum + (row.kind === 'span' ? row.members.length : 0),
    0,
  )
  return { rows, folded: trace.spans.length - standing }
}

function notableSpans(marks: TraceMarks, focus: SpanIndex | undefined): ReadonlySet<SpanIndex> {
  const notable = new Set<SpanIndex>(focus === undefined ? [] : [focus])
  for (const [span, { mark }] of marks.spans) if (mark !== 'pass') notable.add(span)
  return notable
}

/** Parents before children; identical siblings with nothing notable below them share a row. */
function allRows(trace: Trace, marks: TraceMarks, notable: ReadonlySet<SpanIndex>): readonly Row[] {
  const ghosts = Map.groupBy(marks.ghosts, (ghost) => ghost.parent ?? -1)
  const isOpen = leadsToNotable(trace, notable, ghosts)
  const rows: Row[] = []
  const stack: Row[] = pending(trace.roots, { parentRow: -1, depth: 0 }, { trace, marks, isOpen })
  for (const ghost of ghosts.get(-1) ?? [])
    rows.push({ kind: 'ghost', ghost, parentRow: -1, depth: 0 })
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.kind === 'ghost') {
      rows.push(next)
      continue
    }
    const at = { parentRow: rows.length, depth: next.depth + 1 }
    rows.push(next)
    const below = (ghosts.get(next.span) ?? []).map((ghost) => ({
      kind: 'ghost' as const,
      ghost,
      ...at,
    }))
    stack.push(...below.toReversed())
    if (next.members.length > 1) continue
    for (const child of pending(trace.children[next.span] ?? [], at, { trace, marks, isOpen })) {
      stack.push(child)
    }
  }
  return rows
}

interface Folding {
  readonly trace: Trace
  readonly marks: TraceMarks
  readonly isOpen: ReadonlySet<SpanIndex>
}

/** Siblings as rows, last first, as a stack wants them. */
function pending(siblings: readonly SpanIndex[], place: Place, folding: Folding): Row[] {
  const { marks, isOpen } = folding
  const alike = Map.groupBy(siblings, (span) => (isOpen.has(span) ? span : likeness(span, folding)))
  const rows = [...alike.values()].flatMap((members) =>
    members.length < FOLD_FROM ? members.map((span) => [span]) : [members],
  )
  return rows
    .map((members) => ({ first: members[0] ?? -1, members }))
    .toSorted((a, b) => b.first - a.first)
    .map(({ first, members }) => ({
      kind: 'span',
      span: first,
      members,
      mark: marks.spans.get(first),
      ...place,
    }))
}

function likeness(index: SpanIndex, { trace, marks }: Folding): string {
  const span = trace.spans[index]
  const mark = marks.spans.get(index)
  return span === undefined
    ? ''
    : JSON.stringify([
        span.name,
        serviceName(span),
        span.kind,
        span.status.code,
        mark?.mark,
        mark?.note,
      ])
}

/** Spans with something notable or missing below them. */
function leadsToNotable(
  trace: Trace,
  notable: ReadonlySet<SpanIndex>,
  ghosts: ReadonlyMap<SpanIndex, readonly Ghost[]>,
): ReadonlySet<SpanIndex> {
  const open = new Set<SpanIndex>()
  const climb = (from: SpanIndex): void => {
    for (let span = from; span >= 0 && !open.has(span); span = trace.parent[span] ?? -1)
      open.add(span)
  }
  for (const span of notable) climb(trace.parent[span] ?? -1)
  for (const span of ghosts.keys()) climb(span)
  return open
}

const NEAR = 5

/** Positions of the rows to show, in order: the notable, their next ancestors, further ancestors, then level by level. */
function keepRows(
  rows: readonly Row[],
  notable: ReadonlySet<SpanIndex>,
  maxRows: number,
): readonly number[] {
  const rank = rows.map((row) => row.depth + 3)
  rows.forEach((row, index) => {
    if (row.kind === 'ghost' || notable.has(row.span)) rankWithAncestors(index, rows, rank)
  })
  return rows
    .map((_, index) => index)
    .toSorted((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0))
    .slice(0, maxRows)
    .toSorted((a, b) => a - b)
}

function rankWithAncestors(index: number, rows: readonly Row[], rank: number[]): void {
  rank[index] = 0
  let up = rowAt(rows, index).parentRow
  for (let distance = 1; up >= 0; distance++) {
    const known = rank[up] ?? 0
    // Beyond the next ancestors all that is above is ranked already.
    if (distance > NEAR && known <= 2) return
    rank[up] = Math.min(known, distance <= NEAR ? 1 : 2)
    up = rowAt(rows, up).parentRow
  }
}

function shownAncestor(
  rows: readonly Row[],
  row: Row,
  positions: ReadonlyMap<number, number>,
): { readonly position: number; readonly skips: boolean } {
  let up = row.parentRow
  while (up >= 0) {
    const position = positions.get(up)
    if (position !== undefined) return { position, skips: up !== row.parentRow }
    up = rowAt(rows, up).parentRow
  }
  return { position: -1, skips: row.parentRow >= 0 }
}

function rowAt(rows: readonly Row[], index: number): Row {
  const row = rows[index]
  if (row === undefined) throw new RangeError(`no row ${index}`)
  return row
}
