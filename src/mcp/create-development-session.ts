import { z } from 'zod'
import { sentence } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { nextSteps, sessionId, specName } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const input = z.strictObject({
  goal: z.string().min(1).max(2000).optional(),
  specs: z.array(specName).max(50).optional().describe('Default: all of the project.'),
  end_open: z.boolean().optional().describe('End the session that is open.'),
})

/** Begins a goal that is worked on run by run. */
export const createDevelopmentSession: Tool = defineTool({
  name: 'create_development_session',
  title: 'Begin a development session',
  description:
    'Use before working towards a spec over several runs: every later run in the project is an iteration of the session.',
  input,
  output: z.strictObject({
    summary: sentence,
    session_id: sessionId,
    goal: z.string().nullable(),
    specs: z.array(z.string()),
    next_steps: nextSteps,
  }),
  effect: 'writes_sessions',
  example: { goal: 'authorize the payment before it is charged', specs: ['checkout'] },
  handle: async (asked, call) => ({ structured: await create(asked, call) }),
})

async function create(
  { goal, specs = [], end_open: endOpen }: z.output<typeof input>,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { startSession } = await import('../app/session.ts')
  const { openSpecsIn } = await import('./captures.ts')
  const { openSessionIn, runAgain } = await import('./session.ts')
  await using wire = await call.open()
  await openSpecsIn(wire, specs)
  const store = await wire.store()
  const session = await startSession(
    {
      id: wire.newSessionId(),
      goal,
      specs: specs.map((text) => wire.specAt(text)?.path ?? text),
      project: wire.project.root,
      startedAt: wire.now(),
      endsOpen: endOpen === true,
    },
    store,
  )
  const opened = await openSessionIn(wire, session.id, { iterations: 1, checks: 1 })
  return {
    summary: `Session ${session.id} has begun: every run in the project is an iteration of it.`,
    session_id: session.id,
    goal: goal ?? null,
    specs: session.specs,
    next_steps: runAgain(wire, opened, call.runs),
  }
}
