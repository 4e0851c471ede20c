import { EventEmitter } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { RunOptions, RunOutcome } from '../../src/runner/outcome.ts'
import { runCommand } from '../../src/runner/run-command.ts'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import { openEndpoint, wallClock, type Endpoint, type EndpointSort } from './endpoint.ts'

export const programs: string = fileURLToPath(
  new URL('../../fixtures/apps/programs/', import.meta.url),
)
export const sdk3: string = fileURLToPath(new URL('../../fixtures/apps/sdk3/', import.meta.url))

let count = 0

export interface Ran {
  readonly outcome: RunOutcome
  readonly endpoint: Endpoint
}

/** Runs `node ...args` in the folder of the programs against an endpoint of its own; nothing is printed. */
export function runProgram(
  args: readonly string[],
  options: Partial<Omit<RunOptions, 'endpoint'>> & Staging = {},
): Promise<Ran> {
  return runTheCommand([process.execPath, ...args], options)
}

interface Staging {
  readonly endpoint?: EndpointSort
  /** What happens while the command runs. */
  readonly during?: (scene: { readonly endpoint: Endpoint; readonly signals: EventEmitter }) => void
}

export async function runTheCommand(
  command: readonly [string, ...string[]],
  { endpoint: sort, during, ...options }: Partial<Omit<RunOptions, 'endpoint'>> & Staging = {},
): Promise<Ran> {
  const { runId = `run-${process.pid}-${(count += 1)}` } = options
  await using endpoint = await openEndpoint(runId, sort)
  const silence = openSync(devNull, 'r+')
  const signals = new EventEmitter()
  const outcome = await runCommand({
    command,
    cwd: programs,
    env: plainEnvironment(),
    endpoint: endpoint.url,
    runId,
    root: rootSpan(),
    receiver: endpoint.view,
    waitMs: 10_000,
    keepEnv: [],
    preload: true,
    stdio: [silence, silence, silence],
    signals,
    now: wallClock,
    onStarted: () => during?.({ endpoint, signals }),
    ...options,
  }).finally(() => closeSync(silence))
  return { outcome, endpoint }
}

/** The environment of the tests without what a surrounding run or test runner put there. */
export function plainEnvironment(
  extra: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const names = Object.keys(process.env).filter(
    (name) => !/^(?:OTEL_|TRACESPEC_|VITEST|TRACEPARENT|NODE_OPTIONS|TEST$)/.test(name),
  )
  return { ...Object.fromEntries(names.map((name) => [name, process.env[name]])), ...extra }
}

function rootSpan(): RunOptions['root'] {
  const traceId = parseTraceId('4bf92f3577b34da6a3ce929d0e0e4736')
  const spanId = parseSpanId('00f067aa0ba902b7')
  if (traceId === undefined || spanId === undefined) throw new Error('not ids')
  return { traceId, spanId }
}
