import { z } from 'zod'
import { boundedOf, count, sentence } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { limit, nextSteps } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const MAX_SPECS = 50

/** The specs of the project. */
export const listTraceSpecs: Tool = defineTool({
  name: 'list_trace_specs',
  title: 'List the trace specs',
  description: 'Use first, to see which specs the project has and whether they can be used.',
  input: z.strictObject({ limit: limit(1000).optional() }),
  output: z.strictObject({
    summary: sentence,
    specs: boundedOf(
      z.strictObject({
        name: z.string().nullable().describe('Null when the file cannot be read as a spec.'),
        path: z.string(),
        sha256: z.string(),
        description: z.string().nullable(),
        expectations: count,
        errors: count,
        warnings: count,
      }),
    ),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: {},
  handle: async ({ limit: most }, call) => ({ structured: await list(most ?? MAX_SPECS, call) }),
})

async function list(most: number, call: Call): Promise<Readonly<Record<string, unknown>>> {
  const { findSpecs } = await import('../app/spec-files.ts')
  const { specListOf } = await import('../app/spec-list.ts')
  const { inert } = await import('../report/sanitize.ts')
  const { plural } = await import('../report/wording/phrases.ts')
  const { cut } = await import('./verdict.ts')
  const { nextCall } = await import('./next-call.ts')
  const { nextCallWhy } = await import('../report/wording/next-call.ts')
  await using wire = await call.open()
  const { specs } = specListOf(findSpecs(wire.specFolder, []))
  const items = specs.map((spec) => ({
    ...spec,
    description: spec.description === null ? null : inert(spec.description, 120),
  }))
  const [first] = specs
  return {
    summary:
      first === undefined
        ? `There is no spec in ${wire.project.specs}/ yet; define_trace_spec writes one.`
        : `${plural(specs.length, 'spec')} in ${wire.project.specs}/, ${specs.filter((spec) => spec.errors > 0).length} of them with errors.`,
    specs: cut(items, most, `limit: ${specs.length} shows all`),
    next_steps:
      first === undefined
        ? []
        : [nextCall(nextCallWhy('see_spec'), 'get_trace_spec', { name: first.path })],
  }
}
