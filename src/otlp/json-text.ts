import { Fault } from '../trace/fault.ts'

/** A JSON value whose integers are exact: a `bigint` where no double holds the number. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** Four brackets for each level of values, and those of the messages around. */
const maxBrackets = 512

/**
 * The JSON documents of a text: one, several behind each other, or one a line. Throws a Fault TRACE_INVALID where the
 * text is no JSON, ends early or is nested too deeply.
 */
export function parseJsonDocuments(text: string): readonly Json[] {
  return documentsOf(text).map(parseDocument)
}

interface Piece {
  readonly text: string
  readonly hasLongNumbers: boolean
}

function parseDocument({ text, hasLongNumbers }: Piece): Json {
  try {
    const value: unknown = hasLongNumbers ? JSON.parse(text, exactIntegers) : JSON.parse(text)
    return isJson(value) ? value : null
  } catch (cause) {
    throw new Fault('TRACE_INVALID', `not JSON: ${messageOf(cause)}`, { cause })
  }
}

/** What comes out of JSON.parse is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function exactIntegers(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source ?? ''
  return /^-?\d+$/.test(source) ? BigInt(source) : value
}

const quote = 0x22
const backslash = 0x5c

/** Cuts a text after each bracket that closes a document; in one pass, without looking into the documents. */
function documentsOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let [depth, start, digits, hasLongNumbers] = [0, 0, 0, false]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    digits = code >= 0x30 && code <= 0x39 ? digits + 1 : 0
    if (digits > 15) hasLongNumbers = true
    if (code === 0x7b || code === 0x5b) depth += 1
    if (depth > maxBrackets) throw tooNested()
    if (code !== 0x7d && code !== 0x5d) continue
    depth -= 1
    if (depth > 0) continue
    pieces.push({ text: text.slice(start, at + 1), hasLongNumbers })
    ;[depth, start, hasLongNumbers] = [0, at + 1, false]
  }
  const rest = text.slice(start)
  return rest.trim() === '' ? pieces : [...pieces, { text: rest, hasLongNumbers }]
}

function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    if (code === backslash) at += 1
  }
  return text.length
}

function tooNested(): Fault {
  return new Fault('TRACE_INVALID', `JSON is nested more than ${maxBrackets} levels deep`)
}
