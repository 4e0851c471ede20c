import { z } from 'zod'
import { boundedOf, count, place, sentence } from '../report/schema-parts.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { nextSteps } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

/** Writes a new spec, or a whole new text of one. */
export const defineTraceSpec: Tool = defineTool({
  name: 'define_trace_spec',
  title: 'Define a trace spec',
  description:
    'Use to write down which spans a feature must make, before or after it is built. Takes YAML text or an object with expected_spans (operation_name, service_name, kind, status, expected_duration_ms {min,max}, required_tags, optional_tags, count, children), forbidden_spans, error_conditions, performance_constraints. Validates first, answers every issue at its line, writes only inside the spec folder.',
  input: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^\p{C}\n]+$/u, 'one line'),
    specification: z
      .union([
        z
          .string()
          .min(1)
          .max(1024 * 1024),
        z.record(z.string(), z.unknown()),
      ])
      .describe('YAML or JSON text, or an object.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('Of the file that is replaced, from get_trace_spec.'),
  }),
  output: z.strictObject({
    summary: sentence,
    written: z.boolean(),
    path: z.string(),
    sha256: z.string(),
    expectations: count,
    weaker: boundedOf(z.strictObject({ at: place, message: sentence })).describe(
      'What the spec no longer asks for.',
    ),
    issues: boundedOf(
      z.strictObject({
        severity: z.enum(['error', 'warning']),
        at: place,
        message: sentence,
        hint: z.string().nullable(),
      }),
    ),
    next_steps: nextSteps,
  }),
  effect: 'writes_specs',
  example: {
    name: 'checkout',
    specification: {
      expected_spans: [{ operation_name: 'POST /checkout', service_name: 'shop', status: 'ok' }],
    },
  },
  handle: (input, call) => define(input, call),
})

interface Input {
  readonly name: string
  readonly specification: string | Record<string, unknown>
  readonly sha256?: string | undefined
}

async function define({ name, specification, sha256 }: Input, call: Call): Promise<Answer> {
  const { defineSpec } = await import('../app/define-spec.ts')
  const { definedAnswer } = await import('./defined-answer.ts')
  using wire = await call.open()
  const { specs } = wire.project
  const defined = defineSpec({ name, specification, sha256 }, wire.specFolder(), specs)
  return await definedAnswer(defined, { wire, name })
}
