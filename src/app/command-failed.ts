import { isFailedDrive, type ServerFacts } from '../trace/drive.ts'
import type { CommandFailed } from '../verify/outcome.ts'

/** How a command ended. */
interface Ending {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly timedOut: boolean
  /** Undefined for a command that does not serve. */
  readonly server?: ServerFacts | undefined
}

/**
 * Why the command failed, the cause before what follows from it; null when it did not. An end by our own time limit is no failure
 * of the command: it is never a pass either. An end that we asked for is none, whatever its code or signal.
 */
export function commandFailed(ending: Ending, expectExit: number | 'any'): CommandFailed | null {
  const { server, timedOut } = ending
  if (timedOut) return null
  if (server?.ready_ms === null) return { code: 'ended_before_ready', ...endOf(ending) }
  if (server?.stopped !== true) {
    const wrongEnd = endedWrong(ending, expectExit)
    if (wrongEnd !== null) return wrongEnd
  }
  if (server === undefined) return null
  const failed = server.drives.find(isFailedDrive)
  if (failed !== undefined) return { code: 'drive_failed', drive: failed }
  const { drives, asked_drives: asked } = server
  if (drives.length === asked) return null
  return { code: 'ended_before_driven', ...endOf(ending), begun: drives.length, asked }
}

function endedWrong(ending: Ending, expectExit: number | 'any'): CommandFailed | null {
  const { exitCode, signal } = ending
  if (expectExit === 'any' || (signal === undefined && exitCode === expectExit)) return null
  return { code: 'command_failed', ...endOf(ending), expected: expectExit }
}

function endOf({ exitCode, signal }: Ending): {
  readonly exit_code: number | null
  readonly signal: string | null
} {
  return { exit_code: exitCode ?? null, signal: signal ?? null }
}
