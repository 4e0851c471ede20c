import type {
  CauseFacts,
  CollectionFacts,
  ExpectationFacts,
  WorstFacts,
} from '../app/collection.ts'
import { inert } from '../report/sanitize.ts'
import { collectionSentence } from '../report/wording/collection.ts'
import { findingSentence } from '../report/wording/finding.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import type { PercentileResult } from '../verify/over-members.ts'
import type { Finding, Status } from '../verify/result.ts'
import type { Answer } from './answer.ts'
import type { JudgedCollection } from './judge-collection.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { cut, fitting } from './verdict.ts'

const DEFAULT_LIMIT = 5
const MAX_BYTES = 8000

/** What `validate_trace_collection` answers. */
export function collectionAnswer(
  { spec, facts, unknown, left }: JudgedCollection,
  limit: number | undefined,
): Answer['structured'] {
  const { counts, rate } = facts
  const unsteady = facts.expectations.toSorted((a, b) => trouble(b) - trouble(a))
  const flaky = unsteady.filter(({ stability }) => stability === 'flaky')
  const tallied = {
    judged: facts.judged,
    passed: counts.pass,
    failed: counts.fail,
    open: counts.inconclusive,
    not_exercised: counts.not_exercised,
  }
  const summary = collectionSentence({
    ...tallied,
    spec: spec.spec.name,
    rate,
    flaky: flaky.map(({ label }) => label),
    unknown: unknown.length,
    left,
    percentiles: facts.percentiles.flatMap(({ finding }) => finding ?? []),
  })
  const how = (total: number): string => `limit: ${Math.min(50, total)}`
  return fitting(limit ?? DEFAULT_LIMIT, limit === undefined ? MAX_BYTES : Infinity, (shown) => ({
    summary,
    status: statusOf(facts, unknown.length + left),
    spec: { name: inert(spec.spec.name, 200), path: spec.path },
    traces: {
      ...tallied,
      ...(unknown.length === 0 ? {} : { unknown: cut(unknown, shown, how(unknown.length)) }),
      ...(left === 0 ? {} : { not_judged: left }),
    },
    pass_rate: { rate: share(rate.rate), low: share(rate.low), high: share(rate.high) },
    pass_all: facts.pass_all.map(({ k, likely }) => ({ k, likely: share(likely) })),
    expectations: cut(unsteady.map(toldExpectation), shown, how(unsteady.length)),
    ...(facts.percentiles.length === 0
      ? {}
      : {
          percentiles: cut(
            facts.percentiles.map(toldPercentile),
            shown,
            how(facts.percentiles.length),
          ),
        }),
    causes: cut(facts.causes.map(toldCause), shown, how(facts.causes.length)),
    worst: cut(facts.worst.map(toldWorst), shown, how(facts.worst.length)),
    next_steps: stepsOf(facts, spec.path),
  }))
}

/** What was not judged is not known to hold. */
function statusOf({ counts, percentiles }: CollectionFacts, unjudged: number): string {
  const isAny = (status: Status): boolean =>
    counts[status] > 0 || percentiles.some(({ check }) => check.status === status)
  if (isAny('fail')) return 'fail'
  if (isAny('inconclusive') || unjudged > 0) return 'inconclusive'
  return counts.pass > 0 ? 'pass' : 'not_exercised'
}

function trouble({ stability, failed, open }: ExpectationFacts): number {
  return (stability === 'flaky' ? 1e9 : 0) + failed * 1e3 + open
}

function toldExpectation(expectation: ExpectationFacts): object {
  const { id: _, label, durations, ...facts } = expectation
  return {
    ...facts,
    label: inert(label, 80),
    durations:
      durations === null
        ? null
        : {
            spans: durations.spans,
            median_ms: rounded(durations.median_ms),
            p95_ms: durations.p95_ms === null ? null : rounded(durations.p95_ms),
            max_ms: rounded(durations.max_ms),
          },
  }
}

function toldPercentile({ label, check, finding }: PercentileResult): object {
  return {
    label: inert(label, 80),
    check: check.condition,
    max_ms: check.expected,
    observed_ms: typeof check.observed === 'number' ? rounded(check.observed) : null,
    status: check.status,
    ...(finding === null ? {} : { at: finding.at, message: findingSentence(finding) }),
  }
}

function toldCause({ captures, finding, reference }: CauseFacts): object {
  return { ...toldFinding(finding), traces: captures, example: reference }
}

function toldWorst({ reference, status, findings, finding }: WorstFacts): object {
  return {
    trace: reference,
    status,
    findings,
    finding: finding === null ? null : toldFinding(finding),
  }
}

function toldFinding(finding: Finding): object {
  return { code: finding.code, at: finding.at, message: findingSentence(finding) }
}

function stepsOf({ worst: [worst], counts, judged }: CollectionFacts, spec: string): NextCall[] {
  if (worst !== undefined) {
    const args = { trace: worst.reference, spec }
    return [nextCall(nextCallWhy('see_worst'), 'compare_trace_to_spec', args)]
  }
  return counts.not_exercised === judged
    ? [nextCall(nextCallWhy('list_traces'), 'get_traces', {})]
    : []
}

function share(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(6))
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
