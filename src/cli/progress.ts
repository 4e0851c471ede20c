import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../trace/fault.ts'
import type { TelemetryCounts } from '../trace/ports.ts'
import type { Output } from './io.ts'

export interface Progress extends AsyncDisposable {
  start(): void
}

const firstMs = 3000
const longestMs = 60_000

/**
 * Says on a terminal, in whole lines at growing intervals, how much has arrived while a long command runs: the command writes to
 * the same terminal, so a line that redraws itself would tear its output.
 */
export function followProgress(output: Output, counts: () => Promise<TelemetryCounts>): Progress {
  const over = new AbortController()
  const startedMs = performance.now()
  let followed = Promise.resolve()
  const follow = async (): Promise<void> => {
    for (
      let waitMs = firstMs;
      await passes(waitMs, over.signal);
      waitMs = Math.min(waitMs * 2, longestMs)
    ) {
      await output.write(await progressLine(counts, performance.now() - startedMs))
    }
  }
  return {
    start: () => {
      if (output.isTerminal) followed = follow()
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await followed
    },
  }
}

/** True when the time passed, false when it was over before. */
async function passes(ms: number, over: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal: over, ref: false })
    return true
  } catch (error) {
    if (over.aborted) return false
    throw error
  }
}

async function progressLine(
  counts: () => Promise<TelemetryCounts>,
  elapsedMs: number,
): Promise<string> {
  const elapsed = `${Math.round(elapsedMs / 1000)} s`
  try {
    const { spans, traces } = await counts()
    if (spans === 0) return `tracespec: no span yet after ${elapsed}\n`
    return `tracespec: ${spans} spans, ${traces} traces after ${elapsed}\n`
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { visible } = await import('../report/sanitize.ts')
    return `tracespec: after ${elapsed} it is not known how much came: ${visible(error.message)}\n`
  }
}
