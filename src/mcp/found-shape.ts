import { z } from 'zod'
import { boundedOf, count, sentence, untrusted } from '../report/schema-parts.ts'
import { nextSteps } from './schema-parts.ts'

const match = z.strictObject({
  span_id: z.string(),
  name: untrusted,
  duration_ms: z.number(),
  status: z.string(),
})

const found = boundedOf(
  z.strictObject({
    trace_id: z.string(),
    root: untrusted,
    service: untrusted,
    started_at: z.string(),
    duration_ms: z.number(),
    spans: count,
    errors: count,
    services: boundedOf(untrusted),
    run: z.string().nullable(),
    matches: boundedOf(match).optional().describe('The spans that meet the query.'),
  }),
)

/** What is answered of a search. */
export const foundShape: Readonly<Record<string, z.ZodType>> = {
  summary: sentence,
  traces: found.extend({
    omitted: count.nullable().describe('Null when a backend cannot tell, as total.'),
    total: count.nullable(),
    cut_at: count.optional().describe('A backend gave only so many traces to choose from.'),
  }),
  next_cursor: z.string().nullable(),
  next_steps: nextSteps,
}
