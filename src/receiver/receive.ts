import type { TraceId } from '../trace/ids.ts'
import type { ForwardFacts, RunStore, TelemetrySink } from '../trace/ports.ts'
import { sortedByRun } from './by-run.ts'
import { openForwarder } from './forward.ts'
import { listen, type Receiver } from './listen.ts'
import { tapped } from './tap.ts'

/** A receiver for programs that run already. */
export interface ReceiveOptions {
  /** Each answers OTLP over HTTP and gRPC; 0 is a free one. */
  readonly ports: readonly number[]
  readonly forward: URL | undefined
  /** Spans of these traces have been kept. */
  readonly onTraces: (ids: ReadonlySet<TraceId>) => void
}

export interface Receiving {
  readonly urls: readonly string[]
  /** Spans that have arrived. */
  readonly arrived: () => number
  /** Waits for what is still to be passed on, and ends; undefined when nothing was to be. */
  readonly close: () => Promise<ForwardFacts | undefined>
}

/** What arrives belongs to the run that it names, while that runs, else to none. */
export async function receive(
  options: ReceiveOptions,
  store: TelemetrySink & Pick<RunStore, 'run'>,
): Promise<Receiving> {
  const { ports, forward, onTraces } = options
  const forwarder = forward === undefined ? undefined : openForwarder({ url: forward, headers: {} })
  const isRunning = async (id: string): Promise<boolean> => {
    const run = await store.run(id)
    return run !== undefined && run.endedAt === undefined
  }
  const sink = tapped(sortedByRun(forwarder?.through(store) ?? store, isRunning), onTraces)
  const receivers: Receiver[] = []
  try {
    for (const port of ports) receivers.push(await listen({ sink, runId: null, port }))
  } catch (error) {
    for (const receiver of receivers) await receiver[Symbol.asyncDispose]()
    throw error
  }
  return {
    urls: receivers.map(({ url }) => url),
    arrived: () => receivers.reduce((sum, receiver) => sum + receiver.facts().spans, 0),
    close: async () => {
      for (const receiver of receivers) await receiver[Symbol.asyncDispose]()
      return forwarder?.close()
    },
  }
}
