import { lossless } from '../trace/losses.ts'
import type { RunStore } from '../trace/ports.ts'
import type { TraceSource } from '../trace/source.ts'

/** What was captured, read as from any other source. */
export function storeSource(store: Pick<RunStore, 'spansOfTrace' | 'search'>): TraceSource {
  return {
    capabilities: {
      kind: 'store',
      losses: lossless,
      pushesDown: ['service', 'operation', 'time', 'duration', 'status', 'attributes'],
      needsService: false,
    },
    async trace(id, signal) {
      signal?.throwIfAborted()
      const spans = await store.spansOfTrace(id)
      return spans.length === 0 ? undefined : { spans, losses: lossless, cut: undefined }
    },
    async search(query, signal) {
      signal?.throwIfAborted()
      return store.search(query)
    },
  }
}
