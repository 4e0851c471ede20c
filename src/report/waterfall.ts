import { serviceName, type Span } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { Trace } from '../trace/trace.ts'
import { drawBar, type Bar } from './bars.ts'
import { glyph, toneOf, type Mark } from './layout.ts'
import type { TraceMarks } from './marks.ts'
import {
  selectRows,
  type GhostRow,
  type Row,
  type RowOptions,
  type Selection,
  type SpanRow,
} from './rows.ts'
import { inert } from './sanitize.ts'
import { columns, fit, paint, shown, wrap, type Terminal } from './terminal.ts'
import { duration, plural } from './wording/phrases.ts'

export interface WaterfallOptions extends Terminal, RowOptions {
  /** How to get at what is folded. */
  readonly how?: string
}

/**
 * The trace as a tree with time bars, at most `maxRows` rows and a line that counts the rest. A missing span is a row of its
 * own where it belongs. Below 80 columns there are no bars.
 */
export function waterfall(
  trace: Trace,
  marks: TraceMarks,
  options: WaterfallOptions,
): readonly string[] {
  const selection = selectRows(trace, marks, options)
  const extent = extentOf(trace.spans)
  const prefixes = treePrefixes(selection, options)
  const cells = selection.rows.map(({ row }, index) =>
    cellsOf(row, { trace, extent, prefix: prefixes[index] ?? '', terminal: options }),
  )
  const widths = widthsOf(cells, options.width)
  return [
    ...axis(extent, widths, options),
    ...cells.map((cell) => drawRow(cell, widths, options)),
    ...foldedLine(selection, options),
  ]
}

interface Extent {
  readonly start: bigint
  readonly end: bigint
}

export function extentOf(spans: readonly Span[]): Extent {
  let start = spans[0]?.start ?? 0n
  let end = spans[0]?.end ?? 0n
  for (const span of spans) {
    if (span.start < start) start = span.start
    if (span.end > end) end = span.end
  }
  return { start, end }
}

const MAX_PREFIX = 24

/** The tree lines before each name; deep ones keep their right end. */
function treePrefixes({ rows }: Selection, terminal: Terminal): readonly string[] {
  const lastChild = new Map<number, number>()
  rows.forEach(({ parent }, index) => lastChild.set(parent, index))
  const [corner, tee, pipe] = terminal.unicode ? ['└', '├', '│'] : ['`', '|', '|']
  const below: string[] = []
  return rows.map(({ parent, skips }, index) => {
    const isLast = lastChild.get(parent) === index
    const outer = below[parent] ?? ''
    // Roots stand at the margin, also under a parent that is folded away.
    below.push(parent < 0 ? '' : `${outer}${isLast ? ' ' : pipe} `)
    const rest = skips ? shown('…', terminal) : ' '
    if (parent < 0) return skips ? `${rest} ` : ''
    const prefix = `${outer}${isLast ? corner : tee}${rest}`
    return prefix.length <= MAX_PREFIX ? prefix : `…${prefix.slice(1 - MAX_PREFIX)}`
  })
}

interface Cells {
  readonly mark: Mark | undefined
  readonly service: string
  readonly name: string
  readonly bar: Bar | undefined
  readonly duration: string
  readonly note: string
}

interface Drawing {
  readonly trace: Trace
  readonly extent: Extent
  readonly prefix: string
  readonly terminal: Terminal
}

function cellsOf(row: Row, drawing: Drawing): Cells {
  switch (row.kind) {
    case 'span':
      return spanCells(row, drawing)
    case 'ghost':
      return ghostCells(row, drawing)
  }
}

function spanCells(row: SpanRow, { trace, extent, prefix, terminal }: Drawing): Cells {
  const members = row.members.flatMap((index) => trace.spans[index] ?? [])
  const [first] = members
  const whole = extentOf(members)
  const times = members.length > 1 ? ` ×${members.length}` : ''
  const name = `${inert(first?.name ?? '', 200)}${times}`
  return {
    mark: row.mark?.mark,
    service: shown(first === undefined ? '' : inert(serviceName(first), 40), terminal),
    name: prefix + shown(name, terminal),
    bar: { ...scaled(whole, extent), style: row.mark?.mark === 'extra' ? 'extra' : 'span' },
    duration: duration(millisOf(whole.end - whole.start)),
    note: shown(noteOf(row, first), terminal),
  }
}

/** Nobody knows when it would have run; its bar is as long as its parent's. */
function ghostCells(row: GhostRow, { trace, extent, prefix, terminal }: Drawing): Cells {
  const parent = trace.spans[row.ghost.parent ?? -1]
  return {
    mark: 'fail',
    service: '',
    name: prefix + shown(inert(row.ghost.label, 200), terminal),
    bar: parent === undefined ? undefined : { ...scaled(parent, extent), style: 'ghost' },
    duration: '',
    note: row.ghost.note === 'moved' ? 'expected here' : row.ghost.note,
  }
}

function noteOf(row: SpanRow, span: Span | undefined): string {
  if (row.mark !== undefined && row.mark.note !== '') return row.mark.note
  if (span?.status.code !== 'error') return ''
  return span.status.message === '' ? 'error' : `error: ${inert(span.status.message, 60)}`
}

function scaled(part: Extent, whole: Extent): { readonly from: number; readonly to: number } {
  const total = Number(whole.end - whole.start)
  if (total <= 0) return { from: 0, to: 0 }
  return {
    from: Number(part.start - whole.start) / total,
    to: Number(part.end - whole.start) / total,
  }
}

interface Widths {
  readonly service: number
  readonly name: number
  readonly bar: number
  readonly duration: number
  readonly note: number
}

// The glyph and a space before every further column.
const GAPS = 3 + 4

function widthsOf(cells: readonly Cells[], width: number): Widths {
  const widest = (of: (cell: Cells) => string): number =>
    cells.reduce((most, cell) => Math.max(most, columns(of(cell))), 0)
  const service = Math.min(
    width < 60 ? 0 : 12,
    widest((cell) => cell.service),
  )
  const time = widest((cell) => cell.duration)
  const bar = barWidth(width)
  const rest = Math.max(20, width - GAPS - service - bar - time)
  const widestName = Math.max(
    widest((cell) => cell.name),
    12,
  )
  const note = Math.min(
    widest((cell) => cell.note),
    Math.max(rest - widestName, Math.floor(rest * 0.4)),
  )
  const name = Math.min(widestName, rest - note)
  return { service, name, bar, duration: time, note }
}

function barWidth(width: number): number {
  if (width < 80) return 0
  return width < 100 ? 20 : 32
}

function axis(extent: Extent, widths: Widths, terminal: Terminal): readonly string[] {
  if (widths.bar === 0) return []
  const end = duration(millisOf(extent.end - extent.start))
  const before = 3 + widths.service + 1 + widths.name + 1
  const line = `${' '.repeat(before)}0${end.padStart(widths.bar - 1)}`
  return [paint(line, 'dim', terminal)]
}

function drawRow(cell: Cells, widths: Widths, terminal: Terminal): string {
  const tone = cell.mark === undefined ? 'red' : toneOf(cell.mark)
  const parts = [
    cell.mark === undefined ? '  ' : glyph(cell.mark, terminal),
    paint(sized(cell.service, widths.service, terminal), 'dim', terminal),
    sized(cell.name, widths.name, terminal),
    ...(widths.bar === 0 ? [] : [drawn(cell, widths.bar, terminal)]),
    cell.duration.padStart(widths.duration),
    cell.note === ''
      ? ''
      : paint(sized(cell.note, widths.note, terminal).trimEnd(), tone, terminal),
  ]
  return parts.join(' ').trimEnd()
}

function sized(text: string, width: number, terminal: Terminal): string {
  return shown(fit(text, width), terminal)
}

function drawn({ bar, mark }: Cells, width: number, terminal: Terminal): string {
  if (bar === undefined) return ' '.repeat(width)
  const tone = mark === undefined || mark === 'pass' ? undefined : toneOf(mark)
  return paint(drawBar(bar, width, terminal.unicode), tone, terminal)
}

function foldedLine({ folded }: Selection, options: WaterfallOptions): readonly string[] {
  if (folded === 0) return []
  const how = options.how === undefined ? '' : `; ${options.how}`
  const text = `${plural(folded, 'further span')} folded${how}`
  return wrap(shown(`… ${text}`, options), options.width - 3).map((line) =>
    paint(`   ${line}`, 'dim', options),
  )
}
