import type { Command } from 'commander'
import type { ServerPlan } from '../trace/drive.ts'
import { collect, durationMs } from './options.ts'

/** Options of a command that serves. */
export interface ServerOptions {
  readonly readyUrl?: string
  readonly readyLog?: string
  readonly readyTimeout?: number
  readonly drive: readonly string[]
}

export function withServerOptions(command: Command): Command {
  return command
    .option(
      '--ready-url <url>',
      'the command serves, and is ready when GET of this URL gives a status below 500 (redirects are not followed; spans of these requests are left out)',
    )
    .option(
      '--ready-log <regex>',
      'the command serves, and is ready when a line of its output matches (RE2; its output then goes through a pipe)',
    )
    .option('--ready-timeout <duration>', 'the longest wait until ready (default: 30s)', durationMs)
    .option(
      '--drive <drive>',
      "what makes traffic when ready: 'METHOD URL [BODY]', sent in the trace of the run, or a command line, split at blanks and quotes without a shell; repeatable, in order",
      collect,
      [],
    )
}

/** The plan that the options write; undefined for a command that does not serve. A Fault USAGE for what cannot be meant. */
export async function serverOf(options: ServerOptions): Promise<ServerPlan | undefined> {
  const { readyUrl, readyLog, readyTimeout: readyTimeoutMs, drive: drives } = options
  // Most commands do not serve, and need not wait for what these options need.
  if (serverAsked(options).length === 0) return undefined
  const { serverPlan } = await import('../app/server-plan.ts')
  return serverPlan({ readyUrl, readyLog, readyTimeoutMs, drives })
}

/** The same options again, as they were written. */
export function serverAsked(options: ServerOptions): readonly string[] {
  const { readyUrl, readyLog, readyTimeout, drive } = options
  return [
    ...(readyUrl === undefined ? [] : ['--ready-url', readyUrl]),
    ...(readyLog === undefined ? [] : ['--ready-log', readyLog]),
    ...(readyTimeout === undefined ? [] : ['--ready-timeout', `${readyTimeout}ms`]),
    ...drive.flatMap((written) => ['--drive', written]),
  ]
}
