import { count, optional, readCount } from './count.ts'
import { identityFields, labelOf, needsIdentity, readIdentity, tags } from './identity.ts'
import { problem, quoted } from './issue.ts'
import { field, record } from './record.ts'
import type { Field, Written } from './record.ts'
import { amount, badValue, choice, list, mapped, named, nameText, shortOr } from './shape.ts'
import type { Placed, Shape } from './shape.ts'
import type {
  Expectation,
  SourceRange,
  SpanExpectation,
  StatusCondition,
  TagCondition,
  TagMatch,
} from './spec.ts'

/** One expected span with what hangs below it. */
export const expectation: Shape<Expectation> = named('expectation', () => expectationShape)

const id: Field<string> = field('id', 'A name for this expectation, unique in the spec', nameText)

type Relation = SpanExpectation['relation']

const relation: Field<Relation> = field(
  'relation',
  'child (default) looks through client and producer spans that nothing expects, direct does not, descendant is any depth',
  relationShape(),
)

function relationShape(): Shape<Relation> {
  const built = choice<Relation>(['child', 'direct', 'descendant'])
  return {
    ...built,
    read(node, reading) {
      if (node.kind !== 'value' || node.value !== 'linked') return built.read(node, reading)
      reading.issues.push(
        problem('not_built', node.at, {
          message: '`relation: linked` is part of the language but not built in this version.',
          hint: 'remove it',
        }),
      )
      return undefined
    },
  }
}

interface Bounds {
  readonly minMs: number | undefined
  readonly maxMs: number | undefined
}

const minMs: Field<number> = field('min', 'At least so many milliseconds', amount)
const maxMs: Field<number> = field('max', 'At most so many milliseconds', amount)

const duration: Field<Bounds> = field(
  'expected_duration_ms',
  'How long the span may take',
  record<Bounds>({
    what: '`expected_duration_ms`',
    example: '{ max: 100 }',
    fields: [minMs, maxMs],
    oneAtLeast: { fields: [minMs, maxMs], lacking: '`expected_duration_ms` has no bound.' },
    build(written) {
      const min = written.get(minMs)
      const max = written.get(maxMs)
      if (min !== undefined && max !== undefined && min.value > max.value) {
        badValue(
          min.at,
          `The shortest duration ${min.value} is above the longest ${max.value}.`,
          written.reading,
        )
      }
      return { minMs: min?.value, maxMs: max?.value }
    },
  }),
)

const statusWord: Shape<'ok' | 'unset' | 'error'> = choice(['ok', 'unset', 'error'])

const exactStatus: Field<StatusCondition> = field(
  'eq',
  'Exactly this status code',
  mapped(statusWord, (word): StatusCondition => `exactly_${word}`),
)

const status: Field<StatusCondition> = field(
  'status',
  'ok: not an error; unset, error and { eq: ok } ask for exactly that code',
  shortOr(
    mapped(statusWord, (word): StatusCondition => (word === 'ok' ? 'ok' : `exactly_${word}`)),
    record({
      what: 'a status',
      fields: [exactStatus],
      required: [exactStatus],
      build: (written) => written.get(exactStatus)?.value,
    }),
  ),
)

const requiredTags: Field<readonly TagMatch[]> = field(
  'required_tags',
  'Tags that the span, its scope or its resource must have; "*" is any value',
  tags,
)
const optionalTags: Field<readonly TagMatch[]> = field(
  'optional_tags',
  'Tags that may be absent and must match when present',
  tags,
)
const children: Field<readonly Expectation[]> = field(
  'children',
  'The spans expected below it',
  list(expectation),
)

/** The definition that `expectation` refers to. */
export const expectationShape: Shape<Expectation> = record({
  what: 'an expectation',
  fields: [
    id,
    ...identityFields,
    relation,
    count,
    optional,
    duration,
    status,
    requiredTags,
    optionalTags,
    children,
  ],
  oneAtLeast: needsIdentity('The expectation does not say which span it expects.'),
  build: buildExpectation,
})

function buildExpectation(written: Written): Expectation {
  const identity = readIdentity(written)
  const ownId = written.get(id)
  const uniqueId = ownId?.value ?? written.reading.path
  claimId(uniqueId, ownId?.at ?? written.at, written)
  return {
    kind: 'span',
    id: uniqueId,
    label: labelOf(identity) ?? uniqueId,
    at: written.at,
    identity,
    relation: written.get(relation)?.value ?? 'child',
    count: readCount(written),
    duration: placed(written.get(duration)),
    status: conditionOf(written.get(status)),
    tags: tagConditions(written),
    children: written.get(children)?.value ?? [],
  }
}

function claimId(wanted: string, at: SourceRange, written: Written): void {
  const first = written.reading.ids.get(wanted)
  if (first === undefined) {
    written.reading.ids.set(wanted, at)
    return
  }
  written.reading.issues.push(
    problem('duplicate_id', at, {
      message: `The id ${quoted(wanted)} is used twice.`,
      hint: `it already stands in line ${first.line}`,
    }),
  )
}

function placed(bounds: Placed<Bounds> | undefined): SpanExpectation['duration'] {
  return bounds === undefined ? undefined : { ...bounds.value, at: bounds.at }
}

function conditionOf(read: Placed<StatusCondition> | undefined): SpanExpectation['status'] {
  return read === undefined ? undefined : { condition: read.value, at: read.at }
}

function tagConditions(written: Written): readonly TagCondition[] {
  const required = written.get(requiredTags)?.value ?? []
  const optionals = written.get(optionalTags)?.value ?? []
  return [
    ...required.map((tag) => ({ ...tag, optional: false })),
    ...optionals.map((tag) => ({ ...tag, optional: true })),
  ]
}
