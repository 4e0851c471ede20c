import { compileMatcher } from '../spec/match.ts'
import type { Matcher } from '../spec/spec.ts'
import type { Losses } from '../trace/losses.ts'
import { numberOf } from '../trace/canonical.ts'
import type { AttributeValue } from '../trace/span.ts'
import { agreed, surely, type Tri } from './three.ts'

type Types = Losses['types']

/** Asks the value of an attribute; undefined stands for an absent one. */
export type ValueTest = (value: AttributeValue | undefined) => Tri

/** A test of values that may have had another type before they were written as they are now. */
export function compileValue(matcher: Matcher, types: Types): ValueTest {
  const test = compileMatcher(matcher)
  if (types === 'kept') return (value) => surely(test(value))
  const asksForm = asks(matcher, FORM)
  const asksContent = asks(matcher, CONTENT)
  return (value) => {
    if (value === undefined) return surely(test(value))
    const originals = originalsOf(value, types)
    const all =
      asksForm && typeof value === 'string' ? [...originals, ...hiddenOf(value)] : originals
    const answer = agreed(all.map((one) => surely(test(one))))
    return asksContent && isUnreadable(value) ? 'unknown' : answer
  }
}

/** What asks for the form of a value, and not what it says. */
const FORM: ReadonlySet<Matcher['kind']> = new Set(['type', 'length', 'contains'])
const CONTENT: ReadonlySet<Matcher['kind']> = new Set(['length', 'contains'])

function asks(matcher: Matcher, kinds: ReadonlySet<Matcher['kind']>): boolean {
  return matcher.kind === 'all'
    ? matcher.of.some((part) => asks(part, kinds))
    : kinds.has(matcher.kind)
}

/** What a value may have been: itself first. Lists and bytes that read like any other text are left to `hiddenOf`. */
export function originalsOf(value: AttributeValue, types: Types): readonly AttributeValue[] {
  if (types === 'kept') return [value]
  if (typeof value === 'string') {
    return [value, ...compositesOf(value), ...(types === 'all' ? scalarsOf(value) : [])]
  }
  if (types === 'composites') return [value]
  if (typeof value === 'boolean') return [value, String(value)]
  if (typeof value === 'bigint') return [value, Number(value), String(value)]
  if (typeof value === 'number') return [value, ...integersOf(value), String(value)]
  return [value]
}

function integersOf(value: number): readonly bigint[] {
  return Number.isInteger(value) ? [BigInt(value)] : []
}

/** Longer texts are no numbers. */
const MAX_NUMBER_LENGTH = 400
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
])

/** The numbers and booleans that are spelled so in some language. */
function scalarsOf(text: string): readonly AttributeValue[] {
  if (text === '') return [null]
  if (text.length > MAX_NUMBER_LENGTH) return []
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === 'false') return [lower === 'true']
  const odd = NOT_FINITE.get(lower)
  if (odd !== undefined) return [odd]
  if (!DECIMAL.test(text)) return []
  return [Number(text), ...(/^-?\d+$/.test(text) ? [BigInt(text)] : [])]
}

/** The list or map that a text in brackets may be; an empty one where it cannot be read. */
function compositesOf(text: string): readonly AttributeValue[] {
  if (text.startsWith('[')) return [readComposite(text) ?? []]
  return text.startsWith('{') ? [readComposite(text) ?? new Map()] : []
}

function isUnreadable(value: AttributeValue): boolean {
  return typeof value === 'string' && /^[[{]/.test(value) && readComposite(value) === undefined
}

const MAX_COMPOSITE_LENGTH = 100_000

/** What JSON text says, one level deep; undefined for what is no JSON or holds numbers that JSON cannot keep. */
function readComposite(text: string): AttributeValue | undefined {
  if (text.length > MAX_COMPOSITE_LENGTH || /\d{16}/.test(text)) return undefined
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    // many other texts stand in brackets
    return undefined
  }
  if (Array.isArray(read)) return read.map(shallow)
  return typeof read === 'object' && read !== null
    ? new Map(Object.entries(read).map(([name, value]) => [name, shallow(value)]))
    : undefined
}

function shallow(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  if (Array.isArray(value)) return []
  return typeof value === 'object' && value !== null ? new Map() : null
}

/** Lists that were joined by commas, and bytes in base64: any text may be one. */
function hiddenOf(text: string): readonly AttributeValue[] {
  const bytes = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text)
    ? [new Uint8Array((text.replace(/=+$/, '').length * 3) >> 2)]
    : []
  const isJoined = text.includes(',') && !/^[[{]/.test(text)
  return [...bytes, ...(isJoined ? [text.split(',')] : [])]
}

/** The likeliest of the values that a text may have been, to be shown: texts of numbers are numbers. */
export function likeliest(value: AttributeValue, types: Types): AttributeValue {
  if (types === 'kept' || typeof value !== 'string') return value
  const [composite] = /^[[{]/.test(value) ? [readComposite(value)] : []
  if (composite !== undefined) return composite
  if (types === 'composites') return value
  if (value === 'true' || value === 'false') return value === 'true'
  return numberOf(value) ?? value
}
