import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { delimiter, join, resolve } from 'node:path'
import { Fault } from '../trace/fault.ts'
import type { RunOptions } from './outcome.ts'

/** A command that runs. */
export interface StartedCommand {
  readonly pid: number
  readonly ended: Promise<CommandEnd>
  /** Null unless it was asked for as a pipe. */
  readonly stdout: Readable | null
  readonly stderr: Readable | null
}

/** How the operating system says that the command ended; exactly one of the two is set. */
export interface CommandEnd {
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
}

type Start = Pick<RunOptions, 'command' | 'cwd'> & {
  readonly variables: Readonly<Record<string, string>>
  readonly stdio: readonly (number | 'ignore' | 'pipe')[]
}

/**
 * Starts the command in a session and process group of its own, from its argument list and without a shell.
 * Throws COMMAND_NOT_STARTED when the system cannot start it.
 */
export async function startCommand(start: Start): Promise<StartedCommand> {
  refuseMissingFolder(start.cwd)
  const child = spawnCommand(start)
  const ended = commandEnd(child)
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw notStarted(start, error)
  }
  if (child.pid === undefined) throw notStarted(start, undefined)
  return { pid: child.pid, ended, stdout: child.stdout, stderr: child.stderr }
}

function spawnCommand(start: Start): ChildProcess {
  const [program, ...args] = start.command
  try {
    return spawn(program, args, {
      cwd: start.cwd,
      env: start.variables,
      stdio: [...start.stdio],
      detached: true,
    })
  } catch (error) {
    throw notStarted(start, error)
  }
}

function commandEnd(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolveEnd) => {
    child.once('exit', (code, signal) =>
      resolveEnd({ exitCode: code ?? undefined, signal: signal ?? undefined }),
    )
  })
}

function refuseMissingFolder(cwd: string): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new Fault('COMMAND_NOT_STARTED', `the folder ${cwd} does not exist`)
}

function notStarted(start: Start, cause: unknown): Fault {
  const [program] = start.command
  const { message, hint } = explain(start, cause)
  return new Fault('COMMAND_NOT_STARTED', `${program} cannot be started: ${message}`, {
    hint,
    cause,
  })
}

function explain(start: Start, cause: unknown): { message: string; hint: string } {
  const [program] = start.command
  const path = findProgram(start)
  if (program.includes(' ') && path === undefined) {
    return {
      message: 'there is no program of that name',
      hint: 'give the program and its arguments as separate words, without quotes around all of them',
    }
  }
  if (path === undefined) {
    return {
      message: program.includes('/') ? 'there is no such file' : 'it is not in any folder of PATH',
      hint: 'check the spelling; a program of the project may need its path, or `npx` before it',
    }
  }
  if (path.isDirectory) {
    return { message: 'it is a folder', hint: 'name the program to run, as `node app.js`' }
  }
  if (errorCode(cause) === 'EACCES') {
    return {
      message: 'it is not executable',
      hint: `run it with its interpreter, as \`node ${program}\`, or make it executable with chmod +x`,
    }
  }
  return {
    message: errorCode(cause) ?? 'the system refused it',
    hint: 'run the command without tracespec to see what is wrong with it',
  }
}

/** Where the program would be found: its own path when it has a slash, else the first in PATH. */
function findProgram(start: Start): { readonly isDirectory: boolean } | undefined {
  const [program] = start.command
  const folders = (start.variables['PATH'] ?? '').split(delimiter)
  const candidates = program.includes('/')
    ? [resolve(start.cwd, program)]
    : folders.map((folder) => join(resolve(start.cwd, folder), program))
  for (const candidate of candidates) {
    const found = statSync(candidate, { throwIfNoEntry: false })
    if (found !== undefined) return { isDirectory: found.isDirectory() }
  }
  return undefined
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
