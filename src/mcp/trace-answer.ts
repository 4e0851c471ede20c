import { shownAttributes } from '../app/shown-attributes.ts'
import { traceRows, type TraceRow } from '../app/trace-rows.ts'
import { findSpan } from '../app/trace-view.ts'
import { inert } from '../report/sanitize.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import { duration, plural, tick } from '../report/wording/phrases.ts'
import { serviceName, type Attributes, type Span } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { Trace } from '../trace/trace.ts'
import type { Bounded } from '../verify/result.ts'
import type { Answer } from './answer.ts'
import { nextCall, type NextCall } from './next-call.ts'
import type { OpenedTrace } from './open-trace.ts'
import { counted, cut } from './verdict.ts'

export interface TraceRequest {
  readonly detail: 'summary' | 'tree' | 'spans' | 'raw'
  readonly spanId: string | undefined
  readonly limit: number | undefined
  readonly from: number
}

/** One trace in the detail that was asked for. */
export function traceAnswer({ trace, source }: OpenedTrace, request: TraceRequest): Answer {
  const focus = request.spanId === undefined ? undefined : findSpan([trace], request.spanId).span
  const rows = traceRows(trace, focus)
  const listed = listOf(trace, rows, request)
  const next = request.from + (listed?.shown ?? 0)
  const isMore = listed !== null && next < rows.length
  const run = source.startsWith('run:') ? source.slice('run:'.length) : null
  return {
    structured: {
      summary: [summaryOf(trace), ...shownHere(trace, request, rows)].join(' '),
      trace_id: trace.traceId,
      run,
      duration_ms: rounded(lengthMs(trace)),
      services: servicesOf(trace),
      defects: [...new Set(trace.defects.map(({ code }) => code))],
      errors: errorsOf(trace),
      spans: listed,
      next_cursor: isMore ? String(next) : null,
      next_steps: stepsOf(trace, request),
    },
    ...(request.detail === 'raw' ? { links: [rawLink(trace)] } : {}),
  }
}

function rawLink({ traceId }: Trace): { uri: string; name: string; mimeType: string } {
  return {
    uri: `tracespec://trace/${traceId}`,
    name: `${traceId}.otlp.json`,
    mimeType: 'application/json',
  }
}

const DEFAULT_ROWS = { summary: 0, tree: 30, spans: 5, raw: 0 } as const

function listOf(
  trace: Trace,
  rows: readonly TraceRow[],
  { detail, limit, from }: TraceRequest,
): Bounded<object> | null {
  if (detail === 'summary' || detail === 'raw') return null
  const most = limit ?? DEFAULT_ROWS[detail]
  const shown = rows.slice(from, from + most)
  const items = shown.map((row) =>
    detail === 'tree' ? rowFacts(trace, row) : spanFacts(trace, row),
  )
  const next = from + shown.length
  const how = next < rows.length ? `cursor: "${next}"` : 'without cursor: the first'
  return counted(items, rows.length, how)
}

function rowFacts(trace: Trace, { span: index, depth }: TraceRow): object {
  const span = trace.spans[index]
  if (span === undefined) return {}
  return {
    depth,
    span_id: span.spanId,
    name: inert(span.name, 120),
    service: inert(serviceName(span), 80),
    kind: span.kind,
    status: span.status.code,
    start_ms: rounded(millisOf(span.start - startOf(trace))),
    duration_ms: rounded(millisOf(span.end - span.start)),
  }
}

function spanFacts(trace: Trace, row: TraceRow): object {
  const span = trace.spans[row.span]
  if (span === undefined) return {}
  const events = span.events.map((event) => ({
    name: inert(event.name, 120),
    attributes: attributeFacts(event.attributes),
  }))
  return {
    ...rowFacts(trace, row),
    parent_id: span.parentSpanId ?? null,
    status_message: inert(span.status.message, 200),
    attributes: attributeFacts(span.attributes),
    resource: attributeFacts(span.resource.attributes),
    events: cut(events, 10, 'detail: "raw" has all'),
  }
}

function attributeFacts(attributes: Attributes): Bounded<object> {
  const list = shownAttributes(attributes, 40, 'detail: "raw" has all')
  return { ...list, items: list.items.map((item) => ({ ...item, name: inert(item.name, 120) })) }
}

function summaryOf(trace: Trace): string {
  const [root] = trace.roots
  const span = root === undefined ? undefined : trace.spans[root]
  const counts = [
    plural(trace.spans.length, 'span'),
    plural(trace.spans.filter(isError).length, 'error'),
    duration(lengthMs(trace)),
  ]
  return `${tick(span?.name ?? '')}: ${counts.join(', ')}.`
}

/** What of it the answer shows, where that is not all from its root. */
function shownHere(
  trace: Trace,
  { detail, spanId }: TraceRequest,
  rows: readonly TraceRow[],
): readonly string[] {
  if (detail === 'raw') return [`All of it as OTLP JSON: ${rawLink(trace).uri}`]
  if (detail === 'summary' || spanId === undefined) return []
  return [`Shown are span ${spanId}, those above and those below it: ${rows.length} of them.`]
}

function servicesOf(trace: Trace): Bounded<object> {
  const counts = Map.groupBy(trace.spans, serviceName)
  const services = [...counts]
    .map(([name, spans]) => ({ name: inert(name, 80), spans: spans.length }))
    .toSorted((a, b) => b.spans - a.spans)
  return cut(services, 10, 'the rest has fewer spans')
}

function errorsOf(trace: Trace): Bounded<object> {
  const errors = trace.spans.filter(isError).map((span) => ({
    span_id: span.spanId,
    name: inert(span.name, 80),
    status_message: inert(span.status.message, 200),
  }))
  return cut(errors, 5, 'analyze_trace tells where they began')
}

function isError(span: Span): boolean {
  return span.status.code === 'error'
}

/** Spans are kept in the order of their start. */
function startOf(trace: Trace): bigint {
  return trace.spans[0]?.start ?? 0n
}

function lengthMs(trace: Trace): number {
  const start = startOf(trace)
  const end = trace.spans.reduce((latest, span) => (span.end > latest ? span.end : latest), start)
  return millisOf(end - start)
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function stepsOf({ traceId }: Trace, { detail, spanId }: TraceRequest): readonly NextCall[] {
  if (detail === 'raw') return []
  if (detail !== 'tree' || spanId === undefined) {
    return [nextCall(nextCallWhy('analyse'), 'analyze_trace', { trace_id: traceId })]
  }
  const args = { trace_id: traceId, span_id: spanId, detail: 'spans' }
  return [nextCall(nextCallWhy('see_attributes'), 'get_trace_by_id', args)]
}
