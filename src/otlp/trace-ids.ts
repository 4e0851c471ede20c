import { parseTraceId, type TraceId } from '../trace/ids.ts'
import { scanRequest, traceIdAt } from './scan.ts'

/** The traces of which an ExportTraceServiceRequest has spans; a Fault TRACE_INVALID when it is none. */
export function traceIdsOf(request: Uint8Array): ReadonlySet<TraceId> {
  const ids = new Set<TraceId>()
  for (const { items } of scanRequest(request).groups.flatMap(({ scopes }) => scopes)) {
    for (let at = 0; at < items.length; at += 2) {
      const id = traceIdAt(request, items[at] ?? 0, items[at + 1] ?? 0)
      if (id === -1) continue
      const hex = Array.from(request.subarray(id, id + 16), (byte) =>
        byte.toString(16).padStart(2, '0'),
      )
      const parsed = parseTraceId(hex.join(''))
      if (parsed !== undefined) ids.add(parsed)
    }
  }
  return ids
}
