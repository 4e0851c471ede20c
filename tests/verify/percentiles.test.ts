import { expect, test } from 'vitest'
import { parseSpec } from '../../src/spec/parse.ts'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import { observationsNeeded, quantileRanks } from '../../src/verify/quantile-interval.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { sketch, traceIdOf } from '../report/spans.ts'
import { verify } from '../../src/verify/verify.ts'
import { verifies } from '../verifies.ts'
import { COMPLETE } from './judged.ts'

// By SciPy 1.17.1: the narrowest l < u with binom.cdf(u - 1, n, p) - binom.cdf(l - 1, n, p) >= 0.95, the surest of equal ones.
const ranks = [
  { quantile: 0.5, n: 5, at: undefined },
  { quantile: 0.5, n: 6, at: [1, 6] },
  { quantile: 0.5, n: 28, at: [9, 20] },
  { quantile: 0.5, n: 100, at: [40, 60] },
  { quantile: 0.5, n: 1_000, at: [469, 531] },
  { quantile: 0.5, n: 100_000, at: [49_690, 50_310] },
  { quantile: 0.9, n: 28, at: undefined },
  { quantile: 0.9, n: 29, at: [21, 29] },
  { quantile: 0.9, n: 100, at: [84, 96] },
  { quantile: 0.9, n: 10_000, at: [8_941, 9_059] },
  { quantile: 0.95, n: 58, at: undefined },
  { quantile: 0.95, n: 59, at: [50, 59] },
  { quantile: 0.95, n: 100, at: [91, 100] },
  { quantile: 0.95, n: 299, at: [277, 292] },
  { quantile: 0.95, n: 1_000, at: [937, 964] },
  { quantile: 0.95, n: 100_000, at: [94_865, 95_136] },
  { quantile: 0.99, n: 298, at: undefined },
  { quantile: 0.99, n: 299, at: [289, 299] },
  { quantile: 0.99, n: 10_000, at: [9_881, 9_920] },
]

test.for(ranks)(
  'the interval of the $quantile quantile of $n is what SciPy gives',
  ({ quantile, n, at }) => {
    verifies('P-05')
    const found = quantileRanks(n, quantile)
    expect(found && [found.lower, found.upper]).toEqual(at)
  },
)

test('a median needs 6 observations, p90 29, p95 59 and p99 299', () => {
  expect([0.5, 0.9, 0.95, 0.99].map(observationsNeeded)).toEqual([6, 29, 59, 299])
})

const SPEC = `name: s
expected_spans:
  - id: work
    operation_name: work
    count: { min: 1, max: 9 }
performance_constraints:
  percentiles: [{ span: work, p95_ms: 100, min_runs: 20 }]
`

/** One trace for each list of durations, the spans of which stand below one root. */
function verdict(
  runs: readonly (readonly number[])[],
  losses: Losses = lossless,
  text: string = SPEC,
  run: RunEvidence = COMPLETE,
): SpecResult {
  const spans = runs.flatMap((durations, at) => {
    const traceId = traceIdOf((at + 1).toString(16).padStart(32, '0'))
    const root = 100 * at + 1
    const works = durations.map((to, index) =>
      sketch({ id: root + 1 + index, parent: root, name: 'work', from: 0, to }),
    )
    return [sketch({ id: root, name: 'root', from: 0, to: 1000 }), ...works].map((span) => ({
      ...span,
      traceId,
    }))
  })
  const { spec, issues } = parseSpec(text, { file: 'spec.yaml' })
  if (spec === undefined) throw new Error(issues.map(({ message }) => message).join(' '))
  return verify(
    { spec, path: 'spec.yaml', sha256: '', warnings: issues },
    {
      traces: buildTraces(spans),
      run,
      losses,
      source: 'test',
      named: false,
      required: true,
    },
  )
}

/** So many runs of 50 ms each, and so many of 150 ms. */
function runsOf(fast: number, slow: number): readonly (readonly number[])[] {
  return [...Array.from({ length: fast }, () => [50]), ...Array.from({ length: slow }, () => [150])]
}

const decided = [
  { runs: 58, slow: 0, status: 'inconclusive' },
  { runs: 58, slow: 58, status: 'inconclusive' },
  { runs: 59, slow: 0, status: 'pass' },
  { runs: 59, slow: 1, status: 'inconclusive' },
  { runs: 100, slow: 0, status: 'pass' },
  { runs: 100, slow: 1, status: 'inconclusive' },
  { runs: 100, slow: 9, status: 'inconclusive' },
  { runs: 100, slow: 10, status: 'fail' },
  { runs: 299, slow: 7, status: 'pass' },
]

test.for(decided)('of $runs runs $slow are too slow: $status', ({ runs, slow, status }) => {
  verifies('P-05')
  const result = verdict(runsOf(runs - slow, slow))
  expect({ spec: result.status, expectation: result.expectations[0]?.status }).toEqual({
    spec: status,
    expectation: status,
  })
})

test('too few runs say how many are needed', () => {
  const [finding] = verdict(runsOf(20, 0)).findings.items
  expect(finding).toEqual({
    code: 'undecided',
    status: 'inconclusive',
    at: 'spec.yaml:7:17',
    case: null,
    expectation: 'work',
    label: 'work',
    check: 'p95_ms',
    reasons: [{ code: 'too_few_runs', runs: 20, needed: 59 }],
  })
})

test('min_runs asks for more than the interval does', () => {
  const { findings } = verdict(
    runsOf(60, 0),
    lossless,
    SPEC.replace('min_runs: 20', 'min_runs: 70'),
  )
  expect(
    findings.items.flatMap((finding) => ('reasons' in finding ? finding.reasons : [])),
  ).toEqual([{ code: 'too_few_runs', runs: 60, needed: 70 }])
})

test('the unit is the run: many spans of few runs are few observations', () => {
  const [finding] = verdict(Array.from({ length: 12 }, () => [50, 50, 50, 50, 50, 50, 50])).findings
    .items
  expect(finding).toMatchObject({ reasons: [{ code: 'too_few_runs', runs: 12, needed: 59 }] })
})

test('a run counts by its longest span, and a failure tells the interval', () => {
  const [finding] = verdict(Array.from({ length: 60 }, (_, at) => [10, at < 20 ? 200 : 50]))
    .findings.items
  expect(finding).toEqual({
    code: 'percentile_exceeded',
    status: 'fail',
    at: 'spec.yaml:7:17',
    case: null,
    expectation: 'work',
    label: 'work',
    percentile: 95,
    max_ms: 100,
    observed_ms: 200,
    from_ms: 200,
    to_ms: 200,
    runs: 60,
  })
})

test('over a form that cuts times a percentile is open only within the precision that is lost', () => {
  const cut: Losses = { ...lossless, grainNanos: 1000 }
  const at = (ms: number): SpecResult =>
    verdict(
      Array.from({ length: 60 }, () => [ms]),
      cut,
    )
  expect([at(99.999).status, at(100).status, at(100.001).status]).toEqual([
    'pass',
    'inconclusive',
    'fail',
  ])
})

test.for([
  { reason: { code: 'still_connected', connections: 1 }, slow: 0, status: 'inconclusive' },
  { reason: { code: 'still_connected', connections: 1 }, slow: 60, status: 'fail' },
  { reason: { code: 'window_cut', traces: 60, total: 900 }, slow: 0, status: 'inconclusive' },
  { reason: { code: 'window_cut', traces: 60, total: 900 }, slow: 60, status: 'inconclusive' },
] as const)(
  'what may be missing by $reason.code leaves open what holds; only what was left out could be faster, $slow slow: $status',
  ({ reason, slow, status }) => {
    const run = { complete: false, reasons: [reason], lossyEnds: [] }
    const result = verdict(runsOf(60 - slow, slow), lossless, SPEC, run)
    const check = result.expectations[0]?.checks.find(({ condition }) => condition === 'p95_ms')
    expect(check?.status).toBe(status)
  },
)

test('with passing: any a percentile of the newest alone is no pass', () => {
  const reasons = [{ code: 'window_cut', traces: 60, total: 900 }] as const
  const text = `${SPEC}traces: { passing: any }\n`
  const run = { complete: false, reasons, lossyEnds: [] }
  expect([verdict(runsOf(60, 0), lossless, text).status]).toEqual(['pass'])
  expect(verdict(runsOf(60, 0), lossless, text, run).status).toBe('inconclusive')
})
