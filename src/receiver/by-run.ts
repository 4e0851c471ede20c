import { splitByResource } from '../otlp/by-resource.ts'
import type { Accepted, TelemetrySink } from '../trace/ports.ts'
import { runAttribute } from '../trace/run-attribute.ts'

/** On a port that many share, what names its run belongs to it. */
export function sortedByRun(sink: TelemetrySink): TelemetrySink {
  return {
    write: async (signal, protobuf, runId) => {
      const parts: Accepted[] = []
      for (const [run, part] of splitByResource(protobuf, runAttribute)) {
        parts.push(await sink.write(signal, part, run ?? runId))
      }
      return {
        stored: parts.reduce((sum, { stored }) => sum + stored, 0),
        rejected: parts.reduce((sum, { rejected }) => sum + rejected, 0),
        message: parts.flatMap(({ message }) => (message === '' ? [] : [message])).join('; '),
      }
    },
  }
}
