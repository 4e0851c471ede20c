import { traceIdsOf } from '../otlp/trace-ids.ts'
import type { TraceId } from '../trace/ids.ts'
import type { TelemetrySink } from '../trace/ports.ts'

/** The same sink, which tells of every trace that spans were committed of. */
export function tapped(
  sink: TelemetrySink,
  onTraces: (ids: ReadonlySet<TraceId>) => void,
): TelemetrySink {
  return {
    write: async (signal, protobuf, runId) => {
      const accepted = await sink.write(signal, protobuf, runId)
      if (signal === 'traces' && accepted.stored > 0) onTraces(traceIdsOf(protobuf))
      return accepted
    },
  }
}
