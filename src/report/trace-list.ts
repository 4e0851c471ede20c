import type { FoundTraces, ListedTrace } from '../verify/listed-trace.ts'
import { inert } from './sanitize.ts'
import { quoted } from './quote.ts'
import { columns, fit, paint, shown, wrap, type Terminal } from './terminal.ts'
import { duration, plural, spanName } from './wording/phrases.ts'

/** What was searched. */
export interface Searched {
  /** A backend, as the user names it; what is kept here when undefined. */
  readonly from?: string | undefined
  /** Only some of the traces were asked for. */
  readonly isFiltered?: boolean
}

/** Found traces for the terminal or an agent: what each is on one line, what names it on the next, then the count. */
export function renderTraceList(
  traces: FoundTraces,
  terminal: Terminal,
  searched: Searched = {},
): string {
  const rows = traces.items.flatMap((row) => rowLines(row, terminal))
  const counted = wrap(shown(countLine(traces, searched), terminal), terminal.width)
  return `${[...rows, ...counted].join('\n')}\n`
}

/** One found trace as it stands in the list. */
export function renderTraceLine(row: ListedTrace, terminal: Terminal): string {
  return `${rowLines(row, terminal).join('\n')}\n`
}

function rowLines(row: ListedTrace, terminal: Terminal): readonly string[] {
  const root = spanName({ trace_id: '', span_id: '', name: row.root, service: row.service })
  const others = row.services.filter((service) => service !== row.service).length
  const facts = [
    duration(row.duration_ms),
    plural(row.spans, 'span'),
    ...(others === 0 ? [] : [plural(others, 'further service')]),
    ...(row.errors === 0 ? [] : [plural(row.errors, 'error')]),
  ].join('  ')
  const room = Math.max(12, terminal.width - columns(facts) - 2)
  const place = [
    `trace:${row.trace_id}`,
    ...(row.run === null ? [] : [`run:${inert(row.run, 80)}`]),
    row.started_at,
  ].join('  ')
  return [
    `${shown(fit(shown(root, terminal), room), terminal)}  ${facts}`,
    paint(`  ${place}`, 'dim', terminal),
  ]
}

function countLine(
  { shown: count, omitted, total, how, cut_at: cutAt }: FoundTraces,
  searched: Searched,
): string {
  const cut =
    cutAt === null
      ? ''
      : ` The backend gave only ${plural(cutAt, 'trace')} to choose from, so others may match: narrow the search by service, operation or time.`
  if (count === 0 && how === null && cutAt !== null) return `No trace of these matches.${cut}`
  if (total === 0 || (count === 0 && how === null)) {
    return nothingLine(searched)
  }
  const rest = how === null ? '' : `; ${how}`
  if (total === null)
    return `${plural(count, 'trace')}${how === null ? '' : ', and more may follow'}${rest}.${cut}`
  if (omitted === 0) return `${plural(total, 'trace')}, all shown.${cut}`
  return `${count} of ${total} traces are shown, ${omitted} omitted${rest}.${cut}`
}

function nothingLine({ from, isFiltered = true }: Searched): string {
  if (isFiltered) {
    const all = quoted(['tracespec', 'traces', ...(from === undefined ? [] : ['--from', from])])
    return `No trace matches; \`${inert(all, 200)}\` without filters lists the newest.`
  }
  return from === undefined
    ? 'No trace is kept here yet; `tracespec run -- COMMAND` captures those of a command.'
    : `${inert(from, 80)} has no traces; is what sends them there running?`
}
