import { problem, quoted } from './issue.ts'
import type { JsonSchema } from './json-schema.ts'
import { describeNode, element, under } from './source.ts'
import type { Reading, SourceNode } from './source.ts'
import type { SourceRange } from './spec.ts'
import type { Scalar } from '../trace/canonical.ts'

/**
 * One description of a part of the language that both reads it and says its JSON Schema.
 * `read` reports to `reading.issues` and gives undefined when nothing usable is there.
 */
export interface Shape<out T> {
  /** As in "expected a text or a list". */
  readonly expects: string
  readonly schema: JsonSchema
  readonly read: (node: SourceNode, reading: Reading) => T | undefined
}

/** A value and where it stands. */
export interface Placed<out T> {
  readonly value: T
  readonly at: SourceRange
}

/** Reports a value of another type; `hint` says what to write instead. */
export function wrongType(
  node: SourceNode,
  expects: string | { readonly expects: string; readonly hint: string | undefined },
  reading: Reading,
): undefined {
  const asked = typeof expects === 'string' ? { expects, hint: undefined } : expects
  reading.issues.push(
    problem('wrong_type', node.at, {
      message: `${quoted(reading.field)} must be ${asked.expects}, not ${describeNode(node)}.`,
      hint: asked.hint,
    }),
  )
}

/** Reports a value of the right type that makes no sense; `words` is the message, or message and hint. */
export function badValue(
  at: SourceRange,
  words: string | { readonly message: string; readonly hint: string },
  reading: Reading,
): undefined {
  reading.issues.push(
    problem('bad_value', at, typeof words === 'string' ? { message: words } : words),
  )
}

/** A text with at least one character that is no space. */
export const text: Shape<string> = {
  expects: 'a text',
  schema: { type: 'string', pattern: '\\S' },
  read(node, reading) {
    if (node.kind !== 'value' || typeof node.value !== 'string') {
      const hint = node.kind === 'value' && node.value !== null ? 'put it in quotes' : undefined
      return wrongType(node, { expects: 'a text', hint }, reading)
    }
    if (/\S/.test(node.value)) return node.value
    return badValue(node.at, `${quoted(reading.field)} is empty.`, reading)
  },
}

/** A name of something in the spec: one line without a space at its ends. */
export const nameText: Shape<string> = {
  expects: 'a text',
  schema: { type: 'string', pattern: '^\\S(?:.*\\S)?$' },
  read(node, reading) {
    const value = text.read(node, reading)
    if (value === undefined || /^\S(?:.*\S)?$/.test(value)) return value
    return badValue(
      node.at,
      `${quoted(reading.field)} must be one line without a space at its ends.`,
      reading,
    )
  },
}

export const bool: Shape<boolean> = {
  expects: 'true or false',
  schema: { type: 'boolean' },
  read(node, reading) {
    if (node.kind === 'value' && typeof node.value === 'boolean') return node.value
    return wrongType(node, 'true or false', reading)
  },
}

/** A finite number of at least 0. */
export const amount: Shape<number> = {
  expects: 'a number',
  schema: { type: 'number', minimum: 0 },
  read: (node, reading) => readAmount(node, reading, 'a number'),
}

/** An integer of at least 0. */
export const wholeNumber: Shape<number> = {
  expects: 'a whole number',
  schema: { type: 'integer', minimum: 0 },
  read(node, reading) {
    const value = readAmount(node, reading, 'a whole number')
    if (value === undefined || Number.isInteger(value)) return value
    return badValue(node.at, `${quoted(reading.field)} must be a whole number.`, reading)
  },
}

function readAmount(node: SourceNode, reading: Reading, expects: string): number | undefined {
  if (node.kind !== 'value') return wrongType(node, expects, reading)
  const { value } = node
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    return wrongType(node, expects, reading)
  }
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  const fault = value < 0 ? 'must not be negative' : 'must be a finite number below 2^53'
  return badValue(node.at, `${quoted(reading.field)} ${fault}.`, reading)
}

/** One of a few words, in any case. */
export function choice<T extends string>(words: readonly T[]): Shape<T> {
  const listed = `one of ${words.join(', ')}`
  const inAnyCase = words.map((word) =>
    word.replaceAll(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`),
  )
  return {
    expects: listed,
    schema: {
      anyOf: [{ enum: words }, { type: 'string', pattern: `^(?:${inAnyCase.join('|')})$` }],
    },
    read(node, reading) {
      if (node.kind !== 'value' || typeof node.value !== 'string') {
        return wrongType(node, listed, reading)
      }
      const written = node.value.toLowerCase()
      const word = words.find((candidate) => candidate === written)
      if (word !== undefined) return word
      return badValue(
        node.at,
        `${quoted(reading.field)} must be ${listed}, not ${quoted(node.value)}.`,
        reading,
      )
    },
  }
}

/** A text, a number or a boolean; never the empty value. */
export const scalar: Shape<Scalar> = {
  expects: 'a text, a number or a boolean',
  schema: { type: ['string', 'number', 'boolean'] },
  read(node, reading) {
    if (node.kind !== 'value') return wrongType(node, scalar.expects, reading)
    if (node.value === null) {
      reading.issues.push(
        problem('wrong_type', node.at, {
          message: `${quoted(reading.field)} has no value.`,
          hint: 'for absence write { exists: false }, for any value "*", for the word "null" in quotes',
        }),
      )
      return undefined
    }
    if (typeof node.value !== 'number' || Number.isFinite(node.value)) return node.value
    return badValue(node.at, `${quoted(reading.field)} must be a finite number.`, reading)
  },
}

export const numberValue: Shape<number | bigint> = {
  expects: 'a number',
  schema: { type: 'number' },
  read(node, reading) {
    const value = node.kind === 'value' ? node.value : undefined
    if (typeof value === 'bigint') return value
    if (typeof value !== 'number') return wrongType(node, 'a number', reading)
    if (Number.isFinite(value)) return value
    return badValue(node.at, `${quoted(reading.field)} must be a finite number.`, reading)
  },
}

/** A list; with `nonEmpty` of at least one element. */
export function list<T>(of: Shape<T>, nonEmpty = false): Shape<readonly T[]> {
  return {
    expects: 'a list',
    schema: { type: 'array', items: of.schema, ...(nonEmpty ? { minItems: 1 } : {}) },
    read(node, reading) {
      if (node.kind !== 'list') {
        return wrongType(node, { expects: 'a list', hint: 'begin each element with `- `' }, reading)
      }
      if (nonEmpty && node.items.length === 0) {
        return badValue(node.at, `${quoted(reading.field)} must not be empty.`, reading)
      }
      return node.items
        .map((item, index) => of.read(item, element(reading, index)))
        .filter((item) => item !== undefined)
    },
  }
}

/** An object with free names as keys. */
export function entries<T>(
  of: Shape<T>,
): Shape<readonly (Placed<T> & { readonly name: string })[]> {
  return {
    expects: 'an object',
    schema: { type: 'object', additionalProperties: of.schema, propertyNames: { minLength: 1 } },
    read(node, reading) {
      if (node.kind !== 'map') return wrongType(node, 'an object', reading)
      return node.entries.flatMap(({ key, keyAt, value }) => {
        if (key === '') badValue(keyAt, 'A tag needs a name.', reading)
        const read = of.read(value, under(reading, key))
        return read === undefined ? [] : [{ name: key, value: read, at: keyAt }]
      })
    },
  }
}

/** The short form, or the object form with more in it. */
export function shortOr<T>(short: Shape<T>, object: Shape<T>): Shape<T> {
  const expects = `${short.expects} or an object`
  return {
    expects,
    schema: { anyOf: [short.schema, object.schema] },
    read(node, reading) {
      if (node.kind === 'list') return wrongType(node, expects, reading)
      return node.kind === 'map' ? object.read(node, reading) : short.read(node, reading)
    },
  }
}

/** What was read, turned into something else. */
export function mapped<T, U>(
  shape: Shape<T>,
  turn: (value: T, at: SourceRange, reading: Reading) => U | undefined,
): Shape<U> {
  return {
    expects: shape.expects,
    schema: shape.schema,
    read(node, reading) {
      const value = shape.read(node, reading)
      return value === undefined ? undefined : turn(value, node.at, reading)
    },
  }
}

/** A shape that the JSON Schema defines once, by name; lazy, so that shapes may be recursive. */
export function named<T>(name: string, shape: () => Shape<T>): Shape<T> {
  return {
    expects: 'an object',
    schema: { $ref: `#/definitions/${name}` },
    read: (node, reading) => shape().read(node, reading),
  }
}
