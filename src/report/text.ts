import type { Trace } from '../trace/trace.ts'
import type { PublishedEvidence, PublishedSpec, Result } from '../verify/outcome.ts'
import type { Finding } from '../verify/result.ts'
import { captureLines } from './capture.ts'
import { glyph, labelled, markOf, paragraph, toneOf, type Mark } from './layout.ts'
import { specMarks } from './marks.ts'
import { messagesOf } from './messages.ts'
import { quoted } from './quote.ts'
import { inert, visible } from './sanitize.ts'
import { stripLines } from './session-strip.ts'
import { columns, paint, shown, wrap, type Terminal } from './terminal.ts'
import { waterfall } from './waterfall.ts'
import { isSaidByFinding } from './wording/suggestion.ts'
import { findingLabel, findingSubject } from './wording/finding.ts'
import { serverSentences } from './wording/command.ts'
import { duration, plural, some, spanName, tick } from './wording/phrases.ts'
import { statusWord } from './wording/summary.ts'

export interface TextOptions extends Terminal {
  /** The judged traces; with them a spec that does not pass shows its waterfall. */
  readonly traces?: readonly Trace[]
}

const MAX_FINDINGS = 10
const MAX_REASONS = 5
const MAX_MATCHED = 8
const WATERFALL_ROWS = 20

/** The report for a person: passed specs in a line or two each, then what is open, then what failed, then what to do. */
export function renderText(result: Result, options: TextOptions): string {
  const blocks = [
    ...specsInReadingOrder(result.specs).map((spec) => specBlock(spec, options)),
    captureBlock(result, options),
    diagnosisBlock(result, options),
    runBlock(result, options),
    errorBlock(result, options),
    nextBlock(result, options),
    summaryBlock(result, options),
    sessionBlock(result, options),
  ]
  const written = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return `${written.join('\n\n')}\n`
}

const READING_ORDER = ['pass', 'not_exercised', 'inconclusive', 'fail']

/** What matters most stands nearest to the prompt. */
function specsInReadingOrder(specs: readonly PublishedSpec[]): readonly PublishedSpec[] {
  return specs.toSorted((a, b) => READING_ORDER.indexOf(a.status) - READING_ORDER.indexOf(b.status))
}

function specBlock(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const head = specHead(spec, options)
  const counts = paragraph(`${spec.summary.message}${caseText(spec)}`, options)
  if (spec.status === 'pass') return [...head, ...counts, ...notes(spec, options)]
  return [
    ...head,
    ...counts,
    ...caseWaterfall(spec, options),
    ...findings(spec, options),
    ...suggestions(spec, options),
    ...matched(spec, options),
    ...notes(spec, options),
  ]
}

/** The path stands on a line of its own where it does not fit. */
function specHead(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const mark = specMark(spec)
  const word = statusWord(spec.status)
  const path = shown(visible(spec.spec.path), options)
  const name = shown(inert(spec.spec.name, Math.min(80, options.width - word.length - 4)), options)
  const isOneLine = columns(`${word}${name}${path}`) + 6 <= options.width
  const head = `${glyph(mark, options)}${paint(word, toneOf(mark), options)}  ${paint(name, 'bold', options)}`
  return isOneLine ? [`${head}  ${path}`] : [head, `  ${path}`]
}

function specMark(spec: PublishedSpec): Mark {
  return spec.status === 'not_exercised' ? 'note' : markOf(spec.status)
}

function caseText({ cases }: PublishedSpec): string {
  const [only] = cases.items
  if (only === undefined || cases.total > 1) return ''
  const root = only.root === null ? 'root span lost' : spanName(only.root)
  return ` ${root}, ${plural(only.spans, 'span')}, ${duration(only.duration_ms)}.`
}

function caseWaterfall(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const judged = spec.cases.items.find((item) => item.status === spec.status)
  const trace = options.traces?.find((candidate) => candidate.traceId === judged?.trace_id)
  if (trace === undefined) return []
  const rows = waterfall(trace, specMarks(trace, spec), {
    ...options,
    width: options.width - 2,
    maxRows: WATERFALL_ROWS,
    how: 'the `show` command opens more',
  })
  return ['', ...rows.map((row) => `  ${row}`), '']
}

function findings(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const { items, total, omitted, how } = spec.findings
  const written = items.slice(0, MAX_FINDINGS)
  const messages = messagesOf(written)
  const lines = written.flatMap((finding, index) =>
    labelled(
      {
        mark: findingMark(finding),
        label: findingLabel(finding),
        text: [
          `${inert(findingSubject(finding), 80)}${inCase(finding, spec)}`,
          messages[index] ?? '',
        ],
        at: finding.at,
      },
      options,
    ),
  )
  if (written.length === total) return lines
  const rest = [
    `${written.length} of ${total} findings are shown; the same command with \`--json\` lists ${items.length}.`,
    omitted > 0 && how !== null ? how : '',
  ]
  return [...lines, ...labelled({ mark: 'note', label: 'more', text: rest }, options)]
}

function findingMark(finding: Finding): Mark {
  return finding.code === 'not_judged' ? 'note' : markOf(finding.status)
}

function inCase(finding: Finding, { cases }: PublishedSpec): string {
  if (cases.total <= 1 || finding.case === null) return ''
  const root = cases.items[finding.case]?.root
  const name = root === undefined || root === null ? '' : `, ${inert(root.name, 60)}`
  return ` (case ${finding.case + 1} of ${cases.total}${name})`
}

function suggestions(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const written = spec.suggestions.filter((item) => !isSaidByFinding(item)).slice(0, 3)
  return written.flatMap((item) =>
    labelled({ mark: 'note', label: 'try', text: [item.message] }, options),
  )
}

function matched(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const labels = spec.expectations
    .filter((item) => item.status === 'pass')
    .map((item) => item.label)
  if (labels.length === 0) return []
  const text = some(labels.slice(0, MAX_MATCHED).map(tick), labels.length)
  return labelled({ mark: 'pass', label: 'matched', text: [text] }, options)
}

/** What a reader must know even of a spec that passed. */
function notes(spec: PublishedSpec, options: TextOptions): readonly string[] {
  const through = spec.looked_through.map((item) => `${tick(item.name)} ×${item.count}`)
  const lines =
    through.length === 0
      ? []
      : labelled(
          {
            mark: 'note',
            label: 'through',
            text: [
              `Looked through ${some(through.slice(0, 5), through.length)} to reach children.`,
            ],
          },
          options,
        )
  const unjudged = spec.findings.items.filter((item) => item.code === 'not_judged')
  return [
    ...lines,
    ...(spec.status === 'pass' ? unjudged.slice(0, 3) : []).flatMap((item) =>
      labelled({ mark: 'note', label: 'not judged', text: [item.message], at: item.at }, options),
    ),
    ...spec.warnings
      .slice(0, 3)
      .flatMap((item) =>
        labelled(
          { mark: 'open', label: 'warning', text: [visible(item.message)], at: item.at },
          options,
        ),
      ),
  ]
}

/** Without a spec the capture itself is what there is to say. */
function captureBlock({ specs, captured }: Result, options: TextOptions): readonly string[] {
  return specs.length > 0 || captured.spans === 0 ? [] : captureLines(captured, options)
}

function runBlock(result: Result, options: TextOptions): readonly string[] {
  return [
    ...(result.command_failed === null
      ? []
      : labelled(
          { mark: 'fail', label: 'command', text: [result.command_failed.message] },
          options,
        )),
    ...deliveryLines(result, options),
    ...notExercised(result, options),
    ...evidenceLines(result, options),
    ...runLines(result, options),
  ]
}

function deliveryLines({ delivery }: Result, options: TextOptions): readonly string[] {
  if (delivery === undefined) return []
  const mark = markOf(delivery.status)
  return labelled({ mark, label: 'delivery', text: [delivery.message] }, options)
}

function notExercised(result: Result, options: TextOptions): readonly string[] {
  const names = [
    ...result.not_exercised.map((spec) => spec.name),
    ...result.specs.filter((spec) => spec.status === 'not_exercised').map((spec) => spec.spec.name),
  ]
  if (names.length === 0) return []
  const text = `${some(names.slice(0, MAX_MATCHED).map(tick), names.length)}: no case of ${names.length === 1 ? 'it' : 'them'} in this capture.`
  return labelled({ mark: 'note', label: 'unexercised', text: [text] }, options)
}

function evidenceLines(result: Result, options: TextOptions): readonly string[] {
  if (result.error !== null || (result.captured.spans === 0 && result.specs.length === 0)) return []
  return labelled(
    {
      mark: result.evidence.complete ? 'note' : 'open',
      label: 'evidence',
      text: [evidenceText(result.evidence)],
    },
    options,
  )
}

/** `complete` or `partial`, then why. */
export function evidenceText(evidence: PublishedEvidence): string {
  const reasons = evidence.reasons.slice(0, MAX_REASONS).map((reason) => reason.message)
  const omitted = evidence.reasons.length - reasons.length
  const rest = omitted > 0 ? [`${plural(omitted, 'further reason')} with \`--json\`.`] : []
  const word = evidence.complete ? 'complete' : 'partial'
  return reasons.length === 0 ? `${word}.` : [`${word}:`, ...reasons, ...rest].join(' ')
}

function runLines({ run, captured }: Result, options: TextOptions): readonly string[] {
  if (run === null) return []
  const ended =
    run.signal === null ? `exit ${run.exit_code ?? 'unknown'}` : `ended by ${run.signal}`
  const text = [
    `run:${run.id}, ${ended}, ${duration(run.duration_ms)}, ${plural(captured.spans, 'span')} in ${plural(captured.traces, 'trace')}, verdict ${duration(run.waited_ms)} after the end`,
    inert(quoted(run.command), 200),
    ...(run.server === undefined ? [] : serverSentences(run.server)),
  ]
  return labelled({ mark: 'note', label: 'run', text }, options)
}

function diagnosisBlock({ diagnosis }: Result, options: TextOptions): readonly string[] {
  if (diagnosis === null) return []
  return [
    ...labelled({ mark: 'open', label: 'no spans', text: [diagnosis.message] }, options),
    ...labelled({ mark: 'note', label: 'fix', text: [diagnosis.fix.message] }, options),
    ...labelled(
      { mark: 'note', label: 'seen', text: diagnosis.observations.map((seen) => seen.message) },
      options,
    ),
  ]
}

/** Lines of an error stand as they are: they may show an excerpt with a caret. */
function errorBlock(
  { error, exit_code: exitCode }: Result,
  options: TextOptions,
): readonly string[] {
  if (error === null) return []
  const text = [...error.message.split('\n'), ...(error.hint ?? '').split('\n')]
  return [
    `${glyph('fail', options)}${paint('ERROR', 'red', options)}  ${error.code} (exit ${exitCode})`,
    ...text.filter((line) => line !== '').map((line) => `  ${shown(visible(line), options)}`),
  ]
}

/** Commands stand alone on their lines, never cut or wrapped, so that they can be pasted. */
function nextBlock({ next_steps: steps }: Result, options: TextOptions): readonly string[] {
  return steps.flatMap((step) => [...paragraph(`${step.why}:`, options), `    ${step.text}`])
}

function summaryBlock(result: Result, options: TextOptions): readonly string[] {
  if (result.error !== null) return []
  const text = shown(`${visible(result.summary)} (exit ${result.exit_code})`, options)
  return wrap(text, options.width).map((line) => paint(line, 'bold', options))
}

function sessionBlock({ session }: Result, options: TextOptions): readonly string[] {
  return session === undefined
    ? []
    : stripLines(session, options.unicode).map((line) => shown(line, options))
}
