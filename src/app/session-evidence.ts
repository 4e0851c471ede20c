import { hasFailed } from '../analyze/error-class.ts'
import type { Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Finding, SpanRef } from '../verify/result.ts'
import { spanRef } from '../verify/shown.ts'

/** A span in its trace. */
export interface SpanPlace {
  readonly span: Span
  /** Its nearest ancestors, the parent first. */
  readonly above: readonly Span[]
  readonly depth: number
  /** Where the error began that the asked span shows; null when it is the span itself. */
  readonly origin: SpanRef | null
}

/** Finds what a verdict names; undefined for what is not in the traces. */
export type FindSpan = (ref: SpanRef | null) => SpanPlace | undefined

const MAX_ABOVE = 20

export function findSpans(traces: readonly Trace[]): FindSpan {
  const find = indexesOf(traces)
  return (ref) => {
    const at = find(ref)
    return at === undefined ? undefined : placeAt(at, null)
  }
}

interface At {
  readonly trace: Trace
  readonly index: SpanIndex
}

function indexesOf(traces: readonly Trace[]): (ref: SpanRef | null) => At | undefined {
  const byId = new Map(traces.map((trace) => [String(trace.traceId), trace]))
  const known = new Map<string, ReadonlyMap<string, SpanIndex>>()
  return (ref) => {
    const trace = ref === null ? undefined : byId.get(ref.trace_id)
    if (ref === null || trace === undefined) return undefined
    const ids =
      known.get(ref.trace_id) ??
      new Map(trace.spans.map((span, at): [string, SpanIndex] => [span.spanId, at]))
    known.set(ref.trace_id, ids)
    const index = ids.get(ref.span_id)
    return index === undefined ? undefined : { trace, index }
  }
}

function placeAt({ trace, index }: At, origin: SpanRef | null): SpanPlace | undefined {
  const span = trace.spans[index]
  if (span === undefined) return undefined
  const above = ancestorsOf({ trace, index }).flatMap((at) => trace.spans[at] ?? [])
  return { span, above: above.slice(0, MAX_ABOVE), depth: above.length, origin }
}

/** Cycles are cut when a trace is built. */
function ancestorsOf({ trace, index }: At): readonly SpanIndex[] {
  const ancestors: SpanIndex[] = []
  for (let at = trace.parent[index] ?? -1; at !== -1; at = trace.parent[at] ?? -1)
    ancestors.push(at)
  return ancestors
}

/** An error where it began, and the names of the spans that it was found on, too. */
export interface ErrorOrigin {
  readonly finding: Finding
  readonly place: SpanPlace | undefined
  readonly passedOn: readonly string[]
}

type ErrorFinding = Extract<
  Finding,
  { code: 'error_unexpected' | 'error_forbidden' | 'condition_failed' }
>

/** The errors among the findings, each told once at its origin, in the order of the findings. */
export function errorOrigins(
  findings: readonly Finding[],
  traces: readonly Trace[],
): readonly ErrorOrigin[] {
  const find = indexesOf(traces)
  const origins = findings.flatMap((finding) => {
    if (!isError(finding)) return []
    const at = find(finding.span)
    const origin = at === undefined ? undefined : { ...at, index: originOf(at) }
    return [{ finding, at, origin }]
  })
  const alike = Map.groupBy(origins, ({ finding, origin }) => {
    const span = origin?.trace.spans[origin.index]
    return span === undefined ? finding.span.span_id : `${span.name}\n${span.status.message}`
  })
  return [...alike.values()].flatMap((group) => {
    const deepest = group.find(({ at, origin }) => at?.index === origin?.index) ?? group[0]
    if (deepest === undefined) return []
    const { finding, at, origin } = deepest
    const span = origin?.trace.spans[origin.index]
    const isOwn = at?.index === origin?.index
    const names = group.filter((one) => one !== deepest).map((one) => one.finding.span.name)
    return [
      {
        finding,
        place:
          origin === undefined || span === undefined
            ? undefined
            : placeAt(origin, isOwn ? null : spanRef(span)),
        passedOn: [...new Set(names)].filter((name) => name !== finding.span.name),
      },
    ]
  })
}

function isError(finding: Finding): finding is ErrorFinding {
  if (finding.code === 'condition_failed') return finding.condition === 'status'
  return finding.code === 'error_unexpected' || finding.code === 'error_forbidden'
}

/** The failed span below which none failed, by the first that failed at each level; the span itself when it is. */
function originOf({ trace, index }: At): SpanIndex {
  const failedBelow = (at: SpanIndex): SpanIndex | undefined =>
    (trace.children[at] ?? []).find((child) => {
      const span = trace.spans[child]
      return span !== undefined && hasFailed(span)
    })
  let origin = index
  for (let next = failedBelow(index); next !== undefined; next = failedBelow(next)) origin = next
  return origin
}
