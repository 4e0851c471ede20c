import { Fault } from '../trace/fault.ts'
import type { Comparison } from '../trace/query.ts'

/** `NAME COMPARISON VALUE`. */
export interface FilterTerm {
  readonly name: string
  /** The name stood in quotes. */
  readonly isQuoted: boolean
  readonly compare: Comparison
  readonly value: string
  /** As it is written, and where: characters of the text from 1. */
  readonly written: string
  readonly at: number
}

const MAX_CHARACTERS = 4000
const MAX_TERMS = 50

export const EXAMPLE = 'service=shop status=error duration>100ms http.route="/checkout" since=10m'

/** The terms of a filter, with blanks between them. A Fault USAGE for what is none. */
export function filterTerms(text: string): readonly FilterTerm[] {
  if (text.length > MAX_CHARACTERS) {
    throw new Fault('USAGE', `a filter has at most ${MAX_CHARACTERS} characters`, { hint: HINT })
  }
  const terms: FilterTerm[] = []
  for (let at = blanks(text, 0); at < text.length;) {
    const { term, end } = readTerm(text, at)
    terms.push(term)
    if (terms.length > MAX_TERMS) {
      throw new Fault('USAGE', `a filter has at most ${MAX_TERMS} terms`, { hint: HINT })
    }
    at = blanks(text, end)
  }
  return terms
}

const HINT = `write it as ${EXAMPLE}`

/** What is wrong with one term, and a right one. */
export function termFault(
  { written, at }: Pick<FilterTerm, 'written' | 'at'>,
  message: string,
  example: string,
): Fault {
  const shown = written.length > 60 ? `${written.slice(0, 59)}…` : written
  return new Fault('USAGE', `the filter is wrong at character ${at}, ${shown}: ${message}`, {
    hint: `write it as ${example}`,
  })
}

function readTerm(text: string, at: number): { readonly term: FilterTerm; readonly end: number } {
  const name = readWord(text, at, NAME)
  const sign = readSign(text, blanks(text, name.end))
  const place = { at: at + 1, written: text.slice(at, wordEnd(text, at)) }
  if (name.text === '') throw termFault(place, 'a term begins with a name', EXAMPLE)
  if (sign === undefined) {
    throw termFault(place, 'after a name comes =, !=, >, >=, < or <=', `${nameShown(name)}=VALUE`)
  }
  const begin = blanks(text, sign.end)
  const value = readWord(text, begin, VALUE)
  const written = text.slice(at, value.end)
  if (value.end === begin || (!value.isQuoted && /^[=<>!]/.test(value.text))) {
    const example = `${nameShown(name)}${sign.text}VALUE, in quotes where it is empty or begins with a sign`
    throw termFault({ at: at + 1, written }, `after ${sign.text} comes a value`, example)
  }
  const term = {
    name: name.text,
    isQuoted: name.isQuoted,
    compare: sign.compare,
    value: value.text,
    written,
    at: at + 1,
  }
  return { term, end: value.end }
}

function nameShown({ text, isQuoted }: Word): string {
  return isQuoted ? JSON.stringify(text) : text
}

const COMPARISONS: readonly (readonly [string, Comparison])[] = [
  ['!=', 'ne'],
  ['>=', 'gte'],
  ['<=', 'lte'],
  ['=', 'eq'],
  ['>', 'gt'],
  ['<', 'lt'],
]

function readSign(
  text: string,
  at: number,
): { readonly text: string; readonly compare: Comparison; readonly end: number } | undefined {
  const found = COMPARISONS.find(([sign]) => text.startsWith(sign, at))
  if (found === undefined) return undefined
  const [sign, compare] = found
  return { text: sign, compare, end: at + sign.length }
}

interface Word {
  readonly text: string
  readonly isQuoted: boolean
  readonly end: number
}

// Up to a blank, and in a name up to a comparison.
const NAME = /[^\s=<>!"']*/y
const VALUE = /[^\s"']*/y

function readWord(text: string, at: number, pattern: RegExp): Word {
  const quote = text[at]
  if (quote === '"' || quote === "'") return readQuoted(text, at, quote)
  pattern.lastIndex = at
  const [word = ''] = pattern.exec(text) ?? []
  const end = at + word.length
  if (text[end] === '"' || text[end] === "'") {
    const place = { at: at + 1, written: text.slice(at, wordEnd(text, at)) }
    throw termFault(
      place,
      'a quote stands inside a word',
      'http.route="/checkout" with the quotes around all of it',
    )
  }
  return { text: word, isQuoted: false, end }
}

/** A backslash takes the next character as it is. */
function readQuoted(text: string, at: number, quote: string): Word {
  let value = ''
  for (let next = at + 1; next < text.length; next += 1) {
    const character = text[next] ?? ''
    if (character === quote) return quotedWord(text, { at, end: next + 1, value })
    if (character === '\\') next += 1
    value += character === '\\' ? (text[next] ?? '') : character
  }
  const place = { at: at + 1, written: text.slice(at, at + 61) }
  throw termFault(place, 'a quote is opened and not closed', 'http.route="/checkout"')
}

function quotedWord(
  text: string,
  { at, end, value }: { readonly at: number; readonly end: number; readonly value: string },
): Word {
  if (end === text.length || /[\s=<>!]/.test(text[end] ?? '')) {
    return { text: value, isQuoted: true, end }
  }
  const place = { at: at + 1, written: text.slice(at, wordEnd(text, end)) }
  throw termFault(place, 'after a quoted text comes a blank or a comparison', EXAMPLE)
}

function blanks(text: string, at: number): number {
  return at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)
}

function wordEnd(text: string, at: number): number {
  return at + (/^\S*/.exec(text.slice(at))?.[0].length ?? 0)
}
