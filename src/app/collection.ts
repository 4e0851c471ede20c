import { passAll, passRate, type PassRate } from '../analyze/pass-rate.ts'
import { millisOf } from '../trace/time.ts'
import type { Span } from '../trace/span.ts'
import type { SpecFile } from '../verify/observation.ts'
import { verifyOverMembers, type PercentileResult } from '../verify/over-members.ts'
import type { Observed } from '../verify/percentiles.ts'
import type { ExpectationResult, Finding, SpecResult, Status } from '../verify/result.ts'
import type { Member } from '../verify/verify.ts'
import { worstOf, type Ranked } from './worst-of.ts'
import type { Capture } from './judge.ts'

/** What one spec made of many captures. */
export interface CollectionFacts {
  readonly judged: number
  readonly counts: Readonly<Record<Status | 'not_exercised', number>>
  /** Of those that are decided. */
  readonly rate: PassRate
  readonly pass_all: readonly { readonly k: number; readonly likely: number | null }[]
  /** In the order of the spec. */
  readonly expectations: readonly ExpectationFacts[]
  /** Each sort of finding that counts, the most frequent first. */
  readonly causes: readonly CauseFacts[]
  /** Those with the most findings that count. */
  readonly worst: readonly WorstFacts[]
  /** Over all of them, in the order of the spec; none where no case applies. */
  readonly percentiles: readonly PercentileResult[]
}

/** How steadily an expectation holds: `flaky` failed and passed. */
export type Stability = 'steady' | 'flaky' | 'failing' | 'open'

export interface ExpectationFacts {
  readonly id: string
  readonly label: string
  readonly at: string
  readonly stability: Stability
  readonly passed: number
  readonly failed: number
  readonly open: number
  /** Null when no span of it was seen. */
  readonly durations: Durations | null
}

/** Of the spans of an expectation. */
export interface Durations {
  readonly spans: number
  readonly median_ms: number
  /** Null for fewer spans than a 95 % interval of it needs. */
  readonly p95_ms: number | null
  readonly max_ms: number
}

export interface CauseFacts {
  readonly code: Finding['code']
  readonly at: string
  readonly captures: number
  /** The first one, and where it is. */
  readonly finding: Finding
  readonly reference: string
}

export interface WorstFacts {
  readonly reference: string
  readonly status: Status
  /** How many findings count. */
  readonly findings: number
  readonly finding: Finding | null
}

/** Takes up one capture after the other and keeps no trace. */
export interface Tally {
  readonly add: (reference: string, capture: Capture, member: Member) => void
  readonly facts: (rest: NotJudged) => CollectionFacts
}

export interface NotJudged {
  /** Named, and not there. */
  readonly unknown: number
  /** Found, and not judged. */
  readonly left: number
}

export interface TallyOptions {
  readonly file: SpecFile
  /** For pass^k. */
  readonly ks: readonly number[]
  /** How many of the worst are kept. */
  readonly worst: number
}

/** Nothing judged yet. */
export function openTally({ file, ks, worst: most }: TallyOptions): Tally {
  const counts = { pass: 0, fail: 0, inconclusive: 0, not_exercised: 0 }
  const expectations = new Map<string, Followed>()
  const causes = new Map<string, CauseFacts>()
  const worst = worstOf<RankedFacts>(most)
  const sample = openSample(file)
  let judged = 0
  return {
    add: (reference, capture, { result, observed }) => {
      judged += 1
      counts[result.status] += 1
      if (result.status === 'not_exercised') return
      sample.add(observed)
      follow(expectations, result, capture)
      countCauses(causes, result, reference)
      const found = worstFacts(reference, result)
      if (found !== undefined) worst.add(found)
    },
    facts: (rest) => {
      const rate = passRate(counts.pass, counts.pass + counts.fail)
      return {
        judged,
        counts: { ...counts },
        rate,
        pass_all: ks.map((k) => ({ k, likely: passAll(k, rate) })),
        expectations: [...expectations.values()].map(expectationFacts),
        causes: [...causes.values()].toSorted((a, b) => b.captures - a.captures),
        worst: worst.items().map(({ facts }) => facts),
        percentiles: judged === counts.not_exercised ? [] : sample.judge({ judged, ...rest }),
      }
    },
  }
}

interface Sample {
  readonly add: (observed: Member['observed']) => void
  readonly judge: (counts: NotJudged & { readonly judged: number }) => readonly PercentileResult[]
}

/** What was observed for percentiles so far; a case that is in two captures is one observation. */
function openSample(file: SpecFile): Sample {
  const all = file.spec.percentiles.map(() => new Map<string, Observed>())
  return {
    add: (observed) => {
      for (const [at, ofBound] of observed.entries()) {
        for (const one of ofBound) all[at]?.set(one.key, one)
      }
    },
    judge: ({ judged, unknown, left }) =>
      verifyOverMembers(file, {
        observed: all.map((ofBound) => [...ofBound.values()]),
        further: {
          isOver: unknown + left === 0,
          reasons: left > 0 ? [{ code: 'window_cut', traces: judged, total: judged + left }] : [],
        },
      }),
  }
}

/** An expectation through all captures so far. */
interface Followed {
  readonly result: ExpectationResult
  readonly counts: Record<Status, number>
  readonly durationsMs: number[]
}

// So many tell a percentile well enough.
const MAX_DURATIONS = 100_000

function follow(known: Map<string, Followed>, spec: SpecResult, { traces }: Capture): void {
  const spans = new Map<string, Span>()
  for (const trace of traces) for (const span of trace.spans) spans.set(span.spanId, span)
  for (const result of spec.expectations) {
    const followed = known.get(result.id) ?? {
      result,
      counts: { pass: 0, fail: 0, inconclusive: 0 },
      durationsMs: [],
    }
    known.set(result.id, followed)
    followed.counts[result.status] += 1
    for (const { span_id } of result.spans.items) {
      const span = spans.get(span_id)
      if (span === undefined || followed.durationsMs.length >= MAX_DURATIONS) continue
      followed.durationsMs.push(millisOf(span.end - span.start))
    }
  }
}

function expectationFacts({ result, counts, durationsMs }: Followed): ExpectationFacts {
  const { pass: passed, fail: failed, inconclusive: open } = counts
  return {
    id: result.id,
    label: result.label,
    at: result.at,
    stability: stabilityOf(passed, failed),
    passed,
    failed,
    open,
    durations: durationsOf(durationsMs.toSorted((a, b) => a - b)),
  }
}

function stabilityOf(passed: number, failed: number): Stability {
  if (failed > 0) return passed > 0 ? 'flaky' : 'failing'
  return passed > 0 ? 'steady' : 'open'
}

// 1 - 0.95 ** 59 is the first above 0.95.
const FEWEST_FOR_P95 = 59

function durationsOf(sortedMs: readonly number[]): Durations | null {
  const { length } = sortedMs
  if (length === 0) return null
  const quantile = (share: number): number => sortedMs[Math.ceil(share * length) - 1] ?? 0
  return {
    spans: length,
    median_ms: quantile(0.5),
    p95_ms: length < FEWEST_FOR_P95 ? null : quantile(0.95),
    max_ms: quantile(1),
  }
}

function countCauses(known: Map<string, CauseFacts>, result: SpecResult, reference: string): void {
  const counting = result.findings.items.filter(({ status }) => status === 'fail')
  const first = new Map(counting.toReversed().map((one) => [`${one.code} ${one.at}`, one]))
  for (const [key, finding] of first) {
    const cause = known.get(key) ?? { ...codeOf(finding), captures: 0, finding, reference }
    known.set(key, { ...cause, captures: cause.captures + 1 })
  }
}

function codeOf({ code, at }: Finding): Pick<CauseFacts, 'code' | 'at'> {
  return { code, at }
}

interface RankedFacts extends Ranked {
  readonly facts: WorstFacts
}

/** What failed is worse than what is open. */
function worstFacts(reference: string, result: SpecResult): RankedFacts | undefined {
  const { status, findings } = result
  if (status === 'pass' || status === 'not_exercised') return undefined
  const counting = findings.items.filter((finding) => finding.status === status)
  const count = counting.length + findings.omitted
  return {
    rank: (status === 'fail' ? 1_000_000 : 0) + count,
    facts: { reference, status, findings: count, finding: counting[0] ?? null },
  }
}
