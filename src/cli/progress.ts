import type { Output } from './io.ts'

export interface Progress extends Disposable {
  start(): void
  stop(): void
}

const firstMs = 3000

/**
 * Says on a terminal, in whole lines at growing intervals, how much has arrived while a long command runs: the command writes to
 * the same terminal, so a line that redraws itself would tear its output.
 */
export function followProgress(
  output: Output,
  counts: () => { readonly spans: number; readonly traces: number },
): Progress {
  let timer: NodeJS.Timeout | undefined
  const startedMs = performance.now()
  const say = (waitedMs: number): void => {
    timer = setTimeout(() => {
      void output.write(progressLine(counts(), performance.now() - startedMs))
      say(Math.min(waitedMs * 2, 60_000))
    }, waitedMs)
    timer.unref()
  }
  const stop = (): void => clearTimeout(timer)
  return {
    start: () => {
      if (output.isTerminal) say(firstMs)
    },
    stop,
    [Symbol.dispose]: stop,
  }
}

function progressLine(
  { spans, traces }: { readonly spans: number; readonly traces: number },
  elapsedMs: number,
): string {
  const elapsed = `${Math.round(elapsedMs / 1000)} s`
  if (spans === 0) return `tracespec: no span yet after ${elapsed}\n`
  return `tracespec: ${spans} spans, ${traces} traces after ${elapsed}\n`
}
