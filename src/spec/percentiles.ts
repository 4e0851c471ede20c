import { problem, quoted } from './issue.ts'
import { field, record, type Field } from './record.ts'
import { amount, list, mapped, nameText, wholeNumber, type Shape } from './shape.ts'
import type { Expectation, PercentileBound, Spec, SpecIssue } from './spec.ts'
import { nearest } from './suggest.ts'

const span: Field<string> = field(
  'span',
  'The id of the expectation whose spans are meant',
  nameText,
)
const bounds: readonly {
  readonly percentile: PercentileBound['percentile']
  readonly field: Field<number>
}[] = ([50, 90, 95, 99] as const).map((percentile) => ({
  percentile,
  field: field(
    `p${percentile}_ms`,
    `So many milliseconds at most in ${percentile} of 100 runs`,
    amount,
  ),
}))
const minRuns: Field<number> = field(
  'min_runs',
  'Undecided with fewer runs; p95 needs 59 runs to be decided at all',
  wholeNumber,
)

/** Bounds over many runs, each entry of one expectation. */
export const percentiles: Shape<readonly PercentileBound[]> = mapped(
  list(
    record<readonly PercentileBound[]>({
      what: 'a percentile',
      example: '{ span: checkout, p95_ms: 300 }',
      fields: [span, ...bounds.map((each) => each.field), minRuns],
      required: [span],
      oneAtLeast: {
        fields: bounds.map((each) => each.field),
        lacking: 'The percentile has no bound, as `p95_ms`.',
      },
      build(written) {
        const id = written.get(span)
        if (id === undefined) return undefined
        return bounds.flatMap(({ percentile, field: bound }) => {
          const max = written.get(bound)
          if (max === undefined) return []
          const least = written.get(minRuns)?.value
          return { span: id.value, percentile, maxMs: max.value, minRuns: least, at: written.at }
        })
      },
    }),
  ),
  (read) => read.flat(),
)

/** Percentiles of expectations that the spec does not have. */
export function unknownPercentiles(spec: Spec): readonly SpecIssue[] {
  const expected: Expectation[] = [...spec.expected]
  for (const { children } of expected) expected.push(...children)
  const ids = new Set(expected.map(({ id }) => id))
  return spec.percentiles
    .filter((bound) => !ids.has(bound.span))
    .map((bound) => {
      const near = nearest(bound.span, [...ids])
      return problem('unknown_id', bound.at, {
        message: `No expectation has the id ${quoted(bound.span)}.`,
        hint:
          near === undefined
            ? 'give the expectation that is meant an `id`'
            : `did you mean ${near}?`,
      })
    })
}
