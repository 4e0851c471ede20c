import { isAllowedCommand } from '../app/allowed-command.ts'
import { serverPlan, type ServerWords } from '../app/server-plan.ts'
import type { ServerPlan } from '../trace/drive.ts'
import { Fault } from '../trace/fault.ts'
import type { Policy } from './call.ts'
import type { ExecuteInput } from './run-call.ts'

/** What a run does: its command, and for one that serves how it is made ready and driven. */
export interface RunPlan {
  readonly command: readonly [string, ...string[]]
  readonly server: ServerPlan | undefined
}

/** The plan that the arguments write; a Fault for what cannot be meant or is not allowed here. */
export function runPlan(input: ExecuteInput, policy: Policy): RunPlan {
  const command = commandOf(input, policy)
  const { ready, drive = [] } = input
  const written = {
    readyUrl: ready?.url,
    readyLog: ready?.log,
    readyTimeoutMs: ready?.timeout_ms,
    drives: drive,
  }
  const server = serverPlan(written, words)
  if (server !== undefined) refuseDrives(server, policy)
  return { command, server }
}

const words: ServerWords = {
  readyUrl: 'ready.url',
  readyLog: 'ready.log',
  drive: 'drive',
  example:
    '{"command": "npm", "args": ["start"], "ready": {"url": "http://localhost:3000"}, "drive": ["GET http://localhost:3000/"]}',
}

function commandOf(
  { command, args = [], shell = false }: ExecuteInput,
  { allowCommands }: Policy,
): readonly [string, ...string[]] {
  const words = [command, ...args] as const
  if (!shell) {
    if (allowCommands === undefined || isAllowedCommand(words, allowCommands)) return words
    throw notAllowed(words, allowCommands)
  }
  if (args.length > 0) {
    throw new Fault('USAGE', 'a shell takes its whole line as command, and no args')
  }
  // What a line does cannot be told from its first words.
  if (allowCommands !== undefined) throw notAllowed(['a shell'], allowCommands)
  return ['/bin/sh', '-c', command]
}

/** What drives a command is run and sent here too: where commands are limited, a request stays on this machine. */
function refuseDrives({ ready, drives }: ServerPlan, { allowCommands }: Policy): void {
  if (allowCommands === undefined) return
  for (const drive of drives) {
    if (drive.kind === 'request') refuseRemote(drive.url, allowCommands)
    else if (!isAllowedCommand(drive.command, allowCommands)) {
      throw notAllowed(drive.command, allowCommands)
    }
  }
  for (const sign of ready) if (sign.kind === 'url') refuseRemote(sign.url, allowCommands)
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

function refuseRemote({ hostname, host }: URL, patterns: readonly string[]): void {
  if (LOOPBACK.test(hostname)) return
  throw notAllowed([`requests to ${host}`], patterns)
}

function notAllowed(words: readonly string[], patterns: readonly string[]): Fault {
  return new Fault('USAGE', `this server does not run ${words.join(' ').slice(0, 200)}`, {
    hint: `--allow-commands, or mcp: in tracespec.yaml, allows: ${patterns.join(', ')}`,
  })
}

/** The options that the same run needs in a terminal, beside its specs. */
export function runOptionsOf(input: ExecuteInput): readonly string[] {
  const { expect_exit: exit, timeout_ms: timeoutMs, ready, drive = [] } = input
  return [
    ...option('--timeout', timeoutMs, 'ms'),
    ...option('--expect-exit', exit),
    ...option('--ready-url', ready?.url),
    ...option('--ready-log', ready?.log),
    ...option('--ready-timeout', ready?.timeout_ms, 'ms'),
    ...drive.flatMap((written) => ['--drive', written]),
  ]
}

function option(
  name: string,
  value: string | number | undefined,
  unit: string = '',
): readonly string[] {
  return value === undefined ? [] : [name, `${value}${unit}`]
}

/** The arguments that these options stand for. */
export function inputOfOptions(options: readonly string[]): Omit<ExecuteInput, 'command'> {
  const [exit] = valuesOf(options, '--expect-exit')
  const [timeout] = valuesOf(options, '--timeout')
  const [url] = valuesOf(options, '--ready-url')
  const [log] = valuesOf(options, '--ready-log')
  const [readyTimeout] = valuesOf(options, '--ready-timeout')
  const drive = valuesOf(options, '--drive')
  const ready = {
    ...(url === undefined ? {} : { url }),
    ...(log === undefined ? {} : { log }),
    ...(readyTimeout === undefined ? {} : { timeout_ms: Number.parseInt(readyTimeout, 10) }),
  }
  return {
    ...(exit === undefined || exit === 'any' ? {} : { expect_exit: Number(exit) }),
    ...(timeout === undefined ? {} : { timeout_ms: Number.parseInt(timeout, 10) }),
    ...(Object.keys(ready).length === 0 ? {} : { ready }),
    ...(drive.length === 0 ? {} : { drive }),
  }
}

/** The values of an option that may be repeated. */
export function valuesOf(options: readonly string[], name: string): readonly string[] {
  return options.filter((_, at) => options[at - 1] === name)
}
