import { z } from 'zod'
import { boundedOf, place, sentence, untrusted } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { limit, nextSteps, sessionId, sessionStatus } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const step = z.strictObject({
  code: z.string(),
  message: sentence,
  spec: z.string().optional(),
  at: place.optional(),
  source: z.string().optional().describe('A file of the project.'),
  line: z.int().nullable().optional(),
  told_by: z.enum(['code_attributes', 'stack_trace']).optional(),
  consequences: boundedOf(untrusted).optional().describe('Expected to go away with it.'),
  trace_id: z.string().optional(),
  span_id: z.string().optional(),
})

/** What to do next in a session. */
export const suggestNextSteps: Tool = defineTool({
  name: 'suggest_next_steps',
  title: 'See what to do next',
  description:
    'Use when a run in a session fails: what to repair, root causes first, each with its evidence and, where it is known, the source line. When green it names what the specs do not cover.',
  input: z.strictObject({
    session_id: sessionId.optional().describe('Default: the open one.'),
    limit: limit(50).optional().describe('Default 5.'),
  }),
  output: z.strictObject({
    summary: sentence,
    session_id: sessionId,
    status: sessionStatus,
    steps: boundedOf(step),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: {},
  handle: async ({ session_id: id, limit: most }, call) => ({
    structured: await suggest(id, most ?? 5, call),
  }),
})

async function suggest(
  id: string | undefined,
  most: number,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { stepsAnswer } = await import('./session-answer.ts')
  const { openSessionIn } = await import('./session.ts')
  await using wire = await call.open()
  const opened = await openSessionIn(wire, id, { iterations: 1, checks: 1 })
  return await stepsAnswer(wire, opened, { steps: await opened.steps(), most, call })
}
