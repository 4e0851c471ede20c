import type { OutcomeStatus, Result } from '../verify/outcome.ts'
import { glyph, type Mark } from './layout.ts'
import { messagesOf } from './messages.ts'
import { visible } from './sanitize.ts'
import { bars } from './session-strip.ts'
import { paint, shown, wrap, type Terminal } from './terminal.ts'
import { waitingPhrase } from './wording/watch.ts'

/** The runs of a watch. */
export interface WatchStrip {
  /** What counted against each of the last runs, oldest first. */
  readonly failing: readonly number[]
  /** How many were judged. */
  readonly runs: number
  /** Keys are read. */
  readonly keys: boolean
}

const MAX_FINDINGS = 5

/** The verdict of one run in a few lines: its summary, and what counts against it. */
export function renderShortVerdict(result: Result, terminal: Terminal): string {
  const counting = result.specs.flatMap(({ findings }) => {
    const messages = messagesOf(findings.items)
    return findings.items.flatMap(({ status, at }, index) =>
      status === 'info' ? [] : [{ status, text: `${messages[index] ?? ''} (${visible(at)})` }],
    )
  })
  const told = counting
    .slice(0, MAX_FINDINGS)
    .flatMap(({ status, text }) => hanging(text, status === 'fail' ? 'fail' : 'open', terminal))
  const left = countOf(result) - Math.min(counting.length, MAX_FINDINGS)
  const more = left > 0 ? [`  ${left} more; tracespec check last shows all`] : []
  const failed = result.command_failed?.message
  const diagnosis = result.diagnosis
  return [
    ...hanging(result.summary, markOf(result.status), terminal).map((line) =>
      paint(line, 'bold', terminal),
    ),
    ...(failed === undefined ? [] : hanging(failed, 'fail', terminal)),
    ...(diagnosis === null
      ? []
      : hanging(`${diagnosis.message} ${diagnosis.fix.message}`, 'note', terminal)),
    ...told,
    ...more,
    '',
  ].join('\n')
}

/** What counts against a run. */
export function failingOf({ specs, command_failed: failed }: Result): number {
  const findings = specs.flatMap(({ findings: { items } }) => items)
  return findings.filter(({ status }) => status === 'fail').length + (failed === null ? 0 : 1)
}

function countOf({ specs }: Result): number {
  return specs.reduce((sum, { findings: { items, omitted } }) => {
    const counting = items.filter(({ status }) => status !== 'info').length
    return sum + counting + omitted
  }, 0)
}

/** A bar for each run, and how to go on. */
export function renderWatchStrip({ failing, runs, keys }: WatchStrip, terminal: Terminal): string {
  const drawn = bars(failing, terminal.unicode)
  return `${paint(shown(`watch  ${drawn} ${waitingPhrase(runs, keys)}`, terminal), 'dim', terminal)}\n`
}

function hanging(text: string, mark: Mark, terminal: Terminal): readonly string[] {
  const [first = '', ...rest] = wrap(shown(text, terminal), terminal.width - 4)
  return [`${glyph(mark, terminal)}${first}`, ...rest.map((line) => `  ${line}`)]
}

function markOf(status: OutcomeStatus): Mark {
  if (status === 'pass') return 'pass'
  return status === 'fail' || status === 'error' ? 'fail' : 'open'
}
