import type { SpanTime } from '../analyze/trace-analysis.ts'
import type { Bounded } from '../verify/result.ts'
import type { AnalysisDocument, PublishedAnalysis } from './analysis.ts'
import { clippedSentence, operationName, percent, serviceText } from './wording/analysis.ts'
import { duration, plural, spanName } from './wording/phrases.ts'

const MAX_BYTES = 4000

/** Analyses for an agent: one line a fact with its span id, most important first, in at most 4,000 bytes. */
export function renderAnalysisAgent({ traces }: AnalysisDocument): string {
  const lines = traces.items.flatMap((analysis) => [
    ...headLines(analysis),
    ...causeLines(analysis),
    ...timeLines(analysis),
  ])
  return `${bounded([...more('traces', traces), ...lines]).join('\n')}\n`
}

/** What does not fit is counted, never cut silently. */
function bounded(lines: readonly string[]): readonly string[] {
  const kept: string[] = []
  let room = MAX_BYTES - bytes(omittedLine(lines.length))
  for (const line of lines) {
    room -= bytes(line)
    if (room < 0) break
    kept.push(line)
  }
  const omitted = lines.length - kept.length
  return omitted === 0 ? kept : [...kept, omittedLine(omitted)]
}

function omittedLine(count: number): string {
  return `omitted: ${plural(count, 'line')}; the same command with --json has everything`
}

function bytes(line: string): number {
  return new TextEncoder().encode(line).length + 1
}

function headLines({ trace_id, duration_ms, tree }: PublishedAnalysis): readonly string[] {
  const [root] = tree.roots.items
  const name = root === undefined ? '' : ` root=${spanName(root.span)} span=${root.span.span_id}`
  return [
    `trace=${trace_id} ${tight(duration_ms)} spans=${tree.spans} services=${tree.services} depth=${tree.depth} errors=${tree.errors} roots=${tree.roots.total}${name}`,
  ]
}

function causeLines({ errors, repeated, serial, tree }: PublishedAnalysis): readonly string[] {
  const clipped = clippedSentence(tree.clipped)
  return [
    ...errors.items.map((chain) => `error: ${chain.message} span=${chain.origin.span_id}`),
    ...more('errors', errors),
    ...repeated.items.map(
      (item) =>
        `${item.n_plus_one ? 'n+1' : 'repeated'}: ${item.message} span=${item.span.span_id} parent=${item.parent.span_id}`,
    ),
    ...more('repeated', repeated),
    ...serial.items.map((item) => `serial: ${item.message} parent=${item.parent.span_id}`),
    ...more('serial', serial),
    ...tree.defects.map((group) => `${group.code}: ${group.message}`),
    ...(clipped === '' ? [] : [`clipped: ${clipped}`]),
  ]
}

function timeLines({
  critical_path: path,
  slowest,
  services,
  calls,
}: PublishedAnalysis): readonly string[] {
  return [
    ...(path?.operations.items ?? []).map(
      (item) =>
        `critical: ${tight(item.duration_ms)} ${percent(item.share)} ${operationName(item)}`,
    ),
    ...(path === null ? [] : more('critical', path.operations)),
    ...slowest.by_self_time.items.map((time) => `self: ${timeText(time)}`),
    ...more('self', slowest.by_self_time),
    ...slowest.by_duration.items.map((time) => `long: ${timeText(time)}`),
    ...more('long', slowest.by_duration),
    ...services.items.map(
      (total) =>
        `service: ${serviceText(total.service)} self=${tight(total.self_ms)} spans=${total.spans} errors=${total.errors}`,
    ),
    ...more('services', services),
    ...calls.items.map(
      (total) =>
        `call: ${serviceText(total.caller)} to ${serviceText(total.callee)} ×${total.calls} network=${tight(total.network_ms)} errors=${total.errors}`,
    ),
    ...more('calls', calls),
  ]
}

function timeText({ span, self_ms, duration_ms, critical_ms }: SpanTime): string {
  return `${spanName(span)} self=${tight(self_ms)} duration=${tight(duration_ms)} critical=${tight(critical_ms)} span=${span.span_id}`
}

function more(label: string, { shown, omitted, total, how }: Bounded<unknown>): readonly string[] {
  return omitted === 0 ? [] : [`more: ${shown} of ${total} ${label}; ${how ?? ''}`]
}

/** A duration as one word. */
function tight(ms: number): string {
  return duration(ms).replace(' ', '')
}
