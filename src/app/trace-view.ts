import { Fault } from '../trace/fault.ts'
import { serviceName, type Attributes, type Span } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Bounded, Shown, SpecResult } from '../verify/result.ts'
import { bounded, shownValue } from '../verify/shown.ts'

/** What `tracespec show --json` prints. */
export interface TraceView {
  readonly schema: 'tracespec.trace/1'
  readonly traces: Bounded<ViewedTrace>
  /** The span that `--span` names. */
  readonly span: ViewedSpan | null
  readonly specs: readonly SpecResult[]
}

export interface ViewedTrace {
  readonly trace_id: string
  readonly defects: readonly string[]
  readonly spans: Bounded<ListedSpan>
}

export interface ListedSpan {
  readonly span_id: string
  readonly parent_id: string | null
  readonly name: string
  readonly service: string
  readonly kind: string
  readonly status: string
  /** Since the start of the trace. */
  readonly start_ms: number
  readonly duration_ms: number
}

export interface ViewedSpan extends ListedSpan {
  readonly trace_id: string
  readonly status_message: string
  readonly attributes: ShownAttributes
  readonly resource: ShownAttributes
  readonly scope: string
  readonly events: readonly {
    readonly name: string
    readonly at_ms: number
    readonly attributes: ShownAttributes
  }[]
  readonly links: readonly { readonly trace_id: string; readonly span_id: string }[]
}

type ShownAttributes = Readonly<Record<string, Shown>>

/** A place in a capture. */
export interface SpanPlace {
  readonly trace: Trace
  readonly span: SpanIndex
}

export interface ViewOptions {
  readonly focus: SpanPlace | undefined
  readonly specs: readonly SpecResult[]
  /** How many spans of a trace are listed. */
  readonly limit: number
}

export function traceViewOf(traces: readonly Trace[], options: ViewOptions): TraceView {
  const { focus, specs, limit } = options
  const shown = focus === undefined ? traces : [focus.trace]
  return {
    schema: 'tracespec.trace/1',
    traces: bounded(
      shown.map((trace) => viewed(trace, limit)),
      20,
      'tracespec show trace:ID shows any one of them',
    ),
    span: focus === undefined ? null : viewedSpan(focus),
    specs,
  }
}

function viewed(trace: Trace, limit: number): ViewedTrace {
  return {
    trace_id: trace.traceId,
    defects: [...new Set(trace.defects.map(({ code }) => code))],
    spans: bounded(
      trace.spans.map((span) => listed(span, trace)),
      limit,
      `--limit ${trace.spans.length} shows all`,
    ),
  }
}

function listed(span: Span, trace: Trace): ListedSpan {
  return {
    span_id: span.spanId,
    parent_id: span.parentSpanId ?? null,
    name: span.name,
    service: serviceName(span),
    kind: span.kind,
    status: span.status.code,
    start_ms: millisOf(span.start - startOf(trace)),
    duration_ms: millisOf(span.end - span.start),
  }
}

/** Spans are kept in the order of their start. */
function startOf(trace: Trace): bigint {
  return trace.spans[0]?.start ?? 0n
}

function viewedSpan({ trace, span: index }: SpanPlace): ViewedSpan | null {
  const span = trace.spans[index]
  if (span === undefined) return null
  return {
    ...listed(span, trace),
    trace_id: trace.traceId,
    status_message: span.status.message,
    attributes: shownAttributes(span.attributes),
    resource: shownAttributes(span.resource.attributes),
    scope: `${span.scope.name} ${span.scope.version}`.trim(),
    events: span.events.map((event) => ({
      name: event.name,
      at_ms: millisOf(event.time - startOf(trace)),
      attributes: shownAttributes(event.attributes),
    })),
    links: span.links.map(({ traceId, spanId }) => ({ trace_id: traceId, span_id: spanId })),
  }
}

function shownAttributes(attributes: Attributes): ShownAttributes {
  return Object.fromEntries([...attributes].map(([name, value]) => [name, shownValue(value)]))
}

/** The span with this id. A Fault when no trace has it. */
export function findSpan(traces: readonly Trace[], id: string): SpanPlace {
  for (const trace of traces) {
    const span = trace.spans.findIndex(({ spanId }) => spanId === id.toLowerCase())
    if (span !== -1) return { trace, span }
  }
  throw new Fault('TRACE_NOT_FOUND', `there is no span ${id} in it`, {
    hint: 'the ids of all spans: tracespec show TRACE --json (an agent: get_trace_by_id with detail: tree)',
  })
}
