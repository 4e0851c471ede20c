import type { EvidenceReason } from '../../trace/evidence.ts'
import type { Finding } from '../../verify/result.ts'
import { evidenceAdvice, evidenceSentence } from './evidence.ts'
import { some, tick } from './phrases.ts'

type Undecided = Extract<Finding, { code: 'undecided' }>

const MAX_REASONS = 3

/** What is open, why, and what would decide it. */
export function undecidedSentence(finding: Undecided): string {
  const { reasons } = finding
  const why = reasons.slice(0, MAX_REASONS).map(evidenceSentence)
  const omitted = reasons.length - why.length
  return [
    `${openQuestion(finding)} is open.`,
    ...why,
    ...(omitted > 0 ? [`${omitted} more such ${omitted === 1 ? 'reason' : 'reasons'}.`] : []),
    ...advice(reasons),
  ].join(' ')
}

/** The same where the reasons stand already above. */
export function undecidedAgain(finding: Undecided): string {
  return `${openQuestion(finding)} is open for the same reason.`
}

function openQuestion({ check, label, expectation }: Undecided): string {
  const name = tick(label)
  switch (check) {
    case 'traces':
      return 'Whether there were further cases, and how they went,'
    case 'traces.min':
      return 'Whether there were enough cases'
    case 'traces.max':
      return 'Whether there were too many cases'
    case 'applies_to':
      return `Whether this is a case, by ${name},`
    case 'forbidden_spans':
      return `Whether the forbidden ${name} occurred`
    case 'error_conditions':
      return label === 'errors' ? 'Whether an error happened' : `Whether ${name} showed its error`
    case 'unexpected_spans':
      return 'Whether there were unexpected spans'
    case 'performance_constraints.max_total_duration_ms':
      return 'How long the whole case took'
  }
  const percentile = /^p(\d+)_ms$/.exec(check)?.[1]
  if (percentile !== undefined)
    return `Whether ${percentile} of 100 runs of ${name} are as fast as asked`
  return expectation === null ? `The check ${tick(check)}` : openConditions(check.split(', '), name)
}

function openConditions(checks: readonly string[], name: string): string {
  const conditions = checks.filter((check) => !check.startsWith('count.'))
  const met = some(conditions.slice(0, 3).map(tick), conditions.length)
  const counted = countQuestion(checks, name)
  if (conditions.length === 0) return counted
  return checks.length === conditions.length
    ? `Whether every ${name} meets ${met}`
    : `${counted}, and whether every one meets ${met},`
}

function countQuestion(checks: readonly string[], name: string): string {
  const min = checks.includes('count.min')
  const max = checks.includes('count.max')
  if (min && max) return `How often ${name} occurs`
  return min ? `Whether ${name} occurs often enough` : `Whether ${name} occurs too often`
}

function advice(reasons: readonly EvidenceReason[]): readonly string[] {
  return reasons.flatMap((reason) => evidenceAdvice(reason) ?? []).slice(0, 1)
}
