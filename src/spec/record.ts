import { problem, quoted } from './issue.ts'
import type { JsonSchema } from './json-schema.ts'
import { wrongType } from './shape.ts'
import type { Placed, Shape } from './shape.ts'
import { under } from './source.ts'
import type { Reading, SourceEntry, SourceMap, SourceNode } from './source.ts'
import type { SourceRange, SpecIssue } from './spec.ts'
import { refuseKey } from './unknown-key.ts'

export interface Field<out T> {
  readonly name: string
  readonly description: string
  readonly shape: Shape<T>
}

export function field<T>(name: string, description: string, shape: Shape<T>): Field<T> {
  return { name, description, shape }
}

/** How a record's builder sees what was written. */
export interface Written {
  readonly at: SourceRange
  readonly reading: Reading
  /** How many keys there are, unknown ones included. */
  readonly keys: number
  /** The value of a field, undefined when it is absent or was refused. */
  readonly get: <T>(field: Field<T>) => Placed<T> | undefined
  /** Whether the key is there, whatever its value. */
  readonly has: (field: Field<unknown>) => boolean
}

export interface RecordParts<T> {
  /** As in "a field of an expectation". */
  readonly what: string
  /** What to write, for someone who wrote no object. */
  readonly example?: string
  readonly fields: readonly Field<unknown>[]
  readonly required?: readonly Field<unknown>[]
  /** At least one of these must be there; `lacking` says what a record without them lacks. */
  readonly oneAtLeast?: { readonly fields: readonly Field<unknown>[]; readonly lacking: string }
  /** Must get every field, since that is what reads it. */
  readonly build: (written: Written) => T | undefined
}

/** With more issues than these nobody reads the guesses, and each takes its time. */
const MAX_GUESSES = 1000

/** An object with known keys. */
export function record<T>(parts: RecordParts<T>): Shape<T> {
  const byName = new Map(parts.fields.map((known) => [known.name, known]))
  return {
    expects: 'an object',
    schema: recordSchema(parts),
    read(node, reading) {
      if (node.kind !== 'map') return noObject(node, parts.example, reading)
      const entries = new Map(node.entries.map((entry) => [entry.key, entry]))
      const refused = node.entries
        .filter(({ key }) => !byName.has(key))
        .map((entry, index) =>
          refuseKey(entry, {
            what: parts.what,
            allowed: [...byName.keys()],
            mayGuess: reading.issues.length + index < MAX_GUESSES,
          }),
        )
      for (const { issue } of refused) reading.issues.push(issue)
      const standsFor = refused.flatMap((key) => key.standsFor)
      reading.issues.push(...missing(parts, node, new Set([...entries.keys(), ...standsFor])))
      return parts.build({
        at: node.at,
        reading,
        keys: entries.size,
        has: (asked) => entries.has(asked.name),
        get: (asked) => readField(asked, entries.get(asked.name), reading),
      })
    },
  }
}

function recordSchema<T>(parts: RecordParts<T>): JsonSchema {
  const required = parts.required?.map((known) => known.name) ?? []
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      parts.fields.map(({ name, description, shape }) => [
        name,
        '$ref' in shape.schema
          ? { description, allOf: [shape.schema] }
          : { description, ...shape.schema },
      ]),
    ),
    ...(required.length > 0 ? { required } : {}),
    ...(parts.oneAtLeast === undefined
      ? {}
      : { anyOf: parts.oneAtLeast.fields.map((known) => ({ required: [known.name] })) }),
  }
}

function noObject(node: SourceNode, example: string | undefined, reading: Reading): undefined {
  const hint = example === undefined ? undefined : `write ${example}`
  return wrongType(node, { expects: 'an object', hint }, reading)
}

function missing<T>(
  parts: RecordParts<T>,
  node: SourceMap,
  present: ReadonlySet<string>,
): readonly SpecIssue[] {
  const { required = [], oneAtLeast, what } = parts
  const issues = required
    .filter(({ name }) => !present.has(name))
    .map(({ name }) =>
      problem('missing_key', node.at, {
        message: `${quoted(name)} is missing in ${what}.`,
        hint: `add \`${name}:\``,
      }),
    )
  if (oneAtLeast === undefined || oneAtLeast.fields.some(({ name }) => present.has(name))) {
    return issues
  }
  const names = oneAtLeast.fields.map(({ name }) => `\`${name}\``)
  const hint = `write at least one of ${names.join(', ')}`
  return [...issues, problem('missing_key', node.at, { message: oneAtLeast.lacking, hint })]
}

function readField<T>(
  asked: Field<T>,
  entry: SourceEntry | undefined,
  reading: Reading,
): Placed<T> | undefined {
  if (entry === undefined) return undefined
  const value = asked.shape.read(entry.value, under(reading, asked.name))
  return value === undefined ? undefined : { value, at: entry.value.at }
}
