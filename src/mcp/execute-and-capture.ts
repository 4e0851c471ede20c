import { z } from 'zod'
import type { Call } from './call.ts'
import type { ExecuteInput } from './run-call.ts'
import { runShape } from './run-shape.ts'
import { limit, MOST_FINDINGS, sessionId, shortText, specName, waitMs } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

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
    wait_ms: waitMs.optional().describe('Then answer with a handle run:ID if it still runs.'),
    ready: z
      .strictObject({
        url: shortText.optional(),
        log: shortText.optional().describe('RE2, in a line of its output.'),
        timeout_ms: z.int().min(100).max(3_600_000).optional(),
      })
      .optional()
      .describe('When a command that serves is ready to be driven; it is ended after that.'),
    drive: z
      .array(z.string().min(1).max(100_000))
      .max(50)
      .optional()
      .describe('METHOD URL BODY, or a command line.'),
    expect_exit: z.int().min(0).max(255).optional().describe('Default 0.'),
    shell: z.boolean().optional(),
    limit: limit(MOST_FINDINGS).optional().describe('Findings to show; default 8.'),
    output_lines: limit(1000).optional().describe('Lines of output to show.'),
    session_id: sessionId.optional().describe('Default: the open session.'),
  }),
  output: z.strictObject(runShape),
  effect: 'runs_commands',
  example: { command: 'npm', args: ['test'], spec: 'checkout' },
  handle: async (input, call) => ({ structured: await execute(input, call) }),
})

async function execute(
  input: ExecuteInput,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { startRun } = await import('./execute.ts')
  const { answerOf, endOf, runningAnswer } = await import('./take-up.ts')
  const interrupt = new AbortController()
  // A run that the call was not answered with ends when the call is cancelled.
  using _ = forward(call.signal, interrupt)
  const run = await startRun(input, call, interrupt)
  const end = await endOf(run, input.wait_ms, call)
  return end === undefined ? await runningAnswer(run, input.spec, call) : answerOf(end)
}

/** Until it is disposed of, the one's abort is the other's. */
function forward(from: AbortSignal, to: AbortController): Disposable {
  const abort = (): void => to.abort()
  if (from.aborted) abort()
  from.addEventListener('abort', abort)
  return { [Symbol.dispose]: () => from.removeEventListener('abort', abort) }
}
