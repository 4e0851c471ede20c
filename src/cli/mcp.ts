import type { Command } from 'commander'
import type { ServeOptions } from '../mcp/serve.ts'
import type { Serving } from '../mcp/server.ts'
import { Fault } from '../trace/fault.ts'
import type { Invocation } from './invocation.ts'
import { collect, portNumber } from './options.ts'

interface McpOptions {
  readonly project?: string
  readonly toolsets: string
  readonly readOnly?: boolean
  readonly allowCommands: readonly string[]
  readonly http?: boolean
  readonly port?: number
}

/** `tracespec mcp`: the tools for agents, on the standard streams or on loopback. */
export function defineMcp(program: Command, invocation: Invocation): void {
  program
    .command('mcp')
    .description('serve the tools for agents over MCP, on standard input and output')
    .option(
      '--project <dir>',
      'the project folder (default: CLAUDE_PROJECT_DIR, else as everywhere)',
    )
    .option(
      '--toolsets <names>',
      'core, analysis (beside core) or all, with commas between',
      'core',
    )
    .option('--read-only', 'no tool that writes a spec or runs a command')
    .option(
      '--allow-commands <pattern>',
      'run only such commands, as "npm test" or "npm run *"; repeatable',
      collect,
      [],
    )
    .option('--http', 'serve over Streamable HTTP on loopback, to whoever has the token')
    .option('--port <number>', 'the port for --http (default: a free one)', portNumber)
    .action((options: McpOptions) => serveAgents(options, invocation))
}

async function serveAgents(options: McpOptions, { io, version }: Invocation): Promise<void> {
  const { serve } = await import('../mcp/serve.ts')
  const { toolsetsOf } = await import('../mcp/toolsets.ts')
  if (options.port !== undefined && options.http !== true) {
    throw new Fault('USAGE', '--port is for --http')
  }
  const { allowCommands, readOnly = false, project } = options
  const served: ServeOptions = {
    version,
    cwd: io.cwd,
    env: io.env,
    project,
    toolsets: toolsetsOf(options.toolsets),
    policy: { readOnly, allowCommands: allowCommands.length === 0 ? undefined : allowCommands },
    log: (line) => void io.err.write(`${line}\n`),
  }
  const serving =
    options.http === true ? await serveOnLoopback(served, options.port ?? 0) : serve(served)
  // Closing ends the commands of calls that are under way; the process ends when they have.
  const close = (): void => void serving.close()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, close)
  await serving.ended
}

/** A token that is made here is printed once, and nowhere else to be had. */
async function serveOnLoopback(options: ServeOptions, port: number): Promise<Serving> {
  const { serveLoopback } = await import('../mcp/serve.ts')
  const { checkToken, newToken, TOKEN_VARIABLE } = await import('../mcp/bearer.ts')
  const { [TOKEN_VARIABLE]: given, ...env } = options.env
  const token = given === undefined ? newToken() : checkToken(given)
  // The commands that agents run have no business with it.
  const serving = await serveLoopback({ ...options, env }, { port, token })
  const bearer = given === undefined ? token : `$${TOKEN_VARIABLE}`
  options.log(`tracespec mcp: serving ${serving.url} on loopback; for Claude Code:`)
  options.log(
    `claude mcp add --transport http tracespec ${serving.url} --header "Authorization: Bearer ${bearer}"`,
  )
  return serving
}
