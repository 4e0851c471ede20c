import type { Finding } from '../verify/result.ts'

/** The ids that let a reader call for the spans of a finding. */
export function findingIds(finding: Finding): readonly (readonly [name: string, id: string])[] {
  switch (finding.code) {
    case 'span_missing':
    case 'no_case': {
      const nearest = finding.nearest?.span
      if (nearest !== undefined)
        return [
          ['nearest', nearest.span_id],
          ['trace', nearest.trace_id],
        ]
      const parent = 'parent' in finding ? finding.parent : null
      return parent === null
        ? []
        : [
            ['parent', parent.span_id],
            ['trace', parent.trace_id],
          ]
    }
    case 'span_moved':
    case 'span_renamed':
    case 'condition_failed':
    case 'span_unexpected':
    case 'error_unexpected':
    case 'error_forbidden':
    case 'not_judged':
      return [
        ['span', finding.span.span_id],
        ['trace', finding.span.trace_id],
      ]
    case 'span_excess':
    case 'span_forbidden': {
      const [first] = finding.spans.items
      return first === undefined
        ? []
        : [
            ['span', first.span_id],
            ['trace', first.trace_id],
          ]
    }
    case 'error_missing':
    case 'total_duration_exceeded':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'undecided':
      return []
  }
}
