import { field, record } from './record.ts'
import type { Field, Written } from './record.ts'
import { badValue, bool, mapped, shortOr, wholeNumber } from './shape.ts'
import type { Count } from './spec.ts'

const min: Field<number> = field(
  'min',
  'At least so many spans; 1 when it is not written, 0 with `optional: true`',
  wholeNumber,
)
const max: Field<number> = field(
  'max',
  'At most so many spans; unbounded when only min is written',
  wholeNumber,
)

/** As written: a minimum that is not written goes by `optional`. */
interface AskedCount {
  readonly min: number | undefined
  readonly max: number
}

/** How many spans an expectation wants below each parent. */
export const count: Field<AskedCount> = field(
  'count',
  'How many spans; exactly 1 by default',
  shortOr(
    mapped(wholeNumber, (exactly) => ({ min: exactly, max: exactly })),
    record<AskedCount>({
      what: '`count`',
      fields: [min, max],
      oneAtLeast: { fields: [min, max], lacking: '`count` has no bound.' },
      build: (written) => ({
        min: written.get(min)?.value,
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
  const least = value.min ?? (isOptional?.value === true ? 0 : 1)
  if (value.max === 0) {
    badValue(
      at,
      {
        message: 'A count of 0 forbids the span.',
        hint: 'list the span under `forbidden_spans` instead',
      },
      written.reading,
    )
  } else if (least > value.max) {
    badValue(at, `The least count ${least} is above the most ${value.max}.`, written.reading)
  }
  if (isOptional?.value === true && least > 0) {
    badValue(
      isOptional.at,
      {
        message: `\`optional: true\` contradicts a count of at least ${least}.`,
        hint: 'remove `optional`, or write `count: { max: N }` beside it',
      },
      written.reading,
    )
  }
  return { min: least, max: value.max }
}
