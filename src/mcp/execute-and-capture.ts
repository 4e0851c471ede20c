import { z } from 'zod'
import { boundedOf, count, sentence, untrusted } from '../report/schema-parts.ts'
import type { Result } from '../verify/outcome.ts'
import type { Call } from './call.ts'
import type { ExecuteInput } from './execute.ts'
import {
  evidence,
  judgedSpec,
  limit,
  nextSteps,
  outcomeStatus,
  sessionId,
  sessionStatus,
  shortText,
  specName,
} from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const output = z.strictObject({
  head: z.array(untrusted),
  tail: z.array(untrusted),
  shown: count,
  omitted: count.describe('Lines between head and tail.'),
  omitted_bytes: count.describe('Beyond the lines that are counted.'),
  bytes: count,
  how: z.string().nullable(),
})

/** Runs a command, captures its spans and judges them. */
export const executeAndCapture: Tool = defineTool({
  name: 'execute_and_capture',
  title: 'Run a command and judge its trace',
  description:
    'Use after every change of the program: runs a command (a test, a script) with OpenTelemetry pointed at tracespec, captures its spans and judges them by the specs. Answers pass, fail or inconclusive with the reasons.',
  input: z.strictObject({
    command: shortText.describe('The program, as npm; with shell: true a line for /bin/sh.'),
    args: z.array(z.string().max(100_000)).max(1000).optional(),
    spec: specName.optional().describe('Spec name or path; default: all of the project.'),
    cwd: shortText.optional().describe('Folder inside the project.'),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(100_000))
      .optional()
      .describe('Added to the environment of the server.'),
    timeout_ms: z.int().min(100).max(3_600_000).optional().describe('Default 300000.'),
    expect_exit: z.int().min(0).max(255).optional().describe('Default 0.'),
    shell: z.boolean().optional(),
    limit: limit(50).optional().describe('Findings to show; default 8.'),
    output_lines: limit(1000).optional().describe('Lines of output to show.'),
    session_id: sessionId.optional().describe('Default: the open session.'),
  }),
  output: z.strictObject({
    summary: sentence,
    status: outcomeStatus,
    run: z.strictObject({
      id: z.string(),
      exit_code: z.int().nullable(),
      signal: z.string().nullable(),
      duration_ms: z.number(),
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
      })
      .optional()
      .describe('How the session stands that the run belongs to.'),
    output: z.strictObject({ stdout: output.optional(), stderr: output.optional() }),
    next_steps: nextSteps,
  }),
  effect: 'runs_commands',
  example: { command: 'npm', args: ['test'], spec: 'checkout' },
  handle: async (input, call) => ({ structured: await execute(input, call) }),
})

async function execute(
  input: ExecuteInput,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { executeAndJudge } = await import('./execute.ts')
  const { runAnswer } = await import('./run-answer.ts')
  const executed = await executeAndJudge(input, call)
  const answer = runAnswer(input, executed)
  await noteTokens(executed.result, answer, call)
  return answer
}

/** What the answer costs the agent, as a fact of its session. */
async function noteTokens({ run, session }: Result, answer: object, call: Call): Promise<void> {
  if (run === null || session === undefined) return
  const { bytesOf } = await import('./verdict.ts')
  await using wire = await call.open()
  const store = await wire.store()
  await store.setTokens(run.id, Math.ceil(bytesOf(answer) / 4))
}
