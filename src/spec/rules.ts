import { identityFields, labelOf, needsIdentity, readIdentity } from './identity.ts'
import { matcher } from './matcher-shape.ts'
import { field, record } from './record.ts'
import type { Field } from './record.ts'
import { bool, choice, text } from './shape.ts'
import type { Shape } from './shape.ts'
import type { ErrorCondition, ForbiddenRule, Identity, IgnoreRule, Matcher } from './spec.ts'

/** Which spans open a case. */
export const appliesTo: Shape<Identity> = record({
  what: '`applies_to`',
  fields: identityFields,
  oneAtLeast: needsIdentity('`applies_to` does not say which spans open a case.'),
  build: readIdentity,
})

const errors: Field<boolean> = field('errors', 'true: silences error spans too', bool)

export const ignoreRule: Shape<IgnoreRule> = record({
  what: 'an ignore rule',
  fields: [...identityFields, errors],
  oneAtLeast: needsIdentity('The rule does not say which spans to ignore.'),
  build: (written) => ({
    at: written.at,
    identity: readIdentity(written),
    errors: written.get(errors)?.value ?? false,
  }),
})

const reason: Field<string> = field('reason', 'Why, for the report', text)

export const forbiddenRule: Shape<ForbiddenRule> = record({
  what: 'a forbidden span',
  fields: [...identityFields, reason],
  oneAtLeast: needsIdentity('The rule does not say which spans it forbids.'),
  build(written) {
    const identity = readIdentity(written)
    return {
      at: written.at,
      label: labelOf(identity) ?? written.reading.path,
      identity,
      reason: written.get(reason)?.value,
    }
  },
})

type Expect = ErrorCondition['expect']

const exceptionType: Field<Matcher> = field(
  'exception.type',
  'The type of the exception, from its event or else error.type',
  matcher,
)
const expect: Field<Expect> = field(
  'expect',
  'required: the error must be there; allowed (default): it may; forbidden: it must not',
  choice<Expect>(['required', 'allowed', 'forbidden']),
)

export const errorCondition: Shape<ErrorCondition> = record({
  what: 'an error condition',
  fields: [...identityFields, exceptionType, expect],
  oneAtLeast: {
    fields: [...identityFields, exceptionType],
    lacking: 'The error condition does not say which errors it is about.',
  },
  build(written) {
    const identity = readIdentity(written)
    return {
      at: written.at,
      label: labelOf(identity) ?? written.reading.path,
      identity,
      exceptionType: written.get(exceptionType)?.value,
      expect: written.get(expect)?.value ?? 'allowed',
    }
  },
})
