import { finished } from 'node:stream/promises'
import { isFailedDrive, type Drive, type DriveFacts } from '../trace/drive.ts'
import { FLUSH_MS } from './ending.ts'
import type { Family } from './family.ts'
import { reasonOf, sendRequest } from './request.ts'
import { signalGroup } from './signals.ts'
import { startCommand, type CommandEnd } from './start.ts'

export interface Driving {
  /** Aborted when the driven command has ended. */
  readonly gone: AbortSignal
  /** Of the run's own span. */
  readonly traceparent: string
  readonly cwd: string
  readonly variables: Readonly<Record<string, string>>
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number]
  readonly family: Family
  readonly onDriven: (facts: DriveFacts) => void
}

/**
 * Makes the traffic, one drive after the other, until one fails or the driven command has ended; those that were begun are
 * answered. Throws COMMAND_NOT_STARTED for a command that cannot be started.
 */
export async function driveAll(
  drives: readonly Drive[],
  driving: Driving,
): Promise<readonly DriveFacts[]> {
  const done: DriveFacts[] = []
  for (const drive of drives) {
    if (driving.gone.aborted) break
    const facts = await driveOnce(drive, driving)
    done.push(facts)
    driving.onDriven(facts)
    if (isFailedDrive(facts)) break
  }
  return done
}

async function driveOnce(drive: Drive, driving: Driving): Promise<DriveFacts> {
  const startedAt = performance.now()
  // One that the end of the command does not end has a while to end by itself.
  using patience = patienceAfter(driving.gone)
  switch (drive.kind) {
    case 'command': {
      const { exitCode = null, signal = null } = await runDrive(drive.command, driving, patience)
      const durationMs = performance.now() - startedAt
      return {
        kind: 'command',
        drive: drive.written,
        duration_ms: durationMs,
        exit_code: exitCode,
        signal,
      }
    }
    case 'request': {
      const answer = await answerTo(drive, driving, patience)
      const durationMs = performance.now() - startedAt
      return { kind: 'request', drive: drive.written, duration_ms: durationMs, ...answer }
    }
  }
}

async function runDrive(
  command: readonly [string, ...string[]],
  { cwd, variables, stdio, family }: Driving,
  patience: Patience,
): Promise<CommandEnd> {
  const [, stdout, stderr] = stdio
  const started = await startCommand({
    command,
    cwd,
    variables,
    stdio: ['ignore', stdout, stderr],
  })
  family.adopt(started.pid)
  patience.over.addEventListener('abort', () => signalGroup(started.pid, 'SIGKILL'))
  return started.ended
}

async function answerTo(
  { method, url, body }: Extract<Drive, { kind: 'request' }>,
  { traceparent }: Driving,
  patience: Patience,
): Promise<{ readonly status: number | null; readonly error: string | null }> {
  try {
    const response = await sendRequest({ method, url, traceparent, body, signal: patience.over })
    response.resume()
    await finished(response)
    return { status: response.statusCode ?? null, error: null }
  } catch (error) {
    return { status: null, error: reasonOf(error) }
  }
}

interface Patience extends Disposable {
  readonly over: AbortSignal
}

function patienceAfter(gone: AbortSignal): Patience {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    timer = setTimeout(() => over.abort(), FLUSH_MS)
  }
  gone.addEventListener('abort', begin, { once: true })
  return {
    over: over.signal,
    [Symbol.dispose]: () => {
      gone.removeEventListener('abort', begin)
      clearTimeout(timer)
    },
  }
}
