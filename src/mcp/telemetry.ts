import type { RequestFacts, RequestSpan, RequestSpans, RequestTrace } from './request-trace.ts'

/** Of work that belongs to no request. */
export const noTrace: RequestTrace = {
  context: undefined,
  startRun: () => ({ [Symbol.dispose]: () => undefined }),
}

/** How a request ended, of one that did not throw. */
export type ErrorTypeOf<T> = (result: T) => string | undefined

export interface Telemetry {
  readonly request: <T>(
    facts: RequestFacts,
    work: (trace: RequestTrace) => Promise<T>,
    errorTypeOf?: ErrorTypeOf<T>,
  ) => Promise<T>
  /** Sends what is not sent yet, within a bounded time. */
  readonly end: () => Promise<void>
}

export interface TelemetryOptions {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: (line: string) => void
}

/**
 * Spans of this server's own requests, by the semantic conventions of MCP. Nothing of OpenTelemetry is loaded before the first request,
 * and then only when its spans would go somewhere.
 */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const sendsTo = destination(options)
  let loaded: Promise<RequestSpans> | undefined
  const load = async (): Promise<RequestSpans> => {
    const { openRequestSpans } = await import('./request-spans.ts')
    return openRequestSpans({ version: options.version, isOwn: sendsTo === 'exporter' })
  }
  const underway = openUnderway()
  return {
    request: (facts, work, errorTypeOf = noError) => {
      if (sendsTo === 'nowhere') return work(passedOn(facts))
      const done = (loaded ??= load()).then((spans) =>
        inSpan(counted(spans.start(facts), underway), work, errorTypeOf),
      )
      underway.add(done)
      return done
    },
    end: async () => {
      await underway.settled()
      await (await loaded)?.end()
    },
  }
}

/** Spans that are open. */
interface Underway {
  readonly add: (done: Promise<unknown>) => void
  readonly settled: () => Promise<void>
}

function openUnderway(): Underway {
  const open = new Set<Promise<unknown>>()
  return {
    add: (done) => {
      const settled = done.then(noError, noError)
      open.add(settled)
      void settled.then(() => open.delete(settled))
    },
    settled: async () => {
      while (open.size > 0) await Promise.all(open)
    },
  }
}

/** A run can outlast the request that began it. */
function counted(span: RequestSpan, underway: Underway): RequestSpan {
  return {
    ...span,
    startRun: (run) => {
      const started = span.startRun(run)
      const { promise, resolve } = Promise.withResolvers<void>()
      underway.add(promise)
      return {
        [Symbol.dispose]: () => {
          started[Symbol.dispose]()
          resolve()
        },
      }
    },
  }
}

/** Who would get the spans: a provider that the process was started with, else an exporter that its variables configure. */
function destination({ env, log }: TelemetryOptions): 'provider' | 'exporter' | 'nowhere' {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return 'nowhere'
  if (Symbol.for('opentelemetry.js.api.1') in globalThis) return 'provider'
  const endpoints = [env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'], env['OTEL_EXPORTER_OTLP_ENDPOINT']]
  const exporters = (env['OTEL_TRACES_EXPORTER'] ?? 'otlp').split(',').map((name) => name.trim())
  if (endpoints.every(isUnset) || !exporters.includes('otlp')) return 'nowhere'
  const protocol = [
    env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'],
    env['OTEL_EXPORTER_OTLP_PROTOCOL'],
  ].find((value) => !isUnset(value))
  // A collector that speaks HTTP takes both encodings at one path; one that speaks gRPC takes neither.
  if (protocol === undefined || protocol.startsWith('http/')) return 'exporter'
  log(`tracespec mcp: its own spans are not sent: OTLP over ${protocol} is asked for, not HTTP`)
  return 'nowhere'
}

function isUnset(value: string | undefined): boolean {
  return value === undefined || value === ''
}

/** Without a span of ours, a command belongs to the trace of the client that asked for it. */
function passedOn({ parent }: RequestFacts): RequestTrace {
  return { ...noTrace, context: parent }
}

function noError(): undefined {
  return undefined
}

async function inSpan<T>(
  span: RequestSpan,
  work: (trace: RequestTrace) => Promise<T>,
  errorTypeOf: ErrorTypeOf<T>,
): Promise<T> {
  try {
    const result = await work(span)
    span.answered(errorTypeOf(result))
    return result
  } catch (error) {
    span.failed(error)
    throw error
  } finally {
    span.end()
  }
}
