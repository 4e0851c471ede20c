import type { Finding, SpanRef } from '../verify/result.ts'

/** The captured span that shows most about a finding, and what it is to it. */
export interface Focus {
  readonly role: 'span' | 'nearest' | 'parent'
  readonly span: SpanRef
}

export function focusOf(finding: Finding): Focus | undefined {
  switch (finding.code) {
    case 'span_missing':
      return focus('nearest', finding.nearest?.span) ?? focus('parent', finding.parent)
    case 'no_case':
      return focus('nearest', finding.nearest?.span)
    case 'span_moved':
    case 'span_renamed':
    case 'condition_failed':
    case 'span_unexpected':
    case 'error_unexpected':
    case 'error_forbidden':
    case 'not_judged':
      return focus('span', finding.span)
    case 'span_excess':
    case 'span_forbidden':
      return focus('span', finding.spans.items[0])
    case 'error_missing':
    case 'total_duration_exceeded':
    case 'percentile_exceeded':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'undecided':
      return undefined
  }
}

function focus(role: Focus['role'], span: SpanRef | null | undefined): Focus | undefined {
  return span === null || span === undefined ? undefined : { role, span }
}
