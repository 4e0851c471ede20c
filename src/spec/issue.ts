import type { SourceRange, SpecIssue, SpecIssueCode } from './spec.ts'

/** An issue that makes a spec unusable. */
export function problem(
  code: SpecIssueCode,
  at: SourceRange,
  words: { readonly message: string; readonly hint?: string | undefined },
): SpecIssue {
  return { code, severity: 'error', message: words.message, hint: words.hint, at }
}

/** An issue that a person should look at. */
export function doubt(
  code: SpecIssueCode,
  at: SourceRange,
  words: { readonly message: string; readonly hint?: string | undefined },
): SpecIssue {
  return { code, severity: 'warning', message: words.message, hint: words.hint, at }
}

const MAX_QUOTED = 60

/** A piece of someone's file inside a message: one line, at most 60 characters, controls made visible. */
export function quoted(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAX_QUOTED + 2))
  const cut = characters.length > MAX_QUOTED || text.length > 2 * MAX_QUOTED + 2
  return `\`${visible(cut ? `${characters.slice(0, MAX_QUOTED - 1).join('')}…` : text)}\``
}

/** Control, bidirectional and unpaired surrogate characters as `\u{hex}`. */
export function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** In file order, each once: an aliased part is read at several places. */
export function inFileOrder(issues: readonly SpecIssue[]): readonly SpecIssue[] {
  const seen = new Map<string, SpecIssue>()
  for (const issue of issues) {
    const key = `${issue.at.line}:${issue.at.column}:${issue.code}:${issue.message}`
    if (!seen.has(key)) seen.set(key, issue)
  }
  return [...seen.values()].toSorted(byPlace)
}

function byPlace(a: SpecIssue, b: SpecIssue): number {
  if (a.at.line !== b.at.line) return a.at.line - b.at.line
  if (a.at.column !== b.at.column) return a.at.column - b.at.column
  return a.code < b.code ? -1 : 1
}
