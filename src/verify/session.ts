import type { EvidenceReason } from '../trace/evidence.ts'
import type { Bounded, Finding, SpanRef } from './result.ts'

/** The facts of a session. Everything here is plain JSON: snake case, no undefined, no bigint. */

export interface SessionFacts {
  readonly id: string
  readonly goal: string | null
  readonly specs: readonly string[]
  /** ISO 8601. */
  readonly started_at: string
  /** Null while it is open. */
  readonly ended_at: string | null
}

/** One check by its names; `spec` is empty for what is asked of the command itself. */
export interface CheckName {
  readonly spec: string
  readonly label: string
  /** As in `Check.condition`; for the spec as a whole the field that asks it. */
  readonly condition: string
  /** `file:line:col` in the spec; empty for the command. */
  readonly at: string
}

/** Whether the change before a run helped; `same_code` when there was none, `unknown` when the runs do not compare. */
export type ChangeEffect = 'first' | 'helped' | 'hurt' | 'mixed' | 'none' | 'same_code' | 'unknown'

export interface CodeFacts {
  readonly commit: string | null
  readonly dirty: Bounded<string>
  /** False when too much is changed to tell this state from others. */
  readonly comparable: boolean
}

/** One way in which the text of a spec asks for less than when it was judged before; `unknown` when a text is no longer kept. */
export interface WeakenedSpec {
  readonly spec: string
  readonly code: 'removed' | 'widened' | 'changed' | 'silenced' | 'unknown'
  /** `file:line:col` in the new text; in the old one for what was taken away; the file for what is unknown. */
  readonly at: string
  /** The expectation or the rule; null for the spec as a whole. */
  readonly label: string | null
  readonly field: string
  readonly before: string | null
  readonly after: string | null
}

export interface IterationFacts {
  readonly ordinal: number
  readonly run: string
  readonly status: string
  readonly started_at: string
  readonly duration_ms: number
  /** Null without a repository: then nothing is known to flicker. */
  readonly code: CodeFacts | null
  readonly specs: readonly { readonly name: string; readonly status: string }[]
  /** Specs whose text is another than when they were judged before. */
  readonly specs_changed: readonly string[]
  /** What they ask for less than before. */
  readonly weaker: Bounded<WeakenedSpec>
  /** The distance to green: how many checks fail. */
  readonly failing: number
  readonly undecided: number
  readonly change: ChangeEffect
  readonly fixed: Bounded<CheckName>
  /** `passed_before` is false for what was never decided before, as below a span that was missing. */
  readonly new: Bounded<CheckName & { readonly passed_before: boolean }>
  readonly still_failing: Bounded<CheckName>
  /** Failed and passed with the same code, command and spec. */
  readonly flickering: Bounded<CheckName>
  /** Failed before and is no longer asked by the changed spec: not fixed. */
  readonly no_longer_asked: Bounded<CheckName>
  readonly tokens: number | null
}

export type SessionStatus = 'no_runs' | 'green' | 'red' | 'undecided'

export interface SessionTotals {
  readonly iterations: number
  /** Failed once and pass as far as is known. */
  readonly fixed: number
  /** Fail as far as is known, in the last run or when they were last judged. */
  readonly still_failing: number
  readonly flickering: number
  /** In how many places the specs came to ask for less, in all iterations. */
  readonly weakened: number
  readonly undecided: number
  readonly duration_ms: number
  /** Of the runs whose tokens are known; null when none is. */
  readonly tokens: number | null
}

/** How a session goes. */
export interface SessionProgress {
  readonly schema: 'tracespec.session/1'
  readonly session: SessionFacts
  readonly status: SessionStatus
  readonly totals: SessionTotals
  readonly iterations: Bounded<IterationFacts>
}

/** A session in one line. */
export interface SessionStrip {
  readonly id: string
  readonly status: SessionStatus
  /** The failing checks of the last runs, oldest first. */
  readonly failing: readonly number[]
  readonly iterations: number
  readonly fixed: number
  readonly still_failing: number
  readonly flickering: number
  /** What the specs of the last run ask for less than before; absent when nothing. */
  readonly weaker?: Bounded<WeakenedSpec>
}

/** A file of the project, as a span or a stack trace names it. */
export interface SourcePlace {
  /** From the project's folder. */
  readonly path: string
  readonly line: number | null
  readonly told_by: 'code_attributes' | 'stack_trace'
  /** The span that told it. */
  readonly span: SpanRef
}

/** What to do next, as facts; causes stand before consequences. */
export type SessionStep =
  | { readonly code: 'run_first' }
  /** No span arrived: nothing else can be told before that. */
  | { readonly code: 'no_spans'; readonly run: string }
  | {
      readonly code: 'command_failed'
      readonly run: string
      readonly exit_code: number | null
      readonly signal: string | null
    }
  | {
      readonly code: 'repair'
      readonly run: string
      readonly spec: string
      readonly finding: Finding
      /** Where an error began, when that is not the span of the finding. */
      readonly origin: SpanRef | null
      /** What is missing here and begins a trace of its own, since its context was lost on the way. */
      readonly elsewhere: SpanRef | null
      readonly source: SourcePlace | null
      /** What is expected to go away with it. */
      readonly consequences: Bounded<string>
    }
  | {
      readonly code: 'decide'
      readonly run: string
      readonly spec: string
      readonly checks: number
      readonly reasons: readonly EvidenceReason[]
    }
  /** The last run shows another state than an earlier one of the same code. */
  | { readonly code: 'settle'; readonly checks: Bounded<CheckName> }
  | { readonly code: 'judge_spec'; readonly spec: string }
  /** The last run proves nothing, as one that was interrupted. */
  | { readonly code: 'run_again'; readonly run: string }
  | {
      readonly code: 'cover_span'
      readonly spec: string
      readonly span: SpanRef
      readonly count: number
    }
  | {
      readonly code: 'cover_optional'
      readonly spec: string
      readonly label: string
      readonly at: string
    }
  | { readonly code: 'end_session' }

/** What `tracespec session list --json` prints. */
export interface SessionList {
  readonly schema: 'tracespec.sessions/1'
  readonly sessions: Bounded<
    SessionFacts & { readonly status: SessionStatus; readonly iterations: number }
  >
}
