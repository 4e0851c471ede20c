import { compareNumbers, numberOf, textOf } from './canonical.ts'
import type { TraceId } from './ids.ts'
import { by, inTurn } from './order.ts'
import { serviceName, type AttributeValue, type Span, type StatusCode } from './span.ts'
import { nanosOf, type Nanos } from './time.ts'
import { buildTrace } from './tree.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'

/** A comparison with the value of an attribute; numbers compare as numbers. It must be present. */
export interface AttributeFilter {
  readonly name: string
  readonly compare: Comparison
  readonly value: string
}

/** Which traces are asked for. All parts must hold for one span of the trace, `runId` for the trace. */
export interface TraceQuery {
  readonly service?: string
  readonly operation?: string
  /** The span starts at this moment or later. */
  readonly from?: Nanos
  /** The span starts at this moment or before. */
  readonly to?: Nanos
  readonly minDuration?: Nanos
  readonly maxDuration?: Nanos
  readonly status?: StatusCode
  readonly attributes?: readonly AttributeFilter[]
  readonly runId?: string
  readonly limit: number
  /** Of an answer to the same query, for what comes after it. */
  readonly cursor?: string
}

export interface TraceSummary {
  readonly traceId: TraceId
  readonly rootName: string
  readonly rootService: string
  readonly start: Nanos
  readonly duration: Nanos
  readonly spans: number
  readonly errors: number
  readonly services: readonly string[]
  readonly runId: string | undefined
}

/** Newest first. */
export interface TraceSearchAnswer {
  readonly items: readonly TraceSummary[]
  /** Of all that match; undefined when the source cannot tell. */
  readonly total: number | undefined
  /** For what comes after; undefined when nothing does. */
  readonly cursor: string | undefined
  /** The source gave only so many traces to choose from here, so that others may match; undefined when it gave all. */
  readonly cutAt: number | undefined
}

/** Whether one span meets all that is asked of a span. */
export function spanMatches(query: TraceQuery, span: Span): boolean {
  const duration = span.end - span.start
  return (
    (query.service === undefined || serviceName(span) === query.service) &&
    (query.operation === undefined || span.name === query.operation) &&
    (query.from === undefined || span.start >= query.from) &&
    (query.to === undefined || span.start <= query.to) &&
    (query.minDuration === undefined || duration >= query.minDuration) &&
    (query.maxDuration === undefined || duration <= query.maxDuration) &&
    (query.status === undefined || span.status.code === query.status) &&
    (query.attributes ?? []).every((filter) => attributeMatches(filter, attributeOf(span, filter)))
  )
}

/** Looked up in the span, then its scope, then its resource. */
function attributeOf(span: Span, { name }: AttributeFilter): AttributeValue | undefined {
  const owners = [span.attributes, span.scope.attributes, span.resource.attributes]
  return owners.find((attributes) => attributes.has(name))?.get(name)
}

function attributeMatches(
  { compare, value: asked }: AttributeFilter,
  value: AttributeValue | undefined,
): boolean {
  if (value === undefined) return false
  const order = orderOf(value, asked)
  switch (compare) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order !== undefined && order > 0
    case 'gte':
      return order !== undefined && order >= 0
    case 'lt':
      return order !== undefined && order < 0
    case 'lte':
      return order !== undefined && order <= 0
  }
}

/** Two numbers compare as numbers, else their texts; undefined for what has no text. */
function orderOf(value: AttributeValue, asked: string): number | undefined {
  const [a, b] = [numberOf(value), numberOf(asked)]
  if (a !== undefined && b !== undefined) return compareNumbers(a, b)
  const text = textOf(value)
  if (text === undefined) return undefined
  if (text === asked) return 0
  return text < asked ? -1 : 1
}

/** The spans of one trace, which are not none, in one line. */
export function summaryOf(
  spans: readonly Span[],
  of: { readonly traceId: TraceId; readonly runId: string | undefined },
): TraceSummary {
  const trace = buildTrace(spans)
  const root = trace.spans[trace.roots[0] ?? 0]
  const start = trace.spans[0]?.start ?? nanosOf(0n)
  const end = trace.spans.reduce((latest, span) => (span.end > latest ? span.end : latest), start)
  return {
    traceId: of.traceId,
    rootName: root?.name ?? '',
    rootService: root === undefined ? '' : serviceName(root),
    start,
    duration: nanosOf(end - start),
    spans: trace.spans.length,
    errors: trace.spans.filter((span) => span.status.code === 'error').length,
    services: [...new Set(trace.spans.map(serviceName))].toSorted(),
    runId: of.runId,
  }
}

const byStart = by((summary: TraceSummary) => summary.start)

/** The order of answers: newest first, then by id. */
export const newestFirst: (a: TraceSummary, b: TraceSummary) => number = inTurn(
  (a, b) => byStart(b, a),
  by((summary: TraceSummary) => summary.traceId),
)

/** An answer of which the total is known. */
export type CountedAnswer = TraceSearchAnswer & { readonly total: number }

/** Names a place in the order of answers. */
export function cursorAfter({ start, traceId }: TraceSummary): string {
  return `${start}-${traceId}`
}
