import { withoutMark } from './decode.ts'
import { visible } from './issue.ts'
import type { SpecIssue } from './spec.ts'

/** Columns of the terminal that a quoted line may take. */
const MAX_WIDTH = 96

/** `file:line:col: severity: message`, the line with a caret under what is meant, and the hint. */
export function caretOf(issue: SpecIssue, text: string): string {
  const { at, severity, message, hint } = issue
  const head = `${at.file}:${at.line}:${at.column}: ${severity}: ${message}`
  const quote = quoteLine(issue, text)
  return [head, ...quote, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join('\n')
}

function quoteLine({ at }: SpecIssue, text: string): readonly string[] {
  const line = withoutMark(text).split('\n')[at.line - 1]?.replace(/\r$/, '')
  if (line === undefined || line.trim() === '') return []
  const gutter = `  ${at.line} | `
  const end = at.endLine === at.line ? at.endColumn - 1 : line.length
  const window = cutAround(line, at.column - 1, end)
  const before = ' '.repeat(widthOf(shown(window.before)))
  const carets = '^'.repeat(Math.max(1, Math.min(widthOf(shown(window.marked)), MAX_WIDTH)))
  const quoted = shown(window.before + window.marked + window.after)
  return [`${gutter}${quoted}`, `${' '.repeat(gutter.length)}${before}${carets}`]
}

interface Window {
  readonly before: string
  readonly marked: string
  readonly after: string
}

/** As much of the line as fits, with what is meant inside; `…` where something was cut. */
function cutAround(line: string, start: number, end: number): Window {
  const indent = line.length - line.trimStart().length
  const from = widthOf(shown(line)) <= MAX_WIDTH ? 0 : Math.min(start, indent)
  const whole = {
    before: line.slice(from, start),
    marked: line.slice(start, end),
    after: line.slice(end),
  }
  if (widthOf(shown(line.slice(from))) <= MAX_WIDTH) return whole
  const marked = takeStart(whole.marked, MAX_WIDTH / 2)
  const before = takeEnd(whole.before, (MAX_WIDTH - widthOf(shown(marked))) / 2)
  const left = MAX_WIDTH - widthOf(shown(before + marked))
  const rest = marked === whole.marked ? whole.after : ''
  return { before, marked, after: takeStart(rest, left) }
}

function takeStart(text: string, width: number): string {
  const kept = fitting(Array.from(text.slice(0, MAX_WIDTH * 2)), width)
  return kept.length === text.length ? kept : `${kept}…`
}

function takeEnd(text: string, width: number): string {
  const reversed = Array.from(text.slice(-MAX_WIDTH * 2)).toReversed()
  const kept = Array.from(fitting(reversed, width)).toReversed().join('')
  return kept.length === text.length ? kept : `…${kept}`
}

function fitting(characters: readonly string[], width: number): string {
  let kept = ''
  let used = 0
  for (const character of characters) {
    used += widthOf(shown(character))
    if (used > width - 1) break
    kept += character
  }
  return kept
}

/** One line that a terminal shows as it is. */
function shown(text: string): string {
  return visible(text.replaceAll('\t', ' '))
}

/** Columns in a terminal: two for East Asian wide characters and emoji, none for marks that combine. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (/\p{M}|\u200D/u.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}

const WIDE: RegExp =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u
