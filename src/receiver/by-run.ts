import { splitByResource } from '../otlp/by-resource.ts'
import type { Accepted, TelemetrySink } from '../trace/ports.ts'
import { runAttribute } from '../trace/run-attribute.ts'

/**
 * On a port that many share, what names its run belongs to it while it runs. A run that has ended was judged by all that it had, and
 * what names it then, as a process that outlived it, belongs to none.
 */
export function sortedByRun(
  sink: TelemetrySink,
  isRunning: (runId: string) => Promise<boolean>,
): TelemetrySink {
  return {
    write: async (signal, protobuf, runId) => {
      const parts: Accepted[] = []
      for (const [run, part] of splitByResource(protobuf, runAttribute)) {
        const owner = run !== undefined && (await isRunning(run)) ? run : runId
        parts.push(await sink.write(signal, part, owner))
      }
      return {
        stored: parts.reduce((sum, { stored }) => sum + stored, 0),
        rejected: parts.reduce((sum, { rejected }) => sum + rejected, 0),
        message: parts.flatMap(({ message }) => (message === '' ? [] : [message])).join('; '),
      }
    },
  }
}
