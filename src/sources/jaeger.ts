import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { Losses } from '../trace/losses.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import { nanosOf } from '../trace/time.ts'
import type { Endpoint } from './endpoint.ts'
import { shownUrl } from './http-faults.ts'
import { openHttp, type HttpClient } from './http.ts'
import { jaegerFault } from './jaeger-faults.ts'
import { jaegerJsonLosses } from './jaeger-json.ts'
import { isLegacy, jaegerLegacy } from './jaeger-legacy.ts'
import { searchJaeger } from './jaeger-search.ts'
import { isV3, jaegerV3 } from './jaeger-v3.ts'
import type { JaegerWay } from './jaeger-way.ts'

/** How Jaeger is asked: `http` and `grpc` take the newest version that the server has. */
export type JaegerProtocol = 'http' | 'http-v3' | 'http-legacy' | 'grpc' | 'grpc-v3' | 'grpc-v2'

export interface JaegerOptions {
  /** By the scheme of the URL when not given: `grpc` for `grpc:` and `grpcs:`, else `http`. */
  readonly protocol?: JaegerProtocol | undefined
  /** Milliseconds since the epoch, for searches without a time; the clock of the machine when not given. */
  readonly now?: () => number
}

/**
 * Traces of a Jaeger server, raw: as they are stored. Headers with tenant and credentials are the endpoint's; archived traces come
 * by their id like others.
 */
export function openJaeger(
  endpoint: Endpoint,
  options: JaegerOptions = {},
): TraceSource & Disposable {
  const { now = Date.now } = options
  const isGrpc = /^grpcs?:$/.test(endpoint.url.protocol)
  const protocol = options.protocol ?? (isGrpc ? 'grpc' : 'http')
  const connection = protocol.startsWith('grpc')
    ? overGrpc(endpoint, protocol)
    : overHttp(endpoint, protocol)
  let known: JaegerWay | undefined
  const wayOf = async (signal: AbortSignal | undefined): Promise<JaegerWay> => {
    known ??= await connection.way(signal)
    return known
  }
  return {
    /** Before the first answer, the most that any way loses. */
    get capabilities() {
      return capabilitiesOf(known?.losses ?? jaegerJsonLosses)
    },
    trace: async (id, signal) => readTrace(await wayOf(signal), id, { signal, endpoint }),
    async search(query, signal) {
      const at = nanosOf(BigInt(now()) * 1_000_000n)
      return searchJaeger(query, { way: await wayOf(signal), now: at, signal })
    },
    ...(!protocol.startsWith('grpc') && {
      page: (id: TraceId) => `${shownUrl(endpoint.url).replace(/\/$/, '')}/trace/${id}`,
    }),
    [Symbol.dispose]: () => connection.close(),
  }
}

function capabilitiesOf(losses: Losses): TraceSource['capabilities'] {
  return {
    kind: 'jaeger',
    losses,
    // what a status is called differs by storage
    pushesDown: ['service', 'operation', 'time', 'duration', 'attributes'],
    // where the storage wants one, all of them are asked for
    needsService: false,
  }
}

interface Reading {
  readonly signal: AbortSignal | undefined
  readonly endpoint: Endpoint
}

async function readTrace(
  way: JaegerWay,
  id: TraceId,
  { signal, endpoint }: Reading,
): Promise<SourceTrace | undefined> {
  const { spans, losses, cut } = await way.trace(id, signal)
  const other = spans.find(({ traceId }) => traceId !== id)
  if (other !== undefined) {
    throw new Fault(
      'SOURCE_INVALID',
      `${endpoint.url.host} answered with spans of trace ${other.traceId}`,
      {
        hint: `asked for was ${id}; what stands between here and Jaeger?`,
      },
    )
  }
  if (spans.length > 0) return { spans, losses, cut }
  if (cut === undefined) return undefined
  throw new Fault('SOURCE_INVALID', `${endpoint.url.host} answered with no more than ${cut}`)
}

interface Connection {
  way(signal: AbortSignal | undefined): Promise<JaegerWay>
  close(): void
}

function overHttp(endpoint: Endpoint, protocol: JaegerProtocol): Connection {
  const http = openHttp(endpoint)
  const way = async (signal: AbortSignal | undefined): Promise<JaegerWay> => {
    if (protocol === 'http-v3') return jaegerV3(http)
    return protocol === 'http-legacy' ? jaegerLegacy(http) : newestOverHttp(http, signal)
  }
  return { way, close: () => http[Symbol.dispose]() }
}

/** An old server answers what it does not know with 404 or with its page. */
async function newestOverHttp(
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<JaegerWay> {
  const answer = await http.get('/api/v3/services', { signal })
  if (isV3(answer)) return jaegerV3(http)
  const old = await http.get('/api/services', { signal })
  if (isLegacy(old)) return jaegerLegacy(http)
  throw jaegerFault(answer.from, { code: answer.status, message: '' })
}

/** The library is loaded by those who need it. */
function overGrpc(given: Endpoint, protocol: JaegerProtocol): Connection {
  const endpoint = { ...given, url: withPort(given.url) }
  let close = (): void => undefined
  const way = async (signal: AbortSignal | undefined): Promise<JaegerWay> => {
    const { openGrpc } = await import('./grpc.ts')
    const { jaegerGrpcV2, jaegerGrpcV3 } = await import('./jaeger-grpc.ts')
    const grpc = openGrpc(endpoint)
    close = () => grpc[Symbol.dispose]()
    const [v3, v2] = [jaegerGrpcV3(grpc, endpoint.url.host), jaegerGrpcV2(grpc, endpoint.url.host)]
    if (protocol !== 'grpc') return protocol === 'grpc-v3' ? v3 : v2
    return (await has(v3, signal)) ? v3 : v2
  }
  return { way, close: () => close() }
}

/** Jaeger's own port where a URL of gRPC names none. */
function withPort(url: URL): URL {
  const full = new URL(url)
  if (/^grpcs?:$/.test(url.protocol) && url.port === '') full.port = '16685'
  return full
}

async function has(way: JaegerWay, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await way.services(signal)
    return true
  } catch (error) {
    if (error instanceof Fault && isUnimplemented(error.cause)) return false
    throw error
  }
}

/** The status of gRPC for a service that the server does not have. */
function isUnimplemented(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 12
}
