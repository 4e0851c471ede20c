import { focusOf } from '../report/focus.ts'
import { messagesOf } from '../report/messages.ts'
import { inert } from '../report/sanitize.ts'
import type { PublishedEvidence, PublishedSpec, Worded } from '../verify/outcome.ts'
import { MOST_FINDINGS } from './schema-parts.ts'
import type { Bounded, Finding, Nearest, SpanRef } from '../verify/result.ts'

/** A verdict in the few words that an agent repairs from; every list that is cut says so. */
export interface CompactSpec {
  readonly spec: { readonly name: string; readonly path: string }
  readonly status: PublishedSpec['status']
  readonly matches_specification: boolean | null
  readonly cases: number
  readonly trace_id: string | null
  readonly findings: Bounded<object>
  readonly missing_spans: Bounded<string>
  readonly suggestions: Bounded<string>
}

/** Further views of the findings, by their sort. */
export interface SortedFindings {
  readonly unexpected_spans: Bounded<object>
  readonly performance_issues: Bounded<object>
}

const MAX_NAMES = 5

/** How many findings the verifier is asked for, that so many can be shown. */
export function judgedLimit(shown: number | undefined): number {
  return Math.max(FEWEST_JUDGED, shown ?? 0)
}

const FEWEST_JUDGED = 50

/** The spec's result with its `shown` first findings. */
export function compactSpec(result: PublishedSpec, shown: number): CompactSpec {
  const [only, another] = result.cases.items
  return {
    spec: { name: inert(result.spec.name, 200), path: result.spec.path },
    status: result.status,
    matches_specification: result.matches_specification,
    cases: result.cases.total,
    trace_id: only === undefined || another !== undefined ? null : only.trace_id,
    findings: findingsOf(result, shown),
    missing_spans: part(result.missing_spans, (span) => name(span.name)),
    suggestions: suggestionsOf(result),
  }
}

export function sortedFindings(result: PublishedSpec): SortedFindings {
  return {
    unexpected_spans: part(result.unexpected_spans, (span) => ({
      name: name(span.name),
      count: span.count,
    })),
    performance_issues: part(result.performance_issues, (issue) => ({
      name: name(issue.name),
      max_ms: issue.max_ms,
      observed_ms: issue.observed_ms,
    })),
  }
}

function findingsOf(result: PublishedSpec, shown: number): Bounded<object> {
  const messages = messagesOf(result.findings.items)
  const isOneCase = result.cases.total <= 1
  const items = result.findings.items
    .slice(0, shown)
    .map((finding, at) => compactFinding({ ...finding, message: messages[at] ?? '' }, isOneCase))
  const { total } = result.findings
  const most = Math.min(total, MOST_FINDINGS)
  const how = `compare_trace_to_spec with this spec and limit: ${most} shows ${most === total ? 'all' : `${most}`}`
  return counted(items, total, how)
}

function compactFinding(finding: Worded<Finding>, isOneCase: boolean): object {
  const focus = focusOf(finding)
  const nearest = 'nearest' in finding ? finding.nearest : null
  const isNearest = focus?.role === 'nearest'
  return {
    code: finding.code,
    status: finding.status,
    message: finding.message,
    at: finding.at,
    ...(focus === undefined || isNearest ? {} : { span: named(focus.span) }),
    ...(nearest === null ? {} : { nearest: compactNearest(nearest) }),
    ...(isOneCase || focus === undefined ? {} : { trace_id: focus.span.trace_id }),
  }
}

/** What it failed by stands in the sentence. */
function compactNearest({ span, failed }: Nearest): object {
  return { ...named(span), condition: inert(failed.condition, 200) }
}

function named(span: SpanRef): object {
  return { name: name(span.name), span_id: span.span_id }
}

/** What stands beside the sentences is there to be compared, so that a short form is enough. */
function name(text: string): string {
  return inert(text, 80)
}

/** What no finding says by itself: which span is nearest, or that none is there, each one does. */
function suggestionsOf(result: PublishedSpec): Bounded<string> {
  const further = result.suggestions.filter(
    ({ code }) => code === 'n_plus_one' || code === 'look_at_error',
  )
  return cut(
    further.map((suggestion) => suggestion.message),
    2,
    'the first matter most',
  )
}

function part<T, U>(list: Bounded<T>, show: (item: T) => U): Bounded<U> {
  return counted(list.items.slice(0, MAX_NAMES).map(show), list.total, 'see findings')
}

/** The first items of a list that is whole. */
export function cut<T>(items: readonly T[], shown: number, how: string): Bounded<T> {
  return counted(items.slice(0, shown), items.length, how)
}

/** The shown items of a list of `total`. */
export function counted<T>(items: readonly T[], total: number, how: string): Bounded<T> {
  const omitted = total - items.length
  return { items, shown: items.length, omitted, total, how: omitted === 0 ? null : how }
}

/** Why something may be missing; that nothing is needs no reasons. */
export function compactEvidence({ complete, reasons }: PublishedEvidence): object {
  if (complete) return { complete }
  const sentences = [...new Set(reasons.map((reason) => reason.message))]
  return { complete, reasons: cut(sentences, 3, 'the rest is of the same sorts') }
}

/** The largest answer that fits: `make` is asked with fewer and fewer of its items. */
export function fitting<T extends object>(
  most: number,
  maxBytes: number,
  make: (shown: number) => T,
): T {
  for (let shown = most; shown > 1; shown -= 1) {
    const answer = make(shown)
    if (bytesOf(answer) <= maxBytes) return answer
  }
  return make(1)
}

/** As JSON in UTF-8; a token is four of them. */
export function bytesOf(value: object): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}
