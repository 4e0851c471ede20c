import type { Finding } from '../../src/verify/result.ts'

/** A finding as `case.json` names it: its code and what it is about. */
export function brief(finding: Finding): string {
  return [finding.code, ...subject(finding)].join(' ')
}

function subject(finding: Finding): readonly string[] {
  switch (finding.code) {
    case 'span_missing':
    case 'span_moved':
    case 'span_renamed':
    case 'span_excess':
    case 'span_forbidden':
    case 'error_missing':
    case 'no_case':
      return [finding.label]
    case 'condition_failed':
      return [finding.label, finding.condition]
    case 'undecided':
      return [finding.label, finding.check]
    case 'percentile_exceeded':
      return [finding.label, `p${finding.percentile}`]
    case 'span_unexpected':
      return [finding.name, ...(finding.count > 1 ? [`x${finding.count}`] : [])]
    case 'error_unexpected':
    case 'error_forbidden':
    case 'not_judged':
      return [finding.span.name]
    case 'total_duration_exceeded':
    case 'too_few_cases':
    case 'too_many_cases':
      return []
  }
}
