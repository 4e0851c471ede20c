import { serviceName, type Span } from '../trace/span.ts'
import type { SpanId } from '../trace/ids.ts'
import { millisOf } from '../trace/time.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { labelled } from './layout.ts'
import { NO_MARKS, specMarks, type Judged, type TraceMarks } from './marks.ts'
import { selectRows, type Row } from './rows.ts'
import { inert } from './sanitize.ts'
import { paint, shown, type Terminal } from './terminal.ts'
import { spanLines } from './span-detail.ts'
import { extentOf, waterfall } from './waterfall.ts'
import { defectSentence } from './wording/defect.ts'
import { duration, plural, tick } from './wording/phrases.ts'

export interface TraceView {
  readonly trace: Trace
  /** The verdict to draw in: statuses, and what is missing as rows of their own. */
  readonly judged?: Judged
  /** The span to open: its row is never folded, and its content stands below the tree. */
  readonly span?: SpanId
  /** 40 unless given. */
  readonly maxRows?: number
}

const MAX_ROWS = 40
const MAX_DEFECTS = 5

/** One trace for a person: head, waterfall of at most 40 rows, defects, and the span that was asked for. */
export function renderTrace(view: TraceView, terminal: Terminal): string {
  const { trace } = view
  const focus = focusIn(view)
  const rows = waterfall(trace, marksOf(view), {
    ...terminal,
    maxRows: view.maxRows ?? MAX_ROWS,
    how: howOf(trace),
    ...(focus === undefined ? {} : { focus }),
  })
  const defects = trace.defects.slice(0, MAX_DEFECTS).flatMap((defect) =>
    labelled(
      {
        mark: 'open',
        label: defect.code.replaceAll('_', ' '),
        text: [defectSentence(defect, trace)],
      },
      terminal,
    ),
  )
  const more = trace.defects.length - MAX_DEFECTS
  const rest = more > 0 ? [`  ${plural(more, 'further defect')} with --json`] : []
  const blocks = [
    [paint(shown(headOf(trace), terminal), 'bold', terminal)],
    rows,
    [...defects, ...rest],
    focus === undefined ? [] : spanLines(trace, focus, terminal),
  ]
  return `${blocks.flatMap((lines) => (lines.length === 0 ? [] : [lines.join('\n')])).join('\n\n')}\n`
}

function howOf(trace: Trace): string {
  return `\`--span ID\` opens one, \`--limit ${trace.spans.length}\` shows all`
}

const AGENT_BYTES = 4000

/** One trace for an agent: a line a span with its id, indented by depth, in at most 4,000 bytes. */
export function renderTraceForAgent(view: TraceView): string {
  const { trace } = view
  const focus = focusIn(view)
  const { rows } = selectRows(trace, marksOf(view), {
    maxRows: view.maxRows ?? MAX_ROWS,
    ...(focus === undefined ? {} : { focus }),
  })
  const plain: Terminal = { width: 200, color: false, unicode: true }
  const detail = focus === undefined ? [] : spanLines(trace, focus, plain)
  const lines: string[] = []
  let room = AGENT_BYTES - bytes([headOf(trace), ...detail].join('\n')) - 150
  let standing = 0
  for (const { row } of rows) {
    const line = agentRow(row, trace)
    room -= bytes(line)
    if (room < 0) break
    lines.push(line)
    standing += row.kind === 'span' ? row.members.length : 0
  }
  const folded = trace.spans.length - standing
  const rest = folded === 0 ? [] : [`omitted: ${plural(folded, 'further span')}; ${howOf(trace)}`]
  return `${[headOf(trace), ...lines, ...rest, ...detail].join('\n')}\n`
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length + 1
}

function agentRow(row: Row, trace: Trace): string {
  const indent = ' '.repeat(Math.min(row.depth, 20))
  if (row.kind === 'ghost') return `${indent}${tick(row.ghost.label)} ${row.ghost.note}`
  const span = trace.spans[row.span]
  if (span === undefined) return ''
  const times = row.members.length > 1 ? ` ×${row.members.length}` : ''
  const { start, end } = extentOf(row.members.flatMap((index) => trace.spans[index] ?? []))
  const note = row.mark === undefined ? '' : ` ${row.mark.note === '' ? 'matched' : row.mark.note}`
  const error = span.status.code === 'error' ? ' error' : ''
  return `${indent}${tick(span.name)}${times} ${inert(serviceName(span), 40)} ${span.kind} ${duration(millisOf(end - start))}${error}${note} span=${span.spanId}`
}

function headOf(trace: Trace): string {
  const root = trace.spans[trace.roots[0] ?? 0]
  const services = new Set(trace.spans.map(serviceName))
  const errors = trace.spans.filter((span) => span.status.code === 'error').length
  const { start, end } = extentOf(trace.spans)
  const parts = [
    root === undefined ? 'no span' : rootText(root),
    plural(trace.spans.length, 'span'),
    plural(services.size, 'service'),
    duration(millisOf(end - start)),
    ...(errors === 0 ? [] : [plural(errors, 'error')]),
    `trace:${trace.traceId}`,
  ]
  return parts.join(' · ')
}

function rootText(span: Span): string {
  const service = serviceName(span)
  return service === '' ? inert(span.name, 80) : `${inert(span.name, 80)} (${inert(service, 40)})`
}

function marksOf({ trace, judged }: TraceView): TraceMarks {
  return judged === undefined ? NO_MARKS : specMarks(trace, judged)
}

function focusIn({ trace, span }: TraceView): SpanIndex | undefined {
  const index = span === undefined ? -1 : trace.spans.findIndex((found) => found.spanId === span)
  return index < 0 ? undefined : index
}
