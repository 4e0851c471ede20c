import { field, record } from './record.ts'
import type { Field, Written } from './record.ts'
import { badValue, bool, mapped, shortOr, wholeNumber } from './shape.ts'
import type { Count } from './spec.ts'

const min: Field<number> = field(
  'min',
  'At least so many spans; 0 when only max is written',
  wholeNumber,
)
const max: Field<number> = field(
  'max',
  'At most so many spans; unbounded when only min is written',
  wholeNumber,
)

/** How many spans an expectation wants below each parent. */
export const count: Field<Count> = field(
  'count',
  'How many spans; exactly 1 by default',
  shortOr(
    mapped(wholeNumber, (exactly) => ({ min: exactly, max: exactly })),
    record<Count>({
      what: '`count`',
      fields: [min, max],
      oneAtLeast: { fields: [min, max], lacking: '`count` has no bound.' },
      build: (written) => ({
        min: written.get(min)?.value ?? 0,
        max: written.get(max)?.value ?? Infinity,
      }),
    }),
  ),
)

export const optional: Field<boolean> = field(
  'optional',
  'true: the span may be absent, as count.min 0',
  bool,
)

export function readCount(written: Written): Count {
  const asked = written.get(count)
  const isOptional = written.get(optional)
  if (asked === undefined) return { min: isOptional?.value === true ? 0 : 1, max: 1 }
  const { value, at } = asked
  if (value.max === 0) {
    badValue(
      at,
      {
        message: 'A count of 0 forbids the span.',
        hint: 'list the span under `forbidden_spans` instead',
      },
      written.reading,
    )
  } else if (value.min > value.max) {
    badValue(at, `The least count ${value.min} is above the most ${value.max}.`, written.reading)
  }
  if (isOptional?.value === true && value.min > 0) {
    badValue(
      isOptional.at,
      {
        message: `\`optional: true\` contradicts a count of at least ${value.min}.`,
        hint: 'remove `optional`, or write `count: { max: N }`',
      },
      written.reading,
    )
  }
  return value
}
