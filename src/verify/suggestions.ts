import type { Finding, Suggestion } from './result.ts'

const MAX_SUGGESTIONS = 10

/** What could be changed about what was found: one suggestion a cause, in the order of the findings. */
export function suggestionsOf(findings: readonly Finding[]): readonly Suggestion[] {
  const suggestions = new Map<string, Suggestion>()
  for (const suggestion of findings.flatMap(suggest)) {
    const key = causeOf(suggestion)
    if (!suggestions.has(key)) suggestions.set(key, suggestion)
  }
  return [...suggestions.values()].slice(0, MAX_SUGGESTIONS)
}

/** The same cause in several cases and places is told once. */
function causeOf(suggestion: Suggestion): string {
  switch (suggestion.code) {
    case 'tell_apart':
    case 'check_nearest':
    case 'add_span':
      return `${suggestion.code} ${suggestion.expectation}`
    case 'n_plus_one':
      return `n_plus_one ${suggestion.span.name} ${suggestion.parent?.name ?? ''}`
    case 'look_at_error':
      return `look_at_error ${suggestion.span.name}`
    case 'capture_again':
      return 'capture_again'
  }
}

function suggest(finding: Finding): readonly Suggestion[] {
  switch (finding.code) {
    case 'span_missing': {
      const { expectation, label, at, nearest, parent, observed } = finding
      return nearest === null
        ? [{ code: 'add_span', expectation, label, at, parent, observed }]
        : [{ code: 'check_nearest', expectation, label, at, nearest }]
    }
    case 'span_excess':
      return ofExcess(finding)
    case 'condition_failed': {
      const { expectation, label, at, tell_apart: add } = finding
      return add === null ? [] : [{ code: 'tell_apart', expectation, label, at, add }]
    }
    case 'span_unexpected': {
      const { span, count, parent } = finding
      return count >= MANY ? [{ code: 'n_plus_one', span, count, parent }] : []
    }
    case 'error_unexpected':
    case 'error_forbidden':
      return finding.status === 'info' ? [] : [{ code: 'look_at_error', span: finding.span }]
    case 'undecided':
      return finding.reasons.every(({ code }) => NOT_BY_CAPTURE.has(code))
        ? []
        : [{ code: 'capture_again', reasons: finding.reasons }]
    case 'span_moved':
    case 'span_renamed':
    case 'span_forbidden':
    case 'error_missing':
    case 'total_duration_exceeded':
    case 'percentile_exceeded':
    case 'no_case':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'not_judged':
      return []
  }
}

/** What another capture of the same run would leave open. */
const NOT_BY_CAPTURE: ReadonlySet<string> = new Set([
  'lost_in_source',
  'too_few_runs',
  'interval_holds_bound',
])

/** Fewer identical unexpected siblings are a repeat, not a pattern. */
const MANY = 4

function ofExcess(finding: Extract<Finding, { code: 'span_excess' }>): readonly Suggestion[] {
  const { expectation, label, at, tell_apart: add, observed, parent, spans, pattern } = finding
  if (add !== null) return [{ code: 'tell_apart', expectation, label, at, add }]
  const [span] = spans.items
  if (span === undefined || pattern === null) return []
  return pattern === 'retry'
    ? [{ code: 'look_at_error', span }]
    : [{ code: 'n_plus_one', span, count: observed, parent }]
}
