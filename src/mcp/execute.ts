import { EventEmitter } from 'node:events'
import { isAllowedCommand } from '../app/allowed-command.ts'
import { withoutOwnRoot } from '../app/own-root.ts'
import { runAndJudge } from '../app/run.ts'
import { sessionToJoin } from '../app/session.ts'
import { recordIteration } from '../app/session-iteration.ts'
import { renderJson, resultOf } from '../report/json.ts'
import { Fault } from '../trace/fault.ts'
import type { RunStore } from '../trace/ports.ts'
import type { Result } from '../verify/outcome.ts'
import { ownRootOf } from '../wire.ts'
import type { Call, Policy } from './call.ts'
import { openSpecsIn } from './captures.ts'
import { openOutput, type Kept } from './program-output.ts'
import { secretValues } from './redact.ts'

/** The arguments of `execute_and_capture`. */
export interface ExecuteInput {
  readonly command: string
  readonly args?: readonly string[] | undefined
  readonly spec?: string | undefined
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly timeout_ms?: number | undefined
  readonly expect_exit?: number | undefined
  readonly shell?: boolean | undefined
  readonly limit?: number | undefined
  readonly output_lines?: number | undefined
  readonly session_id?: string | undefined
}

export interface Executed {
  readonly result: Result
  readonly stdout: Kept
  readonly stderr: Kept
  /** Values that must not be told. */
  readonly secrets: readonly string[]
}

const DEFAULT_TIMEOUT_MS = 300_000
const LATE_SPANS_MS = 10_000

/** Runs the command as `tracespec run` does, with its output kept instead of passed through. */
export async function executeAndJudge(input: ExecuteInput, call: Call): Promise<Executed> {
  const command = commandOf(input, call.policy)
  const env = input.env ?? {}
  await using wire = await call.open({ cwd: input.cwd ?? '.', env })
  const session = await sessionToJoin(input.session_id, await wire.existingStore())
  const asked = {
    traces: [],
    specs: input.spec === undefined ? (session?.specs ?? []) : [input.spec],
    common_options: [],
    run_options: input.expect_exit === undefined ? [] : ['--expect-exit', `${input.expect_exit}`],
  }
  const specs = await openSpecsIn(wire, asked.specs)
  const code = session === undefined ? undefined : await wire.codeState()
  const store = await wire.store()
  const id = wire.newRunId()
  using output = openOutput()
  using interrupts = interruptsOf(call.signal)
  await using _progress = followProgress(call, store, id)
  const judged = await runAndJudge(
    {
      id,
      version: call.version,
      command,
      cwd: wire.cwd,
      specs,
      asked,
      expectExit: input.expect_exit ?? 0,
      requireAll: false,
    },
    {
      store,
      now: wire.now,
      spans: async () => withoutOwnRoot(await store.spansOfRun(id), ownRootOf(id)),
      publish: (outcome) => renderJson(resultOf(outcome)),
      execute: (onStarted) =>
        wire.execute({
          command,
          runId: id,
          stdio: output.stdio,
          waitMs: LATE_SPANS_MS,
          timeoutMs: input.timeout_ms ?? DEFAULT_TIMEOUT_MS,
          keepEnv: [],
          preload: true,
          signals: interrupts,
          onStarted: async ({ startedAt }) => {
            output.started()
            await onStarted(startedAt)
          },
        }),
    },
  )
  const secrets = secretValues({ ...process.env, ...env })
  const strip =
    session === undefined
      ? undefined
      : await recordIteration({ session, ...judged, specs, code, cwd: wire.cwd }, store)
  const outcome = strip === undefined ? judged.outcome : { ...judged.outcome, session: strip }
  return { result: resultOf(outcome), ...(await output.read()), secrets }
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

function notAllowed(words: readonly string[], patterns: readonly string[]): Fault {
  return new Fault('USAGE', `this server does not run ${words.join(' ').slice(0, 200)}`, {
    hint: `it was started with --allow-commands for: ${patterns.join(', ')}`,
  })
}

// From the first request to end, which a program may use to flush, to the next, which ends it at once.
const GRACE_MS = 1000

/** A cancelled call ends the command as Ctrl-C does that is pressed until it helps. */
function interruptsOf(signal: AbortSignal): EventEmitter & Disposable {
  const source = new EventEmitter()
  let timer: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    source.emit('SIGTERM')
    timer ??= setInterval(interrupt, GRACE_MS)
  }
  if (signal.aborted) interrupt()
  signal.addEventListener('abort', interrupt)
  return Object.assign(source, {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      signal.removeEventListener('abort', interrupt)
    },
  })
}

const PROGRESS_MS = 1000

function followProgress(call: Call, store: RunStore, id: string): AsyncDisposable {
  const startedMs = performance.now()
  let counting: Promise<void> | undefined
  const count = async (): Promise<void> => {
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    call.progress(`${await arrived(store, id)} after ${seconds} s`)
    counting = undefined
  }
  const timer = setInterval(() => {
    counting ??= count()
  }, PROGRESS_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await counting
    },
  }
}

async function arrived(store: RunStore, id: string): Promise<string> {
  try {
    const { spans, traces } = await store.counts(id)
    return `${spans} spans in ${traces} traces`
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return 'an unknown number of spans'
  }
}
