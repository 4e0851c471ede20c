import type { Finding, Suggestion } from './result.ts'

const MAX_SUGGESTIONS = 10
/** Fewer identical siblings are a repeat, not a pattern. */
const PATTERN = 3

/** What could be changed about what was found: one suggestion a cause, in the order of the findings. */
export function suggestionsOf(findings: readonly Finding[]): readonly Suggestion[] {
  const known = new Set<string>()
  const suggestions: Suggestion[] = []
  for (const suggestion of findings.flatMap(suggest)) {
    const key = JSON.stringify(suggestion)
    if (known.has(key)) continue
    known.add(key)
    suggestions.push(suggestion)
  }
  return suggestions.slice(0, MAX_SUGGESTIONS)
}

function suggest(finding: Finding): readonly Suggestion[] {
  switch (finding.code) {
    case 'span_missing': {
      const { expectation, at, nearest, parent } = finding
      return nearest === null
        ? [{ code: 'add_span', expectation, at, parent }]
        : [{ code: 'check_nearest', expectation, at, nearest }]
    }
    case 'span_excess': {
      const { expectation, at, tell_apart: add, observed, parent, spans } = finding
      const [span] = spans.items
      return [
        ...(add === null ? [] : [{ code: 'tell_apart' as const, expectation, at, add }]),
        ...(add === null && observed >= PATTERN && span !== undefined
          ? [{ code: 'n_plus_one' as const, span, count: observed, parent }]
          : []),
      ]
    }
    case 'condition_failed': {
      const { expectation, at, tell_apart: add } = finding
      return add === null ? [] : [{ code: 'tell_apart', expectation, at, add }]
    }
    case 'span_unexpected': {
      const { span, count, parent } = finding
      return count >= PATTERN ? [{ code: 'n_plus_one', span, count, parent }] : []
    }
    case 'error_unexpected':
    case 'error_forbidden':
      return finding.status === 'info' ? [] : [{ code: 'look_at_error', span: finding.span }]
    case 'undecided':
      return [{ code: 'capture_again', reasons: finding.reasons }]
    case 'span_moved':
    case 'span_renamed':
    case 'span_forbidden':
    case 'error_missing':
    case 'total_duration_exceeded':
    case 'no_case':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'not_judged':
      return []
  }
}
