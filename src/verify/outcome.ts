import type { Diagnosis, DiagnosisFix, DiagnosisObservation } from '../trace/diagnosis.ts'
import type { DriveFacts, ServerFacts } from '../trace/drive.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import type { FaultCode } from '../trace/fault.ts'
import type { Captured } from './captured.ts'
import type { Delivery } from './delivery.ts'
import type { Bounded, CaseResult, Finding, SpecResult, SpecSummary, Suggestion } from './result.ts'
import type { SessionStrip } from './session.ts'

export type OutcomeStatus =
  | 'pass'
  | 'fail'
  | 'inconclusive'
  | 'error'
  | 'nothing_to_check'
  | 'interrupted'

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

export interface RunFacts {
  readonly id: string
  readonly command: readonly string[]
  /** Null when a signal ended the command. */
  readonly exit_code: number | null
  readonly signal: string | null
  readonly duration_ms: number
  /** From the command's end to the verdict. */
  readonly waited_ms: number
  /** For a command that served. */
  readonly server?: ServerFacts
}

/** Why the command, or what drove it, failed; `exit_code` and `signal` are those of the command. */
export type CommandFailed =
  /** It ended otherwise than it was asked to; `expected` is the exit code asked for. */
  | {
      readonly code: 'command_failed'
      readonly exit_code: number | null
      readonly signal: string | null
      readonly expected: number
    }
  | {
      readonly code: 'ended_before_ready'
      readonly exit_code: number | null
      readonly signal: string | null
    }
  /** It ended by itself before all drives were begun. */
  | {
      readonly code: 'ended_before_driven'
      readonly exit_code: number | null
      readonly signal: string | null
      readonly begun: number
      readonly asked: number
    }
  | { readonly code: 'drive_failed'; readonly drive: DriveFacts }

/** What the user asked for, in the words that a command to be pasted must repeat. */
export interface Asked {
  /** The TRACE arguments of `check`; empty for a run. */
  readonly traces: readonly string[]
  /** The values of `--spec` as written; empty when every spec of the folder is tried. */
  readonly specs: readonly string[]
  /** Options that every command needs again, as `['--project', 'shop']`. */
  readonly common_options: readonly string[]
  /** Options that every command about these traces needs again, as `['--from', 'jaeger']`. */
  readonly trace_options?: readonly string[]
  /** Options that `run` needs again, as `['--expect-exit', 'any']`. */
  readonly run_options: readonly string[]
}

export interface SpecName {
  readonly name: string
  readonly path: string
}

export interface ErrorFacts {
  readonly code: FaultCode
  readonly message: string
  readonly hint: string | null
}

/** Everything that a verb found out, as facts; a door makes a `Result` of it through `report/`. */
export interface Outcome {
  /** Of tracespec. */
  readonly version: string
  readonly asked: Asked
  readonly run: RunFacts | null
  readonly captured: Captured
  readonly evidence: { readonly complete: boolean; readonly reasons: readonly EvidenceReason[] }
  /** The specs that were judged. */
  readonly specs: readonly SpecResult[]
  /** The specs that were tried and that no case applies to; they are not in `specs`. */
  readonly not_exercised: readonly SpecName[]
  readonly command_failed: CommandFailed | null
  /** Why no span came; null when some did or without a run. */
  readonly diagnosis: Diagnosis | null
  readonly error: ErrorFacts | null
  readonly interrupted: boolean
  /** How the session stands that the run belongs to; absent without one. */
  readonly session?: SessionStrip
  /** What a backend has of the run; absent when none was to be asked. */
  readonly delivery?: Delivery
}

/** The facts with their sentence. */
export type Worded<T> = T & { readonly message: string }

export interface PublishedEvidence {
  readonly complete: boolean
  readonly reasons: readonly Worded<EvidenceReason>[]
}

export interface PublishedCase extends Omit<CaseResult, 'evidence'> {
  readonly evidence: PublishedEvidence
}

export interface PublishedSpec extends Omit<
  SpecResult,
  'summary' | 'cases' | 'findings' | 'suggestions'
> {
  readonly summary: Worded<SpecSummary>
  readonly cases: Bounded<PublishedCase>
  readonly findings: Bounded<Worded<Finding>>
  readonly suggestions: readonly Worded<Suggestion>[]
}

export interface PublishedDiagnosis extends Omit<Worded<Diagnosis>, 'observations' | 'fix'> {
  readonly observations: readonly Worded<DiagnosisObservation>[]
  readonly fix: Worded<DiagnosisFix>
}

/** A command that exists and can be pasted: `text` is `command` quoted for a POSIX shell. */
export interface NextStep {
  readonly why: string
  readonly command: readonly string[]
  readonly text: string
}

/** What `--json` prints and every report is made from; `schema/result.schema.json` describes it. */
export interface Result {
  readonly schema: 'tracespec.result/1'
  readonly tracespec: string
  readonly status: OutcomeStatus
  readonly exit_code: ExitCode
  /** One or two sentences. */
  readonly summary: string
  readonly run: RunFacts | null
  readonly captured: Captured
  readonly evidence: PublishedEvidence
  readonly specs: readonly PublishedSpec[]
  readonly not_exercised: readonly SpecName[]
  readonly command_failed: Worded<CommandFailed> | null
  readonly diagnosis: PublishedDiagnosis | null
  readonly next_steps: readonly NextStep[]
  readonly error: ErrorFacts | null
  /** How the session stands that the run belongs to; absent without one. */
  readonly session?: SessionStrip
  /** What a backend has of the run; absent when none was to be asked. */
  readonly delivery?: Worded<Delivery>
}

/** The one status of all that was found; an outcome without a span is never a pass. */
export function statusOf(outcome: Outcome): OutcomeStatus {
  if (outcome.interrupted) return 'interrupted'
  if (outcome.error !== null) return 'error'
  const judged = [...outcome.specs, ...deliveries(outcome)].map(({ status }) => status)
  if (outcome.command_failed !== null || judged.includes('fail')) return 'fail'
  if (outcome.captured.spans === 0 || judged.includes('inconclusive')) return 'inconclusive'
  if (!judged.includes('pass')) return 'nothing_to_check'
  return endedByTimeLimit(outcome) ? 'inconclusive' : 'pass'
}

/** The process exit code, by the precedence 130 > 2 > 1 > 3 > 4 > 0. */
export function exitCodeOf(outcome: Outcome): ExitCode {
  switch (statusOf(outcome)) {
    case 'interrupted':
      return 130
    case 'error':
      return 2
    case 'fail':
      return 1
    case 'inconclusive':
      return 3
    case 'nothing_to_check':
      return 4
    case 'pass':
      return 0
  }
}

function deliveries({ delivery }: Outcome): readonly Delivery[] {
  return delivery === undefined ? [] : [delivery]
}

function endedByTimeLimit(outcome: Outcome): boolean {
  return outcome.evidence.reasons.some((reason) => reason.code === 'time_limit')
}
