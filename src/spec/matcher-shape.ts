import { doubt, quoted } from './issue.ts'
import { regexText, templateText } from './pattern.ts'
import { field, record } from './record.ts'
import type { Field, Written } from './record.ts'
import {
  badValue,
  bool,
  choice,
  list,
  mapped,
  named,
  numberValue,
  scalar,
  shortOr,
  text,
  wholeNumber,
  wrongType,
} from './shape.ts'
import type { Shape } from './shape.ts'
import type { Reading } from './source.ts'
import type { Matcher, SourceRange, ValueType } from './spec.ts'
import type { Scalar } from '../trace/canonical.ts'

const TYPES: readonly ValueType[] = ['string', 'bool', 'int', 'double', 'bytes', 'array', 'map']

/** What a name or a tag must be: a literal, `"*"` or an object of operators. */
export const matcher: Shape<Matcher> = named('matcher', () => matcherShape)

function operator<T>(
  name: string,
  description: string,
  of: { readonly shape: Shape<T>; readonly turn: (value: T) => Matcher },
): Field<Matcher> {
  return field(name, description, mapped(of.shape, of.turn))
}

const bound: Shape<number | bigint | string> = {
  expects: 'a number or a text',
  schema: { type: ['string', 'number'] },
  read(node, reading) {
    if (node.kind === 'value' && typeof node.value === 'string') return node.value
    const isNumber = node.kind === 'value' && typeof node.value !== 'boolean' && node.value !== null
    return isNumber ? numberValue.read(node, reading) : wrongType(node, bound.expects, reading)
  },
}

function equality(of: Shape<Scalar>): readonly Field<Matcher>[] {
  return [
    operator('eq', 'Equal', { shape: of, turn: (value) => ({ kind: 'eq', value }) }),
    operator('ne', 'Present and not equal', {
      shape: of,
      turn: (value) => ({ kind: 'ne', value }),
    }),
  ]
}

function comparisons(of: Shape<number | bigint | string>): readonly Field<Matcher>[] {
  return [
    operator('gt', 'Greater than', { shape: of, turn: (value) => ({ kind: 'gt', value }) }),
    operator('gte', 'At least', { shape: of, turn: (value) => ({ kind: 'gte', value }) }),
    operator('lt', 'Less than', { shape: of, turn: (value) => ({ kind: 'lt', value }) }),
    operator('lte', 'At most', { shape: of, turn: (value) => ({ kind: 'lte', value }) }),
  ]
}

/** An object whose operators must all hold. */
function conjunction(what: string, fields: readonly Field<Matcher>[]): Shape<Matcher> {
  const shape = record<Matcher>({
    what,
    fields,
    build(written) {
      const asked = fields.filter((known) => written.has(known))
      const of = asked
        .map((known) => written.get(known)?.value)
        .filter((part) => part !== undefined)
      if (asked.length === 0) return noOperator(written)
      const [only] = of
      return of.length === 1 ? only : { kind: 'all', of }
    },
  })
  return { ...shape, schema: { ...shape.schema, minProperties: 1 } }
}

/** Unknown keys have been reported already. */
function noOperator(written: Written): undefined {
  if (written.keys > 0) return undefined
  return badValue(
    written.at,
    {
      message: `${quoted(written.reading.field)} is an object without an operator.`,
      hint: 'write a value, "*" for any value, or an operator as in { gte: 1 }',
    },
    written.reading,
  )
}

const lengthShape: Shape<Matcher> = shortOr(
  mapped(wholeNumber, (value) => ({ kind: 'eq', value })),
  conjunction('a length', [...equality(wholeNumber), ...comparisons(wholeNumber)]),
)

const operators: Shape<Matcher> = conjunction('a matcher', [
  ...equality(scalar),
  ...comparisons(bound),
  operator('in', 'Equal to one of these', {
    shape: list(scalar, true),
    turn: (values) => ({ kind: 'in', values }),
  }),
  operator('glob', 'The whole text, where * stands for any characters', {
    shape: text,
    turn: (pattern) => ({ kind: 'glob', pattern }),
  }),
  operator('regex', 'An RE2 expression, found anywhere in the text unless it has ^ and $', {
    shape: regexText,
    turn: (pattern) => ({ kind: 'regex', pattern }),
  }),
  operator('template', 'The whole text, where {name} stands for one path segment', {
    shape: templateText,
    turn: (pattern) => ({ kind: 'template', pattern }),
  }),
  operator('exists', 'true: present; false: absent', {
    shape: bool,
    turn: (value) => ({ kind: 'exists', value }),
  }),
  operator('type', 'The OpenTelemetry type of the value', {
    shape: choice(TYPES),
    turn: (type) => ({ kind: 'type', type }),
  }),
  operator('contains', 'A part of a text, or an element of an array', {
    shape: scalar,
    turn: (value) => ({ kind: 'contains', value }),
  }),
  operator('length', 'Characters of a text, elements of an array, entries of a map, bytes', {
    shape: lengthShape,
    turn: (length) => ({ kind: 'length', length }),
  }),
])

const writtenValue: Shape<Scalar> = { ...scalar, expects: 'a text, a number, a boolean' }

const literal: Shape<Matcher> = mapped(writtenValue, (value, at, reading) => {
  if (value === '*') return { kind: 'present' }
  if (typeof value === 'string' && value.includes('*')) warnOfStar(value, at, reading)
  return { kind: 'eq', value }
})

function warnOfStar(value: string, at: SourceRange, reading: Reading): void {
  const written = value.length <= 60 ? JSON.stringify(value) : '"..."'
  reading.issues.push(
    doubt('text_with_star', at, {
      message: `The text ${quoted(value)} is taken literally, also its star.`,
      hint: `write { glob: ${written} } for a pattern, { eq: ${written} } for exactly this text`,
    }),
  )
}

/** The definition that `matcher` refers to. */
export const matcherShape: Shape<Matcher> = shortOr(literal, operators)
