import { z } from 'zod'
import { boundedOf, count, sentence, untrusted } from '../report/schema-parts.ts'
import { evidence, judgedSpec, nextSteps, outcomes, sessionStatus, weaker } from './schema-parts.ts'

const output = z.strictObject({
  head: z.array(untrusted),
  tail: z.array(untrusted),
  shown: count,
  omitted: count.describe('Lines between head and tail.'),
  omitted_bytes: count.describe('Beyond the lines that are counted.'),
  bytes: count,
  how: z.string().nullable(),
})

/** How a run ended, or that it has not. */
const runStatus: z.ZodType = z.enum([...outcomes, 'running'])

/** What is answered of a run. */
export const runShape: Readonly<Record<string, z.ZodType>> = {
  summary: sentence,
  status: runStatus,
  run: z.strictObject({
    id: z.string(),
    exit_code: z.int().nullable(),
    signal: z.string().nullable(),
    duration_ms: z.number(),
    server: z
      .strictObject({ ready_ms: z.number().nullable(), told: boundedOf(sentence) })
      .optional()
      .describe('How a command that serves was made ready and driven.'),
  }),
  captured: z.strictObject({
    spans: count,
    traces: count,
    roots: boundedOf(untrusted).optional(),
  }),
  specs: boundedOf(z.strictObject(judgedSpec)),
  passed: boundedOf(z.string()).optional().describe('Names of the specs that hold.'),
  not_exercised: boundedOf(z.string()).optional(),
  evidence,
  diagnosis: z
    .strictObject({ message: sentence, fix: sentence, observations: boundedOf(sentence) })
    .optional()
    .describe('Why no span came.'),
  session: z
    .strictObject({
      id: z.string(),
      status: sessionStatus,
      iterations: count,
      fixed: count,
      still_failing: count,
      flickering: count,
      weaker: weaker.optional(),
    })
    .optional()
    .describe('How the session stands that the run belongs to.'),
  output: z.strictObject({ stdout: output.optional(), stderr: output.optional() }),
  next_steps: nextSteps,
}
