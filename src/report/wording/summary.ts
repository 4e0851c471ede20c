import type { CommandFailed, Outcome, OutcomeStatus } from '../../verify/outcome.ts'
import type { SpecResult, SpecSummary } from '../../verify/result.ts'
import { statusOf } from '../../verify/outcome.ts'
import { inert } from '../sanitize.ts'
import { commandSentence } from './command.ts'
import { deliverySentence } from './delivery.ts'
import { plural, some, tick } from './phrases.ts'

/** The whole outcome in one or two sentences. */
export function summarySentence(outcome: Outcome): string {
  switch (statusOf(outcome)) {
    case 'pass':
      return `Passed: ${[...holds(outcome), ...delivered(outcome)].join(', and ')}.`
    case 'fail':
      return [
        'Failed:',
        failedSpecs(outcome.specs),
        failedCommand(outcome.command_failed),
        failedDelivery(outcome),
      ]
        .filter((part) => part !== '')
        .join(' ')
    case 'inconclusive':
      return `Inconclusive: ${openReason(outcome)}`
    case 'nothing_to_check':
      return `Nothing to check: ${nothingReason(outcome)}`
    case 'error':
      return `Error: ${inert(firstLine(outcome.error?.message ?? ''), 400)}`
    case 'interrupted':
      return `Interrupted after ${extent(outcome)}: no verdict.`
  }
}

/** The counts of one spec; what is zero is left out. */
export function countsSentence(counts: SpecSummary): string {
  const parts = [
    `${counts.matched} of ${plural(counts.expected, 'expectation')} matched`,
    ...COUNTED.filter(([key]) => counts[key] > 0).map(
      ([key, one, many]) => `${counts[key]} ${counts[key] === 1 ? one : many}`,
    ),
  ]
  return `${parts.join(', ')} in ${plural(counts.cases, 'case')}.`
}

const COUNTED: readonly (readonly [keyof SpecSummary, string, string])[] = [
  ['missing', 'missing', 'missing'],
  ['excess', 'too often', 'too often'],
  ['failed_conditions', 'failed condition', 'failed conditions'],
  ['forbidden', 'forbidden', 'forbidden'],
  ['errors', 'error', 'errors'],
  ['unexpected', 'unexpected span', 'unexpected spans'],
  ['undecided', 'open', 'open'],
]

/** The status as a reader's word. */
export function statusWord(status: OutcomeStatus | SpecResult['status']): string {
  switch (status) {
    case 'pass':
      return 'PASS'
    case 'fail':
      return 'FAIL'
    case 'inconclusive':
      return 'INCONCLUSIVE'
    case 'not_exercised':
      return 'NOT EXERCISED'
    case 'nothing_to_check':
      return 'NOTHING TO CHECK'
    case 'error':
      return 'ERROR'
    case 'interrupted':
      return 'INTERRUPTED'
  }
}

function holds(outcome: Outcome): readonly string[] {
  const { specs } = outcome
  if (specs.length === 0) return []
  const held = specs.length === 1 ? `${specNames(specs)} holds` : `all ${specs.length} specs hold`
  return [`${held} on ${extent(outcome)}`]
}

function delivered({ delivery }: Outcome): readonly string[] {
  return delivery === undefined ? [] : [`${inert(delivery.source, 80)} has every span`]
}

function failedDelivery({ delivery }: Outcome): string {
  return delivery?.status === 'fail' ? deliverySentence(delivery) : ''
}

function extent({ captured }: Outcome): string {
  return `${plural(captured.spans, 'span')} in ${plural(captured.traces, 'trace')}`
}

function failedSpecs(specs: readonly SpecResult[]): string {
  const failed = specs.filter((spec) => spec.status === 'fail')
  if (failed.length === 0) return ''
  const [only] = failed
  if (specs.length === 1 && only !== undefined) {
    return `${specNames(failed)} does not hold: ${countsSentence(only.summary)}`
  }
  return `${failed.length} of ${specs.length} specs ${failed.length === 1 ? 'does' : 'do'} not hold: ${specNames(failed)}.`
}

function specNames(specs: readonly SpecResult[]): string {
  return some(
    specs.slice(0, 3).map((spec) => tick(spec.spec.name)),
    specs.length,
  )
}

function failedCommand(failed: CommandFailed | null): string {
  return failed === null ? '' : commandSentence(failed)
}

function openReason(outcome: Outcome): string {
  if (outcome.captured.spans === 0) return 'no span arrived, so nothing is proved.'
  const open = outcome.specs.filter((spec) => spec.status === 'inconclusive')
  if (open.length === 0 && outcome.delivery?.status === 'inconclusive') {
    return deliverySentence(outcome.delivery)
  }
  if (open.length === 0)
    return 'the time limit ended the command, so what it would still have done is unknown.'
  return `the evidence does not decide ${specNames(open)}.`
}

function nothingReason(outcome: Outcome): string {
  const [only, ...others] = outcome.not_exercised
  if (only === undefined) return `${extent(outcome)} captured, and no spec to hold them against.`
  const none =
    others.length === 0
      ? `${tick(only.name)} does not apply`
      : `none of the ${outcome.not_exercised.length} specs applies`
  return `${extent(outcome)} captured, and ${none} to them.`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
