import type { Finding } from '../../verify/result.ts'

/** What each code of a finding means and what usually mends it, for readers who see only the code. */
export const findingCodes: Readonly<Record<Finding['code'], string>> = {
  span_missing:
    'A required span is not there. `nearest` is the captured span that came nearest, with the one condition that it failed. Let the program make the call and record its span, or change the expectation if the nearest span is the one that is meant.',
  span_moved:
    'The span is there, but under another parent. Usually the context was not passed on where the work began.',
  span_renamed:
    'Its place is held by a span that differs in one part of its identity. Rename one of the two.',
  span_excess:
    'The span occurs more often than allowed. Many equal calls under one parent are usually N+1: fetch them in one call. If only some of them are meant, add what tells them apart.',
  condition_failed:
    'The span is there and one condition on it (a tag, the status, its duration) does not hold.',
  span_unexpected:
    'A span that nothing in the spec speaks for. Expect it, ignore it, or remove it.',
  span_forbidden: 'A span that the spec forbids.',
  error_unexpected: 'An error span that no `error_conditions` entry expects.',
  error_forbidden: 'An error that the spec forbids.',
  error_missing: 'An error that the spec requires did not happen.',
  total_duration_exceeded: 'The case took longer than `max_total_duration_ms` allows.',
  percentile_exceeded:
    'Over many cases the span takes longer than `percentiles` allows: the whole 95 % interval lies above the bound.',
  no_case: 'No span opens a case, so nothing was judged; `nearest` is what came nearest.',
  too_few_cases: 'Fewer cases than `traces.min` asks for.',
  too_many_cases: 'More cases than `traces.max` allows.',
  not_judged:
    'An entry holds some expected spans but not the first, which opens a case. `applies_to` says which spans do.',
  undecided:
    'The evidence does not decide this check: spans may be lost. The reasons say why; capture again so that the program sends all its spans before it ends.',
}
