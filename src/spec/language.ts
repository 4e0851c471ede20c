import { expectation } from './expectation.ts'
import { percentiles } from './percentiles.ts'
import { field, record } from './record.ts'
import type { Field, Written } from './record.ts'
import { appliesTo, errorCondition, forbiddenRule, ignoreRule } from './rules.ts'
import { amount, badValue, choice, list, nameText, text, wholeNumber } from './shape.ts'
import type { Shape } from './shape.ts'
import type { Expectation, Identity, SourceRange, Spec } from './spec.ts'

const schemaAddress: Field<string> = field('$schema', 'The JSON Schema, for editors', text)
const name: Field<string> = field('name', 'The name of the spec', nameText)
const description: Field<string> = field('description', 'What the spec is about', text)
const applies: Field<Identity> = field(
  'applies_to',
  'Which spans open a case; without it the entries that hold the first required span',
  appliesTo,
)

const minCases: Field<number> = field('min', 'At least so many cases in a run', wholeNumber)
const maxCases: Field<number> = field('max', 'At most so many cases in a run', wholeNumber)
const passing: Field<'all' | 'any'> = field(
  'passing',
  'Whether all cases must pass (default) or any one',
  choice<'all' | 'any'>(['all', 'any']),
)

interface Cases {
  readonly min: number | undefined
  readonly max: number | undefined
  readonly passing: 'all' | 'any'
}

const traces: Field<Cases> = field(
  'traces',
  'How many cases a run must show, and how many must pass',
  record<Cases>({
    what: '`traces`',
    fields: [minCases, maxCases, passing],
    build(written) {
      const min = written.get(minCases)
      const max = written.get(maxCases)
      if (min !== undefined && max !== undefined && min.value > max.value) {
        badValue(
          min.at,
          `The least number of cases ${min.value} is above the most ${max.value}.`,
          written.reading,
        )
      }
      return {
        min: min?.value,
        max: max?.value,
        passing: written.get(passing)?.value ?? 'all',
      }
    },
  }),
)

type UnexpectedMode = Spec['unexpectedSpans']['mode']
type ErrorMode = Spec['unexpectedErrors']['mode']

const unexpectedSpans: Field<UnexpectedMode> = field(
  'unexpected_spans',
  'What becomes of spans that nothing in the spec speaks for; report by default',
  choice<UnexpectedMode>(['ignore', 'report', 'fail']),
)
const unexpectedErrors: Field<ErrorMode> = field(
  'unexpected_errors',
  'Whether an error span that nothing expects fails the spec (default) or is reported',
  choice<ErrorMode>(['fail', 'report']),
)
const ignore: Field<Spec['ignore']> = field(
  'ignore',
  'Spans that nothing speaks for and nobody wants to hear of',
  list(ignoreRule),
)
const expectedSpans: Field<readonly Expectation[]> = field(
  'expected_spans',
  'The spans that each case must have',
  list(expectation),
)
const forbiddenSpans: Field<Spec['forbidden']> = field(
  'forbidden_spans',
  'Spans that no case may have',
  list(forbiddenRule),
)

const maxTotalMs: Field<number> = field(
  'max_total_duration_ms',
  'Latest end minus earliest start within a case, in milliseconds',
  amount,
)

const percentileBounds: Field<Spec['percentiles']> = field(
  'percentiles',
  'Limits of how long spans take over many runs',
  percentiles,
)

const performanceLimits: Field<Pick<Spec, 'maxTotalDurationMs' | 'percentiles'>> = field(
  'performance_constraints',
  'Limits of a whole case, and over many',
  record({
    what: '`performance_constraints`',
    fields: [maxTotalMs, percentileBounds],
    build: (written) => ({
      maxTotalDurationMs: written.get(maxTotalMs),
      percentiles: written.get(percentileBounds)?.value ?? [],
    }),
  }),
)
const errorConditions: Field<Spec['errorConditions']> = field(
  'error_conditions',
  'Errors that are required, allowed or forbidden',
  list(errorCondition),
)

/** The whole language: what `parseSpec` reads and what the JSON Schema says. */
export const specShape: Shape<Spec> = record({
  what: 'a spec',
  fields: [
    schemaAddress,
    name,
    description,
    applies,
    traces,
    unexpectedSpans,
    unexpectedErrors,
    ignore,
    expectedSpans,
    forbiddenSpans,
    performanceLimits,
    errorConditions,
  ],
  required: [name],
  build: buildSpec,
})

function buildSpec(written: Written): Spec | undefined {
  written.get(schemaAddress)
  const parts = readParts(written)
  const named = written.get(name)
  return named === undefined ? undefined : { name: named.value, at: named.at, ...parts(named.at) }
}

/** Everything but the name; a field that is not written stands where the name does. */
function readParts(written: Written): (fallback: SourceRange) => Omit<Spec, 'name' | 'at'> {
  const cases = written.get(traces)
  const spans = written.get(unexpectedSpans)
  const errors = written.get(unexpectedErrors)
  const applied = written.get(applies)
  const limits = written.get(performanceLimits)?.value
  const lists = {
    description: written.get(description)?.value,
    ignore: written.get(ignore)?.value ?? [],
    expected: written.get(expectedSpans)?.value ?? [],
    forbidden: written.get(forbiddenSpans)?.value ?? [],
    errorConditions: written.get(errorConditions)?.value ?? [],
  }
  return (fallback) => ({
    ...lists,
    appliesTo: applied === undefined ? undefined : { identity: applied.value, at: applied.at },
    traces: {
      ...(cases?.value ?? { min: undefined, max: undefined, passing: 'all' }),
      at: cases?.at ?? fallback,
    },
    unexpectedSpans: { mode: spans?.value ?? 'report', at: spans?.at ?? fallback },
    unexpectedErrors: { mode: errors?.value ?? 'fail', at: errors?.at ?? fallback },
    maxTotalDurationMs: limits?.maxTotalDurationMs,
    percentiles: limits?.percentiles ?? [],
  })
}
