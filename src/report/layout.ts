import type { Status } from '../verify/result.ts'
import { visible } from './sanitize.ts'
import { columns, fit, paint, shown, wrap, type Terminal, type Tone } from './terminal.ts'

/** What a mark says; the word always stands beside it, so colour and glyph add nothing new. */
export type Mark = 'pass' | 'fail' | 'open' | 'extra' | 'note'

const MARKS: Readonly<Record<Mark, readonly [unicode: string, ascii: string, tone: Tone]>> = {
  pass: ['✓', 'ok', 'green'],
  fail: ['✗', 'x', 'red'],
  open: ['?', '?', 'yellow'],
  extra: ['+', '+', 'yellow'],
  note: ['·', '-', 'dim'],
}

/** The glyph of a mark in two columns. */
export function glyph(mark: Mark, terminal: Terminal): string {
  const [unicode, ascii, tone] = MARKS[mark]
  return paint(fit(terminal.unicode ? unicode : ascii, 2), tone, terminal)
}

export function toneOf(mark: Mark): Tone {
  return MARKS[mark][2]
}

export function markOf(status: Status | 'info'): Mark {
  switch (status) {
    case 'pass':
      return 'pass'
    case 'fail':
      return 'fail'
    case 'inconclusive':
      return 'open'
    case 'info':
      return 'extra'
  }
}

const INDENT = 17

export interface Labelled {
  readonly mark: Mark
  readonly label: string
  /** Paragraphs, each wrapped by itself; empty ones are left out. */
  readonly text: readonly string[]
  /** A place in a file, at the right of the first line when it fits and never broken. */
  readonly at?: string
}

/** `  ✗ missing   text`, wrapped with a hanging indent. */
export function labelled(entry: Labelled, terminal: Terminal): readonly string[] {
  const width = Math.max(20, terminal.width - INDENT)
  const at = entry.at === undefined ? '' : shown(visible(entry.at), terminal)
  const body = entry.text
    .filter((paragraph) => paragraph !== '')
    .flatMap((paragraph) => wrap(shown(paragraph, terminal), width))
  const lines = at === '' ? body : withPlace(body, at, { width, terminal })
  // "ok" fills the two columns of a mark.
  const space = terminal.unicode ? '' : ' '
  const label = paint(fit(space + entry.label, INDENT - 4), toneOf(entry.mark), terminal)
  const head = `  ${glyph(entry.mark, terminal)}${label}${lines[0] ?? ''}`
  return [head.trimEnd(), ...lines.slice(1).map((line) => ' '.repeat(INDENT) + line)]
}

interface Measure {
  readonly width: number
  readonly terminal: Terminal
}

function withPlace(
  body: readonly string[],
  at: string,
  { width, terminal }: Measure,
): readonly string[] {
  const [first = '', ...rest] = body
  const gap = width - columns(first) - columns(at)
  const place = paint(at, 'cyan', terminal)
  return gap >= 2 ? [first + ' '.repeat(gap) + place, ...rest] : [first, place, ...rest]
}

/** A paragraph indented by two columns. */
export function paragraph(text: string, terminal: Terminal): readonly string[] {
  return wrap(shown(text, terminal), terminal.width - 2).map((line) => `  ${line}`)
}
