import type { Finding, Nearest, SpanRef, TellApart } from '../../verify/result.ts'
import { inert } from '../sanitize.ts'
import {
  apart,
  condition,
  duration,
  nearestSpan,
  plural,
  some,
  spanName,
  tagOf,
  tellApart,
  tick,
  value,
} from './phrases.ts'
import { undecidedSentence } from './undecided.ts'

/** One finding as plain sentences: what is wrong, then what was seen instead. */
export function findingSentence(finding: Finding): string {
  switch (finding.code) {
    case 'span_missing':
      return sentences(
        missing(finding),
        below(finding.required_below),
        nearestOf(finding.nearest, finding.parent),
      )
    case 'span_moved':
      return sentences(
        `${tick(finding.label)} is there, but ${under(finding.under, 'at the top')}, not ${under(finding.parent, 'at the top')}.`,
        below(finding.required_below),
      )
    case 'span_renamed':
      return sentences(
        `${missingPart(finding)}; in its place is ${spanName(finding.span)}, which ${condition(finding.failed)}.`,
        below(finding.required_below),
      )
    case 'span_excess':
      return excess(finding)
    case 'condition_failed':
      return failedCondition(finding)
    case 'span_unexpected':
      return unexpected(finding)
    case 'span_forbidden':
      return forbidden(finding)
    case 'error_unexpected':
      return `${spanName(finding.span)} ended with an error that the spec does not expect${repeated(finding.count)}${errorText(finding)}.`
    case 'error_forbidden':
      return `${spanName(finding.span)} shows an error that the spec forbids${repeated(finding.count)}${errorText(finding)}.`
    case 'error_missing':
      return `The error that ${tick(finding.label)} is required to show did not happen.`
    case 'total_duration_exceeded':
      return `The case took ${apart(finding.observed_ms, finding.max_ms)}, allowed are at most ${finding.max_ms} ms.`
    case 'percentile_exceeded': {
      const { percentile, from_ms, to_ms, max_ms, runs } = finding
      const lies =
        to_ms === null
          ? `above ${duration(from_ms)}`
          : `in ${duration(from_ms)} to ${duration(to_ms)}`
      return `${percentile} of 100 runs of ${tick(finding.label)} may take ${max_ms} ms at most, but by ${runs} cases that percentile lies ${lies} with 95 % confidence.`
    }
    case 'no_case':
      return sentences(
        `No span matches ${tick(finding.label)}, which opens a case.`,
        nearestOf(finding.nearest, null),
      )
    case 'too_few_cases':
      return `${plural(finding.observed, 'case')} found, expected are at least ${finding.min} (\`traces.min\`).`
    case 'too_many_cases':
      return `${plural(finding.observed, 'case')} found, allowed are at most ${finding.max} (\`traces.max\`).`
    case 'not_judged':
      return `${spanName(finding.span)} was not judged: it holds ${some(finding.holds.slice(0, 5).map(tick), finding.holds.length)}, but not the first expectation, which opens a case. Write \`applies_to\` to say which spans do.`
    case 'undecided':
      return undecidedSentence(finding)
  }
}

/** The sort of a finding in one or two words, as a label before its sentence. */
export function findingLabel(finding: Finding): string {
  switch (finding.code) {
    case 'span_missing':
      return 'missing'
    case 'span_moved':
      return 'moved'
    case 'span_renamed':
      return 'renamed'
    case 'span_excess':
      return 'too many'
    case 'condition_failed':
      return conditionLabel(finding.condition)
    case 'span_unexpected':
      return 'unexpected'
    case 'span_forbidden':
      return 'forbidden'
    case 'error_unexpected':
    case 'error_forbidden':
      return 'error'
    case 'error_missing':
      return 'no error'
    case 'total_duration_exceeded':
      return 'too slow'
    case 'percentile_exceeded':
      return 'too slow'
    case 'no_case':
      return 'no case'
    case 'too_few_cases':
    case 'too_many_cases':
      return 'cases'
    case 'not_judged':
      return 'not judged'
    case 'undecided':
      return 'open'
  }
}

/** The name that a reader looks for: the expectation's, else the span's. */
export function findingSubject(finding: Finding): string {
  switch (finding.code) {
    case 'span_unexpected':
      return finding.name
    case 'error_unexpected':
    case 'error_forbidden':
    case 'not_judged':
      return finding.span.name
    case 'total_duration_exceeded':
      return 'the whole case'
    case 'too_few_cases':
    case 'too_many_cases':
      return 'the number of cases'
    case 'span_missing':
    case 'span_moved':
    case 'span_renamed':
    case 'span_excess':
    case 'condition_failed':
    case 'span_forbidden':
    case 'error_missing':
    case 'no_case':
    case 'percentile_exceeded':
    case 'undecided':
      return finding.label
  }
}

type Absent = Extract<Finding, { code: 'span_missing' | 'span_renamed' }>

function missing(finding: Absent): string {
  return `${missingPart(finding)}.`
}

function missingPart(finding: Absent): string {
  const place = finding.parent === null ? '' : ` under ${spanName(finding.parent)}`
  if (finding.min === 1 && finding.observed === 0)
    return `${tick(finding.label)} is missing${place}`
  return `${tick(finding.label)} occurs ${times(finding.observed)}${place}, expected ${finding.min === 1 ? 'is' : 'are'} at least ${finding.min}`
}

function excess(finding: Extract<Finding, { code: 'span_excess' }>): string {
  return sentences(
    `${tick(finding.label)} occurs ${times(finding.observed)}${belowParent(finding.parent)}, allowed ${finding.max === 1 ? 'is' : 'are'} at most ${finding.max}.`,
    meant(finding.tell_apart),
  )
}

function failedCondition(finding: Extract<Finding, { code: 'condition_failed' }>): string {
  return sentences(
    `${spanName(finding.span)} ${condition(finding)}.`,
    finding.spans > 1
      ? `${plural(finding.spans, 'span')} of this expectation fail it; this is the first.`
      : '',
    meant(finding.tell_apart),
  )
}

function unexpected(finding: Extract<Finding, { code: 'span_unexpected' }>): string {
  const service = finding.service === '' ? '' : ` (${inert(finding.service, 40)})`
  return `${tick(finding.name)}${service}${repeated(finding.count)}${belowParent(finding.parent)} is expected nowhere in the spec${share(finding.share_of_parent)}.`
}

function forbidden(finding: Extract<Finding, { code: 'span_forbidden' }>): string {
  const names = [...new Set(finding.spans.items.map(spanName))]
  return sentences(
    `${tick(finding.label)} is forbidden and occurs ${times(finding.spans.total)}: ${some(names.slice(0, 3), names.length)}.`,
    finding.reason === null ? '' : `Reason: ${inert(finding.reason, 200)}.`,
  )
}

function below(required: number): string {
  if (required === 0) return ''
  return required === 1
    ? 'The required span below it goes missing with it.'
    : `${required} required spans below it go missing with it.`
}

function nearestOf(nearest: Nearest | null, parent: SpanRef | null): string {
  return nearest === null ? 'No span comes near it.' : nearestSpan(nearest, parent)
}

function under(span: SpanRef | null, none: string): string {
  return span === null ? none : `under ${spanName(span)}`
}

function belowParent(parent: SpanRef | null): string {
  return parent === null ? '' : ` under ${spanName(parent)}`
}

function times(count: number): string {
  if (count === 0) return 'never'
  return count === 1 ? 'once' : `${count} times`
}

function repeated(count: number): string {
  return count === 1 ? '' : ` ×${count}`
}

function meant(add: TellApart | null): string {
  return add === null ? '' : `If only some of them are meant, add ${tellApart(add)}.`
}

function share(part: number | null): string {
  if (part === null) return ''
  return `; it covers ${part < 0.01 ? '<1' : Math.round(part * 100)} % of its parent's time`
}

function errorText(error: {
  readonly exception_type: string | null
  readonly status_message: string
}): string {
  const parts = [
    ...(error.exception_type === null ? [] : [inert(error.exception_type, 80)]),
    ...(error.status_message === '' ? [] : [value(error.status_message)]),
  ]
  return parts.length === 0 ? '' : `: ${parts.join(' ')}`
}

function conditionLabel(path: string): string {
  if (path === 'expected_duration_ms.max') return 'too slow'
  if (path === 'expected_duration_ms.min') return 'too fast'
  if (tagOf(path) !== undefined) return 'wrong tag'
  return `wrong ${inert(path, 30)}`
}

function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ')
}
