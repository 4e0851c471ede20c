import type { EvidenceReason } from '../trace/evidence.ts'

/** The facts of a verdict. Everything here is plain JSON: snake case, no undefined, no bigint. */

export type Status = 'pass' | 'fail' | 'inconclusive'

/** A list that may have been cut; `how` says how to get the rest, null when nothing was left out. */
export interface Bounded<T> {
  readonly items: readonly T[]
  readonly shown: number
  readonly omitted: number
  readonly total: number
  readonly how: string | null
}

/** A value as JSON can show it: long texts are cut at 200 characters, integers beyond 2^53 are decimal text. */
export type Shown = string | number | boolean | null

export interface SpanRef {
  readonly trace_id: string
  readonly span_id: string
  readonly name: string
  readonly service: string
}

/** One asked condition against what was seen. `condition` is its path in the expectation, as `required_tags.http.route`. */
export interface ConditionFacts {
  readonly condition: string
  readonly expected: Shown
  /** Null when the value is absent. */
  readonly observed: Shown
  /** Where a tag was found; null when absent or when the condition is no tag. */
  readonly found_in: 'span' | 'scope' | 'resource' | null
  /** The other name that the tag was seen under, since OpenTelemetry renamed it. */
  readonly seen_as: string | null
}

/** The span that came nearest to a missing expectation, and the one condition that matters. */
export interface Nearest {
  readonly span: SpanRef
  readonly parent: SpanRef | null
  readonly failed: ConditionFacts
  /** How many conditions fail in all, `failed` included. */
  readonly failed_count: number
}

/** What would have told the spans apart: a field to add to the expectation. */
export interface TellApart {
  readonly field: 'where' | 'kind' | 'service_name'
  readonly name: string | null
  readonly value: Shown
}

interface FindingBase {
  /** `fail` counts, `inconclusive` is open, `info` is reported only. */
  readonly status: 'fail' | 'inconclusive' | 'info'
  /** `file:line:col` in the spec. */
  readonly at: string
  /** Index in the spec's cases; null when it is about the spec as a whole. */
  readonly case: number | null
}

interface ExpectationFinding extends FindingBase {
  /** The id of the expectation and its readable label. */
  readonly expectation: string
  readonly label: string
}

interface Absence extends ExpectationFinding {
  readonly min: number
  readonly observed: number
  /** The span below which it was expected; null at the top level. */
  readonly parent: SpanRef | null
  /** How many further required spans go missing with it. */
  readonly required_below: number
}

export type Finding =
  | (Absence & { readonly code: 'span_missing'; readonly nearest: Nearest | null })
  /** Its identity stands elsewhere: `span` is there, under `under`. */
  | (Absence & {
      readonly code: 'span_moved'
      readonly span: SpanRef
      readonly under: SpanRef | null
    })
  /** Its place is held by a span that differs in one part of the identity. */
  | (Absence & {
      readonly code: 'span_renamed'
      readonly span: SpanRef
      readonly failed: ConditionFacts
    })
  | (ExpectationFinding & {
      readonly code: 'span_excess'
      readonly max: number
      readonly observed: number
      readonly parent: SpanRef | null
      readonly spans: Bounded<SpanRef>
      readonly tell_apart: TellApart | null
      /** Many identical calls one after the other, or calls that failed and were made again. */
      readonly pattern: 'n_plus_one' | 'retry' | null
    })
  | (ExpectationFinding &
      ConditionFacts & {
        readonly code: 'condition_failed'
        readonly span: SpanRef
        /** How many spans of the expectation fail this condition; `span` is the first. */
        readonly spans: number
        readonly tell_apart: TellApart | null
      })
  | (FindingBase & {
      readonly code: 'span_unexpected'
      readonly name: string
      readonly service: string
      readonly kind: string
      /** Identical siblings folded into this finding. */
      readonly count: number
      readonly parent: SpanRef | null
      readonly span: SpanRef
      /** Share of the parent's duration that the folded spans cover, 0 to 1; null without a parent. */
      readonly share_of_parent: number | null
    })
  | (FindingBase & {
      readonly code: 'span_forbidden'
      readonly label: string
      readonly reason: string | null
      readonly spans: Bounded<SpanRef>
    })
  | (FindingBase & {
      readonly code: 'error_unexpected' | 'error_forbidden'
      readonly span: SpanRef
      readonly exception_type: string | null
      /** The message of the span's status. */
      readonly status_message: string
      readonly count: number
    })
  | (FindingBase & { readonly code: 'error_missing'; readonly label: string })
  | (FindingBase & {
      readonly code: 'total_duration_exceeded'
      readonly max_ms: number
      readonly observed_ms: number
    })
  /** Over all cases; the percentile lies between `from_ms` and `to_ms`, which is null without an end, with 95 % confidence. */
  | (ExpectationFinding & {
      readonly code: 'percentile_exceeded'
      readonly percentile: number
      readonly max_ms: number
      readonly observed_ms: number
      readonly from_ms: number
      readonly to_ms: number | null
      readonly runs: number
    })
  | (FindingBase & {
      readonly code: 'no_case'
      readonly label: string
      readonly nearest: Nearest | null
    })
  | (FindingBase & {
      readonly code: 'too_few_cases'
      readonly min: number
      readonly observed: number
    })
  | (FindingBase & {
      readonly code: 'too_many_cases'
      readonly max: number
      readonly observed: number
    })
  /** An entry that holds some top-level expectations but not the first. */
  | (FindingBase & {
      readonly code: 'not_judged'
      readonly span: SpanRef
      readonly holds: readonly string[]
    })
  /** A check that the evidence does not decide. `check` is as in `Check.condition`. */
  | (FindingBase & {
      readonly code: 'undecided'
      readonly expectation: string | null
      readonly label: string
      readonly check: string
      readonly reasons: readonly EvidenceReason[]
    })

/** One check of an expectation over all its places: `count.min`, `count.max` or a condition. */
export interface Check {
  readonly condition: string
  readonly expected: Shown
  /** What the deciding place showed; null when nothing was seen there. */
  readonly observed: Shown
  readonly status: Status
}

export interface ExpectationResult {
  readonly id: string
  readonly label: string
  readonly at: string
  readonly status: Status
  /** `max` is null when unbounded; `observed` is that of the deciding place (the worst, else the first). */
  readonly count: { readonly min: number; readonly max: number | null; readonly observed: number }
  readonly spans: Bounded<SpanRef>
  readonly checks: readonly Check[]
}

export interface CaseResult {
  readonly trace_id: string
  /** Null when the root itself was lost. */
  readonly root: SpanRef | null
  readonly source: string
  readonly evidence: { readonly complete: boolean; readonly reasons: readonly EvidenceReason[] }
  readonly status: Status
  readonly spans: number
  readonly duration_ms: number
}

/** What could be changed, as facts; worded in `report/`. */
export type Suggestion =
  | {
      readonly code: 'tell_apart'
      readonly expectation: string
      readonly label: string
      readonly at: string
      readonly add: TellApart
    }
  | {
      readonly code: 'n_plus_one'
      readonly span: SpanRef
      readonly count: number
      readonly parent: SpanRef | null
    }
  | {
      readonly code: 'check_nearest'
      readonly expectation: string
      readonly label: string
      readonly at: string
      readonly nearest: Nearest
    }
  | {
      readonly code: 'add_span'
      readonly expectation: string
      readonly label: string
      readonly at: string
      readonly parent: SpanRef | null
      /** How many there are; 0 when none is. */
      readonly observed: number
    }
  | { readonly code: 'look_at_error'; readonly span: SpanRef }
  | { readonly code: 'capture_again'; readonly reasons: readonly EvidenceReason[] }

export interface SpecResult {
  readonly spec: { readonly name: string; readonly path: string; readonly sha256: string }
  readonly status: Status | 'not_exercised'
  /** True for pass, false for fail, null when it is not decided. */
  readonly matches_specification: boolean | null
  readonly summary: SpecSummary
  readonly expectations: readonly ExpectationResult[]
  readonly cases: Bounded<CaseResult>
  /** Worst first, then in the order of the spec. */
  readonly findings: Bounded<Finding>
  readonly missing_spans: Bounded<{
    readonly expectation: string
    readonly name: string
    readonly parent: string | null
  }>
  readonly unexpected_spans: Bounded<{
    readonly span_id: string
    readonly name: string
    readonly count: number
  }>
  readonly performance_issues: Bounded<{
    readonly span_id: string | null
    readonly name: string
    readonly max_ms: number
    readonly observed_ms: number
  }>
  readonly suggestions: readonly Suggestion[]
  /** Spans that `child` looked through to reach a match, folded by name. */
  readonly looked_through: readonly { readonly name: string; readonly count: number }[]
  readonly warnings: readonly {
    readonly code: string
    readonly at: string
    readonly message: string
  }[]
}

/** Counts of expectations and of findings that count. */
export interface SpecSummary {
  readonly cases: number
  readonly expected: number
  readonly matched: number
  readonly missing: number
  readonly excess: number
  readonly failed_conditions: number
  readonly unexpected: number
  readonly forbidden: number
  readonly errors: number
  readonly undecided: number
}
