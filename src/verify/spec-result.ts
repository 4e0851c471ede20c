import { millisOf } from '../trace/time.ts'
import type { Draft } from './draft.ts'
import type { Judgement } from './judge.ts'
import type { JudgedCase } from './judged-case.ts'
import type { PercentileJudgement } from './percentiles.ts'
import type { Node, Plan } from './plan.ts'
import type {
  Bounded,
  CaseResult,
  Check,
  ExpectationResult,
  Finding,
  SpecResult,
  SpecSummary,
  Status,
} from './result.ts'
import { atText, page, refsOf, spanRef } from './shown.ts'
import { spanAt } from './span-at.ts'
import { suggestionsOf } from './suggestions.ts'
import { best, worst } from './three.ts'
import type { Observation, SpecFile, VerifyOptions } from './observation.ts'

export interface SpecResultInput {
  readonly file: SpecFile
  readonly plan: Plan
  readonly observation: Observation
  readonly options: VerifyOptions
  readonly status: SpecResult['status']
  readonly cases: readonly JudgedCase[]
  readonly percentiles: readonly PercentileJudgement[]
  /** In order. */
  readonly drafts: readonly Draft[]
}

const MAX_REFS = 20

/** Puts a verdict into the facts that are published; long lists are cut and say so. */
export function specResult(input: SpecResultInput): SpecResult {
  const { file, plan, observation, options, status, cases, drafts } = input
  const made = drafts.slice(0, options.limit).map((draft) => draft.make())
  const findings = withoutExplained(made)
  const explained = made.length - findings.length
  const expectations = plan.nodes.map((node) => expectationResult(node, input))
  const shownCases = cases.slice(0, options.limit).map((one) => caseResult(one, observation))
  const totals = totalsOf(drafts)
  return {
    spec: { name: file.spec.name, path: file.path, sha256: file.sha256 },
    status,
    matches_specification: matches(status),
    summary: summaryOf(expectations, input, explained),
    expectations,
    cases: pageOf(shownCases, cases.length),
    findings: pageOf(findings, drafts.length - explained),
    missing_spans: pageOf(findings.flatMap(missingSpan), totals.missing),
    unexpected_spans: pageOf(findings.flatMap(unexpectedSpan), totals.unexpected - explained),
    performance_issues: pageOf(findings.flatMap(performanceIssue), totals.slow),
    suggestions: suggestionsOf(findings),
    looked_through: lookedThrough(cases),
    warnings: file.warnings.map(({ code, at, message }) => ({ code, at: atText(at), message })),
  }
}

function pageOf<T>(items: readonly T[], total: number): Bounded<T> {
  const omitted = total - items.length
  const how = omitted === 0 ? null : `--limit ${total}`
  return { items, shown: items.length, omitted, total, how }
}

/** A span that is told as moved or renamed is not told once more as unexpected, unless that counts. */
function withoutExplained(findings: readonly Finding[]): readonly Finding[] {
  const explained = new Set(
    findings.flatMap((finding) =>
      finding.code === 'span_moved' || finding.code === 'span_renamed' ? finding.span.span_id : [],
    ),
  )
  return findings.filter(
    (finding) =>
      finding.code !== 'span_unexpected' ||
      finding.status !== 'info' ||
      finding.count > 1 ||
      !explained.has(finding.span.span_id),
  )
}

interface Totals {
  readonly missing: number
  readonly unexpected: number
  readonly slow: number
}

function totalsOf(drafts: readonly Draft[]): Totals {
  const count = (is: (draft: Draft) => boolean): number => drafts.filter(is).length
  return {
    missing: count((draft) => draft.code === 'span_missing'),
    unexpected: count((draft) => draft.code === 'span_unexpected'),
    slow: count((draft) => draft.isSlow === true),
  }
}

function matches(status: SpecResult['status']): boolean | null {
  switch (status) {
    case 'pass':
      return true
    case 'fail':
      return false
    case 'inconclusive':
    case 'not_exercised':
      return null
  }
}

function expectationResult(
  node: Node,
  { plan, cases, percentiles, status, options }: SpecResultInput,
): ExpectationResult {
  const { id, label, at, count } = node.expectation
  const combine = plan.spec.traces.passing === 'any' ? best : worst
  const needsCase = plan.spec.traces.passing === 'any' || !cases.some(({ one }) => one.certain)
  const judgements = cases.flatMap((one) =>
    one.expectations
      .filter((judged) => judged.node === node)
      .map((judged) => (one.one.certain || !needsCase ? judged : opened(judged))),
  )
  const own =
    judgements.length === 0
      ? statusWithoutCase(node, status)
      : combine(judgements.map((one) => one.status))
  const overCases = percentiles.filter((one) => one.node === node).map(({ check }) => check)
  const deciding = judgements.find((one) => one.status === own)
  const spans = cases.flatMap(({ one, expectations }) =>
    expectations
      .filter((judged) => judged.node === node)
      .flatMap((judged) => judged.places.flatMap((place) => place.spans))
      .map((span) => spanRef(spanAt(one.trace, span))),
  )
  return {
    id,
    label,
    at: atText(at),
    status: worst([own, ...overCases.map((check) => check.status)]),
    count: {
      min: count.min,
      max: count.max === Infinity ? null : count.max,
      observed: deciding?.observed ?? 0,
    },
    spans: page(spans, refsOf(options.limit, MAX_REFS)),
    checks: [...checksOf(judgements, combine), ...overCases],
  }
}

/** What holds in what may be no case helps no spec that needs a case for it. */
function opened(judged: Judgement): Judgement {
  const checks = judged.checks.map((check) => ({ ...check, status: 'inconclusive' as const }))
  return { ...judged, status: 'inconclusive', checks }
}

function statusWithoutCase(node: Node, status: SpecResult['status']): Status {
  return status === 'fail' && node.expectation.count.min > 0 ? 'fail' : 'inconclusive'
}

type Combine = typeof worst

/** Each check once, as the case shows it that decides it. */
function checksOf(judgements: readonly Judgement[], combine: Combine): readonly Check[] {
  const all = judgements.flatMap((one) => one.checks)
  const byCondition = Map.groupBy(all, (check) => check.condition)
  return [...byCondition.values()].flatMap((checks) => {
    const status = combine(checks.map((check) => check.status))
    return checks.find((check) => check.status === status) ?? []
  })
}

function summaryOf(
  expectations: readonly ExpectationResult[],
  { cases, drafts }: SpecResultInput,
  explained: number,
): SpecSummary {
  const count = (...codes: readonly Finding['code'][]): number =>
    drafts.filter((draft) => draft.status === 'fail' && codes.includes(draft.code)).length
  return {
    cases: cases.length,
    expected: expectations.length,
    matched: expectations.filter((one) => one.status === 'pass').length,
    missing: count('span_missing', 'span_moved', 'span_renamed', 'no_case'),
    excess: count('span_excess'),
    failed_conditions: count('condition_failed', 'total_duration_exceeded', 'percentile_exceeded'),
    unexpected: cases.reduce((sum, one) => sum + one.unexpected.certain.length, 0) - explained,
    forbidden: count('span_forbidden'),
    errors: count('error_unexpected', 'error_forbidden', 'error_missing'),
    undecided: drafts.filter((draft) => draft.status === 'inconclusive').length,
  }
}

function caseResult(judged: JudgedCase, { source, run }: Observation): CaseResult {
  const { one, openness } = judged
  const complete = openness.reasons.length === 0
  return {
    trace_id: one.trace.traceId,
    root: one.root === undefined ? null : spanRef(spanAt(one.trace, one.root)),
    source,
    evidence: {
      complete,
      reasons:
        complete && run === undefined ? [{ code: 'structurally_complete' }] : openness.reasons,
    },
    status: judged.status,
    spans: judged.spans.length,
    duration_ms: millisOf(judged.durationNs),
  }
}

function missingSpan(finding: Finding): SpecResult['missing_spans']['items'] {
  if (!('required_below' in finding)) return []
  const { expectation, label: name, parent } = finding
  return [{ expectation, name, parent: parent?.name ?? null }]
}

function unexpectedSpan(finding: Finding): SpecResult['unexpected_spans']['items'] {
  if (finding.code !== 'span_unexpected') return []
  return [{ span_id: finding.span.span_id, name: finding.name, count: finding.count }]
}

const DURATION = 'expected_duration_ms.'

function performanceIssue(finding: Finding): SpecResult['performance_issues']['items'] {
  if (finding.code === 'total_duration_exceeded') {
    return [
      {
        span_id: null,
        name: 'total duration',
        max_ms: finding.max_ms,
        observed_ms: finding.observed_ms,
      },
    ]
  }
  if (finding.code === 'percentile_exceeded') {
    const { label, percentile, max_ms, observed_ms } = finding
    return [{ span_id: null, name: `p${percentile} of ${label}`, max_ms, observed_ms }]
  }
  if (finding.code !== 'condition_failed' || !finding.condition.startsWith(`${DURATION}max`))
    return []
  const { span, expected, observed } = finding
  return [
    {
      span_id: span.span_id,
      name: span.name,
      max_ms: Number(expected),
      observed_ms: Number(observed),
    },
  ]
}

function lookedThrough(cases: readonly JudgedCase[]): SpecResult['looked_through'] {
  const counts = new Map<string, number>()
  for (const { one, binding } of cases) {
    for (const index of binding.lookedThrough) {
      const { name } = spanAt(one.trace, index)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MAX_REFS)
}
