import type { Diagnosis } from '../trace/diagnosis.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import {
  exitCodeOf,
  statusOf,
  type Outcome,
  type PublishedDiagnosis,
  type PublishedEvidence,
  type PublishedSpec,
  type Result,
  type Worded,
} from '../verify/outcome.ts'
import type { Finding, SpecResult, Suggestion } from '../verify/result.ts'
import { nextStepsOf } from './next-steps.ts'
import { inert, visible } from './sanitize.ts'
import { diagnosisSentence, fixSentence, observationSentence } from './wording/diagnosis.ts'
import { evidenceSentence } from './wording/evidence.ts'
import { findingSentence } from './wording/finding.ts'
import { suggestionSentence } from './wording/suggestion.ts'
import { commandSentence } from './wording/command.ts'
import { deliverySentence } from './wording/delivery.ts'
import { countsSentence, summarySentence } from './wording/summary.ts'

/** The published document of an outcome: its facts and their words. */
export function resultOf(outcome: Outcome): Result {
  const failed = outcome.command_failed
  return {
    schema: 'tracespec.result/1',
    tracespec: outcome.version,
    status: statusOf(outcome),
    exit_code: exitCodeOf(outcome),
    summary: summarySentence(outcome),
    run: outcome.run,
    captured: outcome.captured,
    evidence: publishedEvidence(outcome.evidence),
    specs: outcome.specs.map(publishedSpec),
    not_exercised: outcome.not_exercised,
    command_failed: failed === null ? null : { ...failed, message: commandSentence(failed) },
    diagnosis: outcome.diagnosis === null ? null : publishedDiagnosis(outcome.diagnosis),
    next_steps: nextStepsOf(outcome),
    error: outcome.error,
    ...(outcome.session === undefined ? {} : { session: outcome.session }),
    ...(outcome.delivery === undefined
      ? {}
      : { delivery: { ...outcome.delivery, message: deliverySentence(outcome.delivery) } }),
  }
}

function publishedEvidence(evidence: {
  readonly complete: boolean
  readonly reasons: readonly EvidenceReason[]
}): PublishedEvidence {
  return {
    complete: evidence.complete,
    reasons: evidence.reasons.map(wordedReason),
  }
}

/** A reason with its sentence. */
export function wordedReason(reason: EvidenceReason): Worded<EvidenceReason> {
  return { ...reason, message: evidenceSentence(reason) }
}

function publishedDiagnosis(diagnosis: Diagnosis): PublishedDiagnosis {
  return {
    ...diagnosis,
    message: diagnosisSentence(diagnosis),
    observations: diagnosis.observations.map((seen) => ({
      ...seen,
      message: observationSentence(seen),
    })),
    fix: { ...diagnosis.fix, message: fixSentence(diagnosis.fix) },
  }
}

/** A spec's result with the sentence of everything in it. */
export function publishedSpec(spec: SpecResult): PublishedSpec {
  return {
    ...spec,
    summary: { ...spec.summary, message: countsSentence(spec.summary) },
    cases: {
      ...spec.cases,
      items: spec.cases.items.map((item) => ({
        ...item,
        evidence: publishedEvidence(item.evidence),
      })),
    },
    findings: {
      ...spec.findings,
      items: spec.findings.items.map(wordedFinding),
    },
    suggestions: spec.suggestions.map(wordedSuggestion),
  }
}

/** A finding with its sentence, and its reasons with theirs. */
export function wordedFinding(finding: Finding): Worded<Finding> {
  const message = findingSentence(finding)
  return finding.code === 'undecided'
    ? { ...finding, reasons: finding.reasons.map(wordedReason), message }
    : { ...finding, message }
}

function wordedSuggestion(suggestion: Suggestion): Worded<Suggestion> {
  const message = suggestionSentence(suggestion)
  return suggestion.code === 'capture_again'
    ? { ...suggestion, reasons: suggestion.reasons.map(wordedReason), message }
    : { ...suggestion, message }
}

// Our own sentences and places, which may be longer than what a span or a program is allowed to say.
const OWN_TEXT = new Set([
  'message',
  'summary',
  'hint',
  'why',
  'how',
  'at',
  'path',
  'sha256',
  'goal',
])

/**
 * The document as JSON text with a final newline. Every text in it is one inert line, what a span or a program says at most
 * 200 characters; only the user's own commands stand exactly as they are.
 */
export function renderJson(result: Result): string {
  return inertJson(result, [
    ...(result.run === null ? [] : [result.run.command]),
    ...result.next_steps.map((step) => step.command),
    ...result.next_steps,
  ])
}

/** A document as `renderJson` writes it; the texts right in these lists and objects stand as they are. */
export function inertJson(document: object, exactly: readonly object[]): string {
  const exact = new Set<unknown>(exactly)
  function clean(this: unknown, key: string, value: unknown): unknown {
    if (typeof value !== 'string' || (exact.has(this) && key !== 'why')) return value
    return OWN_TEXT.has(key) ? visible(value) : inert(value, 200)
  }
  return `${JSON.stringify(document, clean, 2)}\n`
}
