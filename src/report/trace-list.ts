import { millisOf } from '../trace/time.ts'
import type { TraceSearchAnswer, TraceSummary } from '../trace/ports.ts'
import { inert } from './sanitize.ts'
import { columns, fit, paint, shown, wrap, type Terminal } from './terminal.ts'
import { duration, plural, spanName } from './wording/phrases.ts'

/** Traces for the terminal or an agent, newest first: what each is on one line, how to name it on the next. */
export function renderTraceList(answer: TraceSearchAnswer, terminal: Terminal): string {
  const rows = answer.items.flatMap((item) => traceLines(item, terminal))
  return `${[...rows, ...wrap(countLine(answer), terminal.width)].join('\n')}\n`
}

function traceLines(item: TraceSummary, terminal: Terminal): readonly string[] {
  const name = { trace_id: '', span_id: '', name: item.rootName, service: item.rootService }
  const root = shown(spanName(name), terminal)
  const others = item.services.filter((service) => service !== item.rootService).length
  const facts = [
    duration(millisOf(item.duration)),
    plural(item.spans, 'span'),
    ...(others === 0 ? [] : [plural(others, 'further service')]),
    ...(item.errors === 0 ? [] : [plural(item.errors, 'error')]),
  ].join('  ')
  const room = Math.max(12, terminal.width - columns(facts) - 2)
  const place = [
    `trace:${item.traceId}`,
    ...(item.runId === undefined ? [] : [`run:${inert(item.runId, 80)}`]),
    new Date(millisOf(item.start)).toISOString(),
  ].join('  ')
  return [`${shown(fit(root, room), terminal)}  ${facts}`, paint(`  ${place}`, 'dim', terminal)]
}

function countLine({ items, total }: TraceSearchAnswer): string {
  if (total === 0) return 'No trace matches; without filters `tracespec traces` lists the newest.'
  const omitted = total - items.length
  return omitted === 0
    ? `${plural(total, 'trace')}, all shown.`
    : `${items.length} of ${total} traces are shown, ${omitted} omitted; raise \`--limit\` or narrow the search to see them.`
}
