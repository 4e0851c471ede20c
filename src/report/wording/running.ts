import { duration, plural } from './phrases.ts'

/** A run that has not ended; what has arrived of it may be unknown. */
export interface RunningFacts {
  readonly id: string
  readonly durationMs: number
  readonly spans?: number
  readonly traces?: number
}

/** How far a run is. */
export function runningSentence({ id, durationMs, spans, traces }: RunningFacts): string {
  const after = `run:${id} still runs after ${duration(Math.round(durationMs))}`
  if (spans === undefined || traces === undefined) return `${after}.`
  return `${after}; ${plural(spans, 'span')} in ${plural(traces, 'trace')} so far.`
}
