import type { TraceId } from '../trace/ids.ts'

/** Tells when the traces that arrive have come to rest. */
export interface LiveTraces {
  arrived(ids: Iterable<TraceId>, atMs: number): void
  /** Traces of which nothing has come for a while, each once for every time that it came to rest. */
  atRest(nowMs: number): readonly TraceId[]
}

/** How many traces are watched at once; what comes beyond is listed by `tracespec traces`. */
const MAX_WATCHED = 10_000

/** `quietMs` without a span is rest. */
export function watchTraces(quietMs: number): LiveTraces {
  const lastMs = new Map<TraceId, number>()
  return {
    arrived(ids, atMs) {
      for (const id of ids) if (lastMs.has(id) || lastMs.size < MAX_WATCHED) lastMs.set(id, atMs)
    },
    atRest(nowMs) {
      const rested = [...lastMs].filter(([, ms]) => nowMs - ms >= quietMs).map(([id]) => id)
      for (const id of rested) lastMs.delete(id)
      return rested
    },
  }
}
