import type { PublishedSpec, Result, Worded } from '../verify/outcome.ts'
import type { Finding } from '../verify/result.ts'
import { focusOf } from './focus.ts'
import { messagesOf } from './messages.ts'
import { quoted } from './quote.ts'
import { inert, visible } from './sanitize.ts'
import { stripLines } from './session-strip.ts'
import { evidenceText } from './text.ts'
import { findingLabel, findingSubject } from './wording/finding.ts'
import { duration, plural, some, tick } from './wording/phrases.ts'
import { isSaidByFinding } from './wording/suggestion.ts'
import { statusWord } from './wording/summary.ts'

const MAX_BYTES = 4000
const MAX_COMMAND_BYTES = 1000
const MAX_NAMES = 8
const MAX_ERROR_LINES = 12

/** The report for an agent: the same facts on plain lines, with ids, in at most 4,000 bytes of UTF-8. */
export function renderAgent(result: Result): string {
  const head = [
    headLine(result),
    ...commandLines(result),
    ...deliveryLine(result),
    ...errorLines(result),
  ]
  const tail = [
    ...notExercisedLine(result),
    ...evidenceLine(result),
    ...nextLines(result),
    ...sessionLine(result),
  ]
  const details = [
    ...diagnosisLines(result),
    ...capturedLines(result),
    ...worstFirst(result.specs).flatMap(specLines),
  ]
  return `${bounded({ head, details, tail }).join('\n')}\n`
}

interface Parts {
  readonly head: readonly string[]
  readonly details: readonly string[]
  readonly tail: readonly string[]
}

/** What does not fit is counted, never cut silently. */
function bounded({ head, details, tail }: Parts): readonly string[] {
  const room = MAX_BYTES - bytes([...head, ...tail, omittedLine(details.length)])
  const kept: string[] = []
  let used = 0
  for (const line of details) {
    used += bytes([line])
    if (used > room) break
    kept.push(line)
  }
  const omitted = details.length - kept.length
  return [...head, ...kept, ...(omitted === 0 ? [] : [omittedLine(omitted)]), ...tail]
}

function omittedLine(count: number): string {
  return `omitted: ${plural(count, 'line')}; the same command with --json has everything`
}

function bytes(lines: readonly string[]): number {
  return new TextEncoder().encode(lines.join('\n')).length + 1
}

function headLine(result: Result): string {
  const run = result.run === null ? '' : ` run:${result.run.id}`
  const { spans, traces } = result.captured
  return `${statusWord(result.status)} exit=${result.exit_code}${run} spans=${spans} traces=${traces}: ${inert(result.summary, 400)}`
}

function commandLines({ command_failed: failed, summary }: Result): readonly string[] {
  return failed === null || summary.includes(failed.message) ? [] : [`command: ${failed.message}`]
}

function deliveryLine({ delivery, summary }: Result): readonly string[] {
  if (delivery === undefined || summary.includes(delivery.message)) return []
  return [`delivery: ${delivery.message}`]
}

function errorLines({ error }: Result): readonly string[] {
  if (error === null) return []
  const lines = error.message.split('\n').slice(1, MAX_ERROR_LINES)
  const message = [`error: ${error.code}`, ...lines.map((line) => `  ${inert(line, 200)}`)]
  return error.hint === null ? message : [...message, `hint: ${inert(error.hint, 500)}`]
}

function diagnosisLines({ diagnosis }: Result): readonly string[] {
  if (diagnosis === null) return []
  return [
    `no spans: layer=${diagnosis.layer} ${diagnosis.message}`,
    `fix: ${diagnosis.fix.message}`,
    ...diagnosis.observations.map((seen) => `seen: ${seen.message}`),
  ]
}

function capturedLines({ specs, captured }: Result): readonly string[] {
  if (specs.length > 0 || captured.spans === 0) return []
  const services = captured.services.items.map((item) => `${inert(item.name, 40)} ×${item.spans}`)
  const roots = captured.roots.items.map((item) => `${tick(item.name)} ×${item.count}`)
  return [
    `services: ${some(services.slice(0, MAX_NAMES), captured.services.total)}`,
    `roots: ${some(roots.slice(0, MAX_NAMES), captured.roots.total)}`,
  ]
}

const WORST_FIRST = ['fail', 'inconclusive', 'pass', 'not_exercised']

function worstFirst(specs: readonly PublishedSpec[]): readonly PublishedSpec[] {
  return specs.toSorted((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status))
}

function specLines(spec: PublishedSpec): readonly string[] {
  const head = `${statusWord(spec.status)} ${inert(spec.spec.name, 80)} spec=${visible(spec.spec.path)}${onlyCase(spec)}: ${spec.summary.message}`
  const warnings = spec.warnings
    .slice(0, 3)
    .map((item) => `warning: ${inert(item.message, 300)} at=${visible(item.at)}`)
  if (spec.status === 'pass') return [head, ...warnings]
  return [
    head,
    ...findingLines(spec),
    ...(spec.findings.omitted > 0
      ? [
          `more: ${spec.findings.omitted} of ${spec.findings.total} findings; ${spec.findings.how ?? ''}`,
        ]
      : []),
    ...spec.suggestions
      .filter((item) => !isSaidByFinding(item))
      .slice(0, 3)
      .map((item) => `try: ${item.message}`),
    ...matchedLine(spec),
    ...throughLine(spec),
    ...warnings,
  ]
}

function onlyCase({ cases }: PublishedSpec): string {
  const [only] = cases.items
  if (only === undefined || cases.total > 1) return ''
  const root = only.root === null ? '' : ` root=${tick(only.root.name)}`
  return ` trace=${only.trace_id}${root} ${duration(only.duration_ms).replace(' ', '')}`
}

function findingLines(spec: PublishedSpec): readonly string[] {
  const messages = messagesOf(spec.findings.items)
  return spec.findings.items.map((finding, index) =>
    findingLine({ ...finding, message: messages[index] ?? '' }, spec),
  )
}

function findingLine(finding: Worded<Finding>, { cases }: PublishedSpec): string {
  const open = finding.status === 'info' ? ' (reported only)' : ''
  const place =
    finding.case === null || cases.total <= 1 ? '' : ` case=${finding.case + 1}/${cases.total}`
  const focus = focusOf(finding)
  const ids = focus === undefined ? '' : ` ${focus.role}=${focus.span.span_id}`
  const trace = cases.total > 1 && focus !== undefined ? ` trace=${focus.span.trace_id}` : ''
  return `${findingLabel(finding)}${open}: ${subjectUnlessSaid(finding)}${finding.message} at=${visible(finding.at)}${place}${ids}${trace}`
}

/** Most sentences begin with the name; where one does not, the name comes first. */
function subjectUnlessSaid(finding: Worded<Finding>): string {
  const subject = tick(findingSubject(finding))
  return finding.message.includes(subject) || !('label' in finding) ? '' : `${subject}: `
}

function matchedLine(spec: PublishedSpec): readonly string[] {
  const labels = spec.expectations
    .filter((item) => item.status === 'pass')
    .map((item) => item.label)
  if (labels.length === 0) return []
  const names = some(labels.slice(0, MAX_NAMES).map(tick), labels.length)
  return [`matched: ${labels.length}/${spec.expectations.length} ${names}`]
}

function throughLine(spec: PublishedSpec): readonly string[] {
  const names = spec.looked_through.map((item) => `${tick(item.name)} ×${item.count}`)
  return names.length === 0
    ? []
    : [`looked through: ${some(names.slice(0, MAX_NAMES), names.length)}`]
}

function notExercisedLine({ not_exercised: specs }: Result): readonly string[] {
  if (specs.length === 0) return []
  const names = specs.slice(0, MAX_NAMES).map((spec) => tick(spec.name))
  return [`not exercised: ${some(names, specs.length)}`]
}

function evidenceLine(result: Result): readonly string[] {
  return result.error === null ? [`evidence: ${inert(evidenceText(result.evidence), 700)}`] : []
}

function nextLines({ run, next_steps: steps }: Result): readonly string[] {
  const short = steps.filter((step) => bytes([step.text]) <= MAX_COMMAND_BYTES)
  const lines = short.map((step) => `next: ${step.text}`)
  // A command too long to repeat is known to the caller.
  return short.length === steps.length || run === null
    ? lines
    : [...lines, `next: run the same command again (${inert(quoted(run.command), 80)})`]
}

function sessionLine({ session }: Result): readonly string[] {
  return session === undefined ? [] : stripLines(session, true)
}
