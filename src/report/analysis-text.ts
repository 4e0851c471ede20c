import type { CriticalOperation } from '../analyze/trace-analysis.ts'
import type { Bounded } from '../verify/result.ts'
import type { AnalysisDocument, PublishedAnalysis } from './analysis.ts'
import { labelled, paragraph, type Labelled } from './layout.ts'
import { columns, fit, paint, shown, wrap, type Terminal } from './terminal.ts'
import { clippedSentence, operationName, percent, serviceText } from './wording/analysis.ts'
import { duration, plural, spanName } from './wording/phrases.ts'

/** Analyses for a person: what to look at first, then where the time went, as tables. */
export function renderAnalysisText({ traces }: AnalysisDocument, terminal: Terminal): string {
  const rest = omittedText(traces)
  const blocks = [
    ...traces.items.flatMap((analysis) => blocksOf(analysis, terminal)),
    rest === '' ? [] : paragraph(`Traces: ${rest}`, terminal).map((line) => line.slice(2)),
  ]
  const filled = blocks.filter((lines) => lines.length > 0)
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function blocksOf(analysis: PublishedAnalysis, terminal: Terminal): readonly (readonly string[])[] {
  return [
    headLines(analysis, terminal),
    noteLines(analysis, terminal),
    criticalTable(analysis, terminal),
    selfTable(analysis, terminal),
    longestTable(analysis, terminal),
    serviceTable(analysis, terminal),
    callTable(analysis, terminal),
  ]
}

function headLines(
  { tree, ...analysis }: PublishedAnalysis,
  terminal: Terminal,
): readonly string[] {
  const [root] = tree.roots.items
  const parts = [
    root === undefined ? 'no span' : spanName(root.span),
    duration(analysis.duration_ms),
    plural(tree.spans, 'span'),
    plural(tree.services, 'service'),
    plural(tree.depth, 'level'),
    ...(tree.errors === 0 ? [] : [plural(tree.errors, 'error')]),
  ]
  return [
    ...wrap(shown(parts.join(' · '), terminal), terminal.width).map((line) =>
      paint(line, 'bold', terminal),
    ),
    paint(`trace:${analysis.trace_id}`, 'dim', terminal),
  ]
}

/** Errors, then what costs time, then what is wrong with the trace itself. */
function noteLines(analysis: PublishedAnalysis, terminal: Terminal): readonly string[] {
  const { errors, repeated, serial, tree } = analysis
  const clipped = clippedSentence(tree.clipped)
  const notes: readonly Labelled[] = [
    ...errors.items.map(({ message }) => note('fail', 'error', message)),
    ...more(errors, 'error'),
    ...repeated.items.map((item) =>
      note('extra', item.n_plus_one ? 'N+1' : 'repeated', item.message),
    ),
    ...more(repeated, 'repeated'),
    ...serial.items.map(({ message }) => note('extra', 'serial', message)),
    ...more(serial, 'serial'),
    ...tree.defects.map((group) => note('open', group.code.replaceAll('_', ' '), group.message)),
    ...(clipped === '' ? [] : [note('open', 'clipped', clipped)]),
  ]
  return notes.flatMap((entry) => labelled(entry, terminal))
}

function note(mark: Labelled['mark'], label: string, text: string): Labelled {
  return { mark, label, text: [text] }
}

function more(list: Bounded<unknown>, label: string): readonly Labelled[] {
  const text = omittedText(list)
  return text === '' ? [] : [note('note', label, text)]
}

/** What a list leaves out; empty when nothing. */
function omittedText({ shown: count, omitted, total, how }: Bounded<unknown>): string {
  if (omitted === 0) return ''
  return `${count} of ${total} are shown${how === null ? '' : `; ${how}`}.`
}

function criticalTable(
  { critical_path: path }: PublishedAnalysis,
  terminal: Terminal,
): readonly string[] {
  if (path === null) return []
  const title = `A possible critical path of ${spanName(path.root)}: ${duration(path.duration_ms)} in ${plural(path.segments.total, 'step')}`
  return table({ title, list: path.operations, cells: criticalCells }, terminal)
}

function criticalCells(operation: CriticalOperation): readonly string[] {
  return [duration(operation.duration_ms), percent(operation.share), operationName(operation)]
}

function selfTable({ slowest }: PublishedAnalysis, terminal: Terminal): readonly string[] {
  return table(
    {
      title: 'Most self time, and the longest gap between children',
      list: slowest.by_self_time,
      cells: (time) => [
        duration(time.self_ms),
        time.self_ms === time.duration_ms ? '' : `of ${duration(time.duration_ms)}`,
        time.gap === null ? '' : `gap ${duration(time.gap.duration_ms)}`,
        spanName(time.span),
      ],
    },
    terminal,
  )
}

function longestTable({ slowest }: PublishedAnalysis, terminal: Terminal): readonly string[] {
  return table(
    {
      title: 'Longest',
      list: slowest.by_duration,
      cells: (time) => [duration(time.duration_ms), spanName(time.span)],
    },
    terminal,
  )
}

function serviceTable({ services }: PublishedAnalysis, terminal: Terminal): readonly string[] {
  if (services.total < 2) return []
  return table(
    {
      title: 'Self time of the services',
      list: services,
      cells: (total) => [
        duration(total.self_ms),
        plural(total.spans, 'span'),
        `${serviceText(total.service)}${errorsText(total.errors)}`,
      ],
    },
    terminal,
  )
}

function callTable({ calls }: PublishedAnalysis, terminal: Terminal): readonly string[] {
  if (calls.total === 0) return []
  return table(
    {
      title: 'On the way between services',
      list: calls,
      cells: (total) => [
        duration(total.network_ms),
        plural(total.calls, 'call'),
        `${serviceText(total.caller)} to ${serviceText(total.callee)}${errorsText(total.errors)}`,
      ],
    },
    terminal,
  )
}

function errorsText(count: number): string {
  return count === 0 ? '' : `, ${plural(count, 'error')}`
}

interface Table<T> {
  readonly title: string
  readonly list: Bounded<T>
  /** Columns of a row; the last takes the room that is left. */
  readonly cells: (item: T) => readonly string[]
}

function table<T>({ title, list, cells }: Table<T>, terminal: Terminal): readonly string[] {
  const rows = list.items.map(cells)
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => columns(row[at] ?? ''))),
  )
  const lines = rows.map((row) => rowLine(row, widths, terminal))
  const rest = omittedText(list)
  return [
    ...paragraph(title, terminal).map((line) => paint(line.slice(2), 'bold', terminal)),
    ...lines,
    ...(rest === '' ? [] : paragraph(rest, terminal)),
  ]
}

function rowLine(row: readonly string[], widths: readonly number[], terminal: Terminal): string {
  const last = row.length - 1
  const figures = row.slice(0, last).map((cell, at) => cell.padStart(widths[at] ?? 0))
  const head = `  ${figures.join('  ')}  `
  const name = shown(row[last] ?? '', terminal)
  return `${head}${fit(name, terminal.width - columns(head)).trimEnd()}`
}
