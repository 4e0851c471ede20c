import { z } from 'zod'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { definedOutput, nextSteps, sha256, specName } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const path = z.string().min(1).max(500)

/** Changes parts of a spec. */
export const updateTraceSpec: Tool = defineTool({
  name: 'update_trace_spec',
  title: 'Change parts of a trace spec',
  description:
    'Use to change a spec in place; all other lines, comments and the order stay. Paths are as expected_spans[0].children[1].count, #ID.optional or expected_spans[+] (append). Says line by line what the spec no longer asks for.',
  input: z.strictObject({
    name: specName,
    sha256: sha256.describe('From get_trace_spec.'),
    set: z
      .array(z.strictObject({ path, value: z.unknown() }))
      .max(100)
      .optional(),
    remove: z.array(path).max(100).optional(),
  }),
  output: z.strictObject({ ...definedOutput, next_steps: nextSteps }),
  effect: 'writes_specs',
  example: {
    name: 'checkout',
    sha256: '0'.repeat(64),
    set: [{ path: 'expected_spans[0].expected_duration_ms.max', value: 500 }],
  },
  handle: (input, call) => update(input, call),
})

interface Input {
  readonly name: string
  readonly sha256: string
  readonly set?: readonly { readonly path: string; readonly value?: unknown }[] | undefined
  readonly remove?: readonly string[] | undefined
}

async function update(input: Input, call: Call): Promise<Answer> {
  const { findSpecs } = await import('../app/spec-files.ts')
  const { updateSpec } = await import('../app/update-spec.ts')
  const { definedAnswer } = await import('./defined-answer.ts')
  const { Fault } = await import('../trace/fault.ts')
  const { name, set = [], remove = [] } = input
  await using wire = await call.open()
  const [before] = findSpecs(wire.specFolder, [{ text: name, file: wire.specAt(name) }])
  if (before === undefined) throw new Fault('SPEC_NOT_FOUND', `there is no spec ${name}`)
  const edits = [
    ...set.map((edit) => ({ kind: 'set' as const, path: edit.path, value: edit.value ?? null })),
    ...remove.map((place) => ({ kind: 'remove' as const, path: place })),
  ]
  if (edits.length === 0) throw new Fault('USAGE', 'there is neither set nor remove')
  const defined = updateSpec(before, { sha256: input.sha256, edits })
  return await definedAnswer(defined, { wire, name, origin: 'update' })
}
