import { Option, type Command } from 'commander'
import { Fault } from '../trace/fault.ts'
import type { Invocation } from './invocation.ts'
import { collect } from './options.ts'

interface McpOptions {
  readonly project?: string
  readonly toolsets: string
  readonly readOnly?: boolean
  readonly allowCommands: readonly string[]
  readonly http?: boolean
}

/** `tracespec mcp`: the tools for agents, on the standard streams. */
export function defineMcp(program: Command, invocation: Invocation): void {
  program
    .command('mcp')
    .description('serve the tools for agents over MCP, on standard input and output')
    .option(
      '--project <dir>',
      'the project folder (default: CLAUDE_PROJECT_DIR, else as everywhere)',
    )
    .option('--toolsets <names>', 'core or all, with commas between', 'core')
    .option('--read-only', 'no tool that writes a spec or runs a command')
    .option(
      '--allow-commands <pattern>',
      'run only such commands, as "npm test" or "npm run *"; repeatable',
      collect,
      [],
    )
    .addOption(new Option('--http').hideHelp())
    .action(async (options: McpOptions) => {
      if (options.http === true) throw new Fault('UNSUPPORTED', '--http is not built yet')
      await serveAgents(options, invocation)
    })
}

async function serveAgents(options: McpOptions, { io, version }: Invocation): Promise<void> {
  const { checkToolsets, serve } = await import('../mcp/serve.ts')
  checkToolsets(options.toolsets.split(','))
  const { allowCommands, readOnly = false, project } = options
  const serving = serve({
    version,
    cwd: io.cwd,
    env: io.env,
    project,
    policy: { readOnly, allowCommands: allowCommands.length === 0 ? undefined : allowCommands },
    log: (line) => void io.err.write(`${line}\n`),
  })
  // Closing ends the commands of calls that are under way; the process ends when they have.
  const close = (): void => void serving.close()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, close)
  await serving.ended
}
