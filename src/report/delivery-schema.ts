import { z } from 'zod'
import type { Worded } from '../verify/outcome.ts'
import type { Delivery } from '../verify/delivery.ts'
import { boundedOf, count, sentence, untrusted } from './schema-parts.ts'
import { spanRefSchema } from './spec-result-schema.ts'

/** What a backend has of what a run sent. */
export const deliverySchema: z.ZodType<Worded<Delivery>> = z
  .strictObject({
    source: z.string(),
    status: z.enum(['pass', 'fail', 'inconclusive']),
    sent: count,
    arrived: count,
    waited_ms: z.number(),
    lost: boundedOf(spanRefSchema),
    changed: boundedOf(z.strictObject({ span: spanRefSchema, changes: z.array(untrusted) })),
    late: boundedOf(spanRefSchema).describe('There, but not at the first time of asking.'),
    traces_left_out: count,
    problem: untrusted.nullable().describe('Why the backend could not be asked at last.'),
    message: sentence,
  })
  .meta({ id: 'Delivery' })
