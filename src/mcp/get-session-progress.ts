import { z } from 'zod'
import { boundedOf, count, sentence, untrusted } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { limit, nextSteps, sessionId, sessionStatus, weaker } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const checks = boundedOf(untrusted).optional()

const iteration = z.strictObject({
  ordinal: count,
  run: z.string(),
  status: z.string(),
  change: z.string().describe('Whether the change before it helped.'),
  failing: count.describe('The distance to green.'),
  undecided: count,
  commit: z.string().nullable(),
  dirty: boundedOf(untrusted).optional(),
  duration_ms: z.number(),
  tokens: count.optional(),
  fixed: checks,
  new: checks,
  still_failing: checks,
  flickering: checks.describe('Failed and passed with the same code.'),
  no_longer_asked: checks,
  specs_changed: z.array(z.string()).optional(),
  weaker: weaker.optional(),
})

/** How a session goes. */
export const getSessionProgress: Tool = defineTool({
  name: 'get_session_progress',
  title: 'See how a session goes',
  description:
    'Use to see whether the changes help: per run what was fixed, is new, still fails or flickers, and how far green is.',
  input: z.strictObject({
    session_id: sessionId.optional().describe('Default: the open one.'),
    limit: limit(100).optional().describe('Newest runs; default 5.'),
  }),
  output: z.strictObject({
    summary: sentence,
    session_id: sessionId,
    status: sessionStatus,
    totals: z.strictObject({
      iterations: count,
      fixed: count,
      still_failing: count,
      flickering: count,
      weakened: count.describe('Places in which the specs came to ask for less.'),
      undecided: count,
      duration_ms: z.number(),
      tokens: count.nullable(),
    }),
    iterations: boundedOf(iteration),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: {},
  handle: async ({ session_id: id, limit: most }, call) => ({
    structured: await progress(id, most ?? 5, call),
  }),
})

const MAX_CHECKS = 5

async function progress(
  id: string | undefined,
  most: number,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { progressAnswer } = await import('./session-answer.ts')
  const { openSessionIn } = await import('./session.ts')
  await using wire = await call.open()
  const opened = await openSessionIn(wire, id, { iterations: most, checks: MAX_CHECKS })
  return await progressAnswer(wire, opened, call)
}
