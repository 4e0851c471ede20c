import { z } from 'zod'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { definedOutput, nextSteps, sha256 } from './schema-parts.ts'
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
    sha256: sha256.optional().describe('Of the file that is replaced, from get_trace_spec.'),
  }),
  output: z.strictObject({ ...definedOutput, next_steps: nextSteps }),
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

async function define(input: Input, call: Call): Promise<Answer> {
  const { defineSpec } = await import('../app/define-spec.ts')
  const { definedAnswer } = await import('./defined-answer.ts')
  await using wire = await call.open()
  const { specs } = wire.project
  const definition = { ...input, sha256: input.sha256 }
  const defined = defineSpec(definition, wire.specFolder(), specs)
  return await definedAnswer(defined, { wire, name: input.name, origin: 'define' })
}
