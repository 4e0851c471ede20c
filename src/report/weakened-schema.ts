import { z } from 'zod'
import type { Worded } from '../verify/outcome.ts'
import type { WeakenedSpec } from '../verify/session.ts'
import { sentence } from './schema-parts.ts'

const text = z.string().nullable()

const weakened = z.strictObject({
  spec: z.string(),
  code: z.enum(['removed', 'widened', 'changed', 'silenced', 'unknown']),
  at: z.string().describe('file:line:column in the spec; the file for what is unknown.'),
  label: text,
  field: z.string(),
  before: text,
  after: text,
})

/** One way in which a spec asks for less than before. */
export const weakenedSchema: z.ZodType<WeakenedSpec> = weakened.meta({ id: 'Weakened' })

/** The same with its sentence. */
export const wordedWeakenedSchema: z.ZodType<Worded<WeakenedSpec>> = weakened
  .extend({ message: sentence })
  .meta({ id: 'WordedWeakened' })
