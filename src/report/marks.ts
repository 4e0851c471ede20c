import { serviceName } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Finding, SpanRef, SpecResult } from '../verify/result.ts'
import { markOf, type Mark } from './layout.ts'
import { findingLabel } from './wording/finding.ts'

/** What a verdict says of the spans of one trace. */
export interface TraceMarks {
  readonly spans: ReadonlyMap<SpanIndex, SpanMark>
  readonly ghosts: readonly Ghost[]
}

export interface SpanMark {
  readonly mark: Mark
  /** The sort of finding in a word or two; empty for a match. */
  readonly note: string
}

/** A span that is expected and absent, at the place where it belongs. */
export interface Ghost {
  readonly parent: SpanIndex | undefined
  readonly label: string
  readonly note: string
}

/** The part of a spec's result that marks are made from. */
export type Judged = Pick<SpecResult, 'expectations' | 'cases'> & {
  readonly findings: { readonly items: readonly Finding[] }
}

export const NO_MARKS: TraceMarks = { spans: new Map(), ghosts: [] }

/** Marks the spans of `trace` that the result names: findings first, then what matched. */
export function specMarks(trace: Trace, judged: Judged): TraceMarks {
  const byId = new Map<string, SpanIndex>()
  trace.spans.forEach((span, index) => {
    if (!byId.has(span.spanId)) byId.set(span.spanId, index)
  })
  const find = (ref: SpanRef | null): SpanIndex | undefined =>
    ref?.trace_id === trace.traceId ? byId.get(ref.span_id) : undefined

  const spans = new Map<SpanIndex, SpanMark>()
  const ghosts: Ghost[] = []
  for (const finding of judged.findings.items) {
    const found = { mark: markOf(finding.status), note: findingLabel(finding) }
    for (const ref of spansOf(finding)) {
      const index = find(ref)
      if (index === undefined || spans.has(index)) continue
      spans.set(index, found)
      if (finding.code === 'span_unexpected' || finding.code === 'span_excess') {
        markAlike(index, { trace, spans, found })
      }
    }
    const ghost = ghostOf(finding)
    if (ghost === undefined || !isIn(trace, finding, judged)) continue
    const parent = find(ghost) ?? find(rootOf(finding, judged))
    ghosts.push({ parent, label: labelOf(finding), note: found.note })
  }
  markMatches({ judged, spans, find })
  for (const finding of judged.findings.items) {
    if (finding.code !== 'span_missing') continue
    const index = find(finding.nearest?.span ?? null)
    if (index !== undefined && !spans.has(index))
      spans.set(index, { mark: 'note', note: 'nearest' })
  }
  return { spans, ghosts }
}

/** The spans that a finding is about, not those that only place it. */
function spansOf(finding: Finding): readonly SpanRef[] {
  switch (finding.code) {
    case 'span_moved':
    case 'span_renamed':
    case 'condition_failed':
    case 'span_unexpected':
    case 'error_unexpected':
    case 'error_forbidden':
    case 'not_judged':
      return [finding.span]
    case 'span_excess':
    case 'span_forbidden':
      return finding.spans.items
    case 'span_missing':
    case 'error_missing':
    case 'total_duration_exceeded':
    case 'percentile_exceeded':
    case 'no_case':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'undecided':
      return []
  }
}

interface Marking {
  readonly trace: Trace
  readonly spans: Map<SpanIndex, SpanMark>
  readonly found: SpanMark
}

/** The finding names the first of identical siblings. */
function markAlike(index: SpanIndex, { trace, spans, found }: Marking): void {
  const span = trace.spans[index]
  const siblings = trace.children[trace.parent[index] ?? -1] ?? []
  for (const other of siblings) {
    const candidate = trace.spans[other]
    if (span === undefined || candidate === undefined || spans.has(other)) continue
    const isAlike =
      candidate.name === span.name &&
      candidate.kind === span.kind &&
      serviceName(candidate) === serviceName(span)
    if (isAlike) spans.set(other, found)
  }
}

/** Where a ghost row hangs: null is the case's root, undefined says that the finding leaves no gap. */
function ghostOf(finding: Finding): SpanRef | null | undefined {
  return finding.code === 'span_missing' || finding.code === 'span_moved'
    ? finding.parent
    : undefined
}

function labelOf(finding: Finding): string {
  return 'label' in finding ? finding.label : ''
}

function isIn(trace: Trace, finding: Finding, judged: Judged): boolean {
  return finding.case !== null && judged.cases.items[finding.case]?.trace_id === trace.traceId
}

function rootOf(finding: Finding, judged: Judged): SpanRef | null {
  return finding.case === null ? null : (judged.cases.items[finding.case]?.root ?? null)
}

interface Matching {
  readonly judged: Judged
  readonly spans: Map<SpanIndex, SpanMark>
  readonly find: (ref: SpanRef) => SpanIndex | undefined
}

/** A finding that names only the first of several failing spans leaves the others unmarked. */
function markMatches({ judged, spans, find }: Matching): void {
  const partlyNamed = new Set(
    judged.findings.items.flatMap((finding) =>
      finding.code === 'condition_failed' && finding.spans > 1 ? [finding.expectation] : [],
    ),
  )
  for (const expectation of judged.expectations) {
    if (partlyNamed.has(expectation.id)) continue
    for (const ref of expectation.spans.items) {
      const index = find(ref)
      if (index !== undefined && !spans.has(index)) spans.set(index, { mark: 'pass', note: '' })
    }
  }
}
