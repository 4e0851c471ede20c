import { InvalidArgumentError, type Command } from 'commander'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { Wire } from '../wire.ts'
import { forwardedNote, forwardTarget } from './forward.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'

interface ServeOptions extends CommonOptions {
  readonly port: number
  readonly grpcPort: number
  readonly forward?: string
}

/** `tracespec serve`: receives from programs that run already, and lists their traces as they come to rest. */
export function defineServe(program: Command, invocation: Invocation): void {
  withCommonOptions(
    program
      .command('serve')
      .description('receive the traces of programs that run already, and list them')
      .argument('[filter]', 'list only such, as: service=shop status=error duration>100ms'),
  )
    .option('--port <number>', 'where OTLP is received; 0 takes a free one', portNumber, 4318)
    .option('--grpc-port <number>', 'a second port, for exporters of gRPC', portNumber, 4317)
    .option('--forward <jaeger|url>', 'pass everything on to another receiver as well')
    .action(async (filter: string | undefined, options: ServeOptions) => {
      await serve(filter ?? '', options, invocation)
    })
}

function portNumber(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port
  throw new InvalidArgumentError('write a port from 0 to 65535.')
}

/** A trace of which nothing came for so long is listed. */
const QUIET_MS = 1_000

async function serve(text: string, options: ServeOptions, { io }: Invocation): Promise<void> {
  const { openWire } = await import('../wire.ts')
  const { watchTraces } = await import('../app/live-traces.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const list = await listerOf(text, options, { wire, io })
  const live = watchTraces(QUIET_MS)
  const receiving = await wire.receive({
    ports: [options.port, options.grpcPort],
    forward: forwardTarget(options.forward),
    onTraces: (ids) => live.arrived(ids, performance.now()),
  })
  await io.err.write(`${startNote(receiving.urls)}\n`)
  const stopped = untilStopped()
  while (!(await stopped.within(QUIET_MS / 4))) await list(live.atRest(performance.now()))
  const forwarded = await receiving.close()
  await list(live.atRest(Infinity))
  const arrived = receiving.arrived()
  await io.err.write(
    `tracespec: ${arrived} spans came; list their traces with: tracespec traces\n${forwarded === undefined ? '' : forwardedNote(forwarded)}`,
  )
}

function startNote(urls: readonly string[]): string {
  return `tracespec: receives OTLP over HTTP and gRPC on ${urls.join(' and ')}; Ctrl-C ends`
}

type List = (ids: readonly TraceId[]) => Promise<void>

/** Writes a line for each of the traces that the filter lets through. */
async function listerOf(
  text: string,
  { json = false }: ServeOptions,
  { wire, io }: { readonly wire: Wire; readonly io: Io },
): Promise<List> {
  const { parseTraceFilter } = await import('../app/trace-filter.ts')
  const { listed } = await import('../app/trace-list.ts')
  const { keptTrace } = await import('../app/kept-trace.ts')
  const { spanMatches, summaryOf } = await import('../trace/query.ts')
  const { renderTraceLine } = await import('../report/trace-list.ts')
  const filter = { ...parseTraceFilter(text, wire.now()), limit: 1 }
  if (filter.runId !== undefined) {
    throw new Fault('USAGE', 'what is received here belongs to no run', {
      hint: 'leave out run=',
    })
  }
  const store = await wire.store()
  return async (ids) => {
    for (const traceId of ids) {
      const { spans } = await keptTrace(traceId, store)
      if (!spans.some((span) => spanMatches(filter, span))) continue
      const row = listed(summaryOf(spans, { traceId, runId: undefined }))
      await io.out.write(json ? `${JSON.stringify(row)}\n` : renderTraceLine(row, io.out.terminal))
    }
  }
}

interface Stopped {
  /** Whether a signal to stop came, or comes in this time. */
  within(ms: number): Promise<boolean>
}

function untilStopped(): Stopped {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const stopped = new Promise<true>((stop) => {
    for (const signal of signals) process.once(signal, () => stop(true))
  })
  return {
    within: async (ms) => {
      const waited = Promise.withResolvers<false>()
      const timer = setTimeout(() => waited.resolve(false), ms)
      const answer = await Promise.race([stopped, waited.promise])
      clearTimeout(timer)
      return answer
    },
  }
}
