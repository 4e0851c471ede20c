import type { SessionList } from '../verify/session.ts'
import type { PublishedIteration, SessionDocument } from './session-document.ts'
import type { PublishedStep } from './session-steps.ts'
import type { Bounded } from '../verify/result.ts'
import { glyph, labelled, paragraph, type Mark } from './layout.ts'
import { stripLine } from './session-strip.ts'
import { inert, visible } from './sanitize.ts'
import { paint, shown, wrap, type Terminal } from './terminal.ts'
import { duration, plural, some } from './wording/phrases.ts'
import {
  changeWord,
  checkPhrase,
  iterationPhrase,
  placeReason,
  placeText,
} from './wording/session.ts'

/** The session for a person: its line, its runs, what to do next. */
export function renderSession(document: SessionDocument, terminal: Terminal): string {
  const blocks = [
    headLines(document, terminal),
    document.iterations.items.flatMap((one) => iterationLines(one, terminal)),
    omittedLines(document.iterations, terminal),
    document.next_steps.items.flatMap((step, at) => stepLines(step, at + 1, terminal)),
    omittedLines(document.next_steps, terminal),
    wrap(shown(visible(document.summary), terminal), terminal.width).map((line) =>
      paint(line, 'bold', terminal),
    ),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

/** The same facts on plain lines. */
export function renderSessionAgent(document: SessionDocument): string {
  const { session, iterations, next_steps: steps } = document
  const lines = [
    `session ${session.id} ${document.status}: ${visible(document.summary)}`,
    ...(session.specs.length === 0 ? [] : [`specs: ${session.specs.map(visible).join(', ')}`]),
    ...iterations.items.flatMap((one) => [
      `${one.ordinal}: ${one.status} run:${one.run} failing=${one.failing} undecided=${one.undecided} change=${one.change}: ${iterationPhrase(one)}`,
      ...one.weaker.items.map((weaker) => `weaker ${one.ordinal}: ${weakerText(weaker)}`),
      ...omittedText(one.weaker),
    ]),
    ...omittedText(iterations),
    ...steps.items.flatMap((step, at) => [
      `do ${at + 1}: ${step.message}${atText(step)}`,
      ...sourceTexts(step),
      ...step.commands.map((command) => `next: ${command.text}`),
    ]),
    ...omittedText(steps),
  ]
  return `${[...new Set(lines)].join('\n')}\n`
}

/** Sessions, newest first, a line each. */
export function renderSessionList({ sessions }: SessionList, terminal: Terminal): string {
  const lines = sessions.items.map((one) => {
    const ended = one.ended_at === null ? 'open' : 'ended'
    const goal = one.goal === null ? '' : inert(one.goal, 60)
    const facts = `${one.id}  ${one.started_at}  ${ended.padEnd(5)}  ${one.status.padEnd(9)}  ${plural(one.iterations, 'iteration')}`
    return shown(goal === '' ? facts : `${facts}  ${goal}`, terminal)
  })
  const count =
    sessions.total === 0
      ? 'No session yet; tracespec session start begins one.'
      : `${sessions.shown} of ${plural(sessions.total, 'session')}${sessions.how === null ? '' : `; ${sessions.how}`}`
  return `${[...lines, count].join('\n')}\n`
}

function headLines(document: SessionDocument, terminal: Terminal): readonly string[] {
  const { session, totals, status, iterations } = document
  const failing = iterations.items.map((one) => one.failing)
  const strip = { ...totals, id: session.id, status, failing }
  const facts = [
    ...(session.goal === null ? [] : [`goal: ${inert(session.goal, 400)}`]),
    ...(session.specs.length === 0 ? [] : [`specs: ${session.specs.map(visible).join(', ')}`]),
    `${session.ended_at === null ? 'open' : `ended ${session.ended_at}`}, started ${session.started_at}`,
    ...(totals.tokens === null ? [] : [`${totals.tokens} tokens answered`]),
  ]
  return [
    paint(shown(stripLine(strip, terminal.unicode), terminal), 'bold', terminal),
    ...facts.flatMap((fact) => paragraph(fact, terminal)),
  ]
}

function iterationLines(one: PublishedIteration, terminal: Terminal): readonly string[] {
  const names = [
    ...one.new.items.map((check) => `new: ${checkPhrase(check)}`),
    ...one.flickering.items.map((check) => `flickers: ${checkPhrase(check)}`),
    ...one.fixed.items.map((check) => `fixed: ${checkPhrase(check)}`),
    ...one.no_longer_asked.items.map((check) => `no longer asked: ${checkPhrase(check)}`),
  ]
  const text = [
    `${changeWord(one.change)}: ${one.failing} failing (${iterationPhrase(one)})`,
    names.length === 0 ? '' : some(names.slice(0, MAX_NAMES), names.length),
    ...one.weaker.items.map(weakerText),
    ...omittedText(one.weaker),
    `run:${one.run}, ${duration(one.duration_ms)}${commitText(one)}`,
  ]
  return labelled({ mark: markOf(one), label: String(one.ordinal), text }, terminal)
}

const MAX_NAMES = 4

function weakerText({ message, at }: PublishedIteration['weaker']['items'][number]): string {
  return `${message} (${visible(at)})`
}

function commitText({ code }: PublishedIteration): string {
  if (code === null) return ''
  const commit = code.commit === null ? 'no commit' : code.commit.slice(0, 9)
  return code.dirty.total === 0
    ? `, ${commit}`
    : `, ${commit} + ${plural(code.dirty.total, 'changed file')}`
}

function markOf({ status }: PublishedIteration): Mark {
  if (status === 'pass') return 'pass'
  return status === 'fail' ? 'fail' : 'open'
}

/** Commands stand alone on their lines, never cut or wrapped, so that they can be pasted. */
function stepLines(step: PublishedStep, number: number, terminal: Terminal): readonly string[] {
  const text = shown(`${number}. ${step.message}${atText(step)}`, terminal)
  const head = wrap(text, terminal.width - 5)
  const sources = sourceTexts(step).flatMap((text) => paragraph(text, terminal))
  return [
    `${number === 1 ? glyph('note', terminal) : '  '}${head[0] ?? ''}`,
    ...head.slice(1).map((line) => `     ${line}`),
    ...sources,
    ...step.commands.map((command) => `    ${command.text}`),
  ]
}

function atText(step: PublishedStep): string {
  if (step.code === 'repair') return ` (${visible(step.finding.at)})`
  return step.code === 'cover_optional' ? ` (${visible(step.at)})` : ''
}

function sourceTexts(step: PublishedStep): readonly string[] {
  if (step.code !== 'repair' || step.source === null) return []
  return [`look at ${placeText(step.source)}, ${placeReason(step.source)}`]
}

function omittedLines(list: Bounded<unknown>, terminal: Terminal): readonly string[] {
  return omittedText(list).flatMap((line) => paragraph(line, terminal))
}

function omittedText({ shown: count, omitted, total, how }: Bounded<unknown>): readonly string[] {
  return omitted === 0 ? [] : [`${count} of ${total} are shown; ${how ?? ''}`]
}
