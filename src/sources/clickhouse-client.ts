import { constants } from 'node:buffer'
import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type * as Driver from '@clickhouse/client'
import type { ClickHouseClient } from '@clickhouse/client'
import { Fault } from '../trace/fault.ts'
import type { ClickHouseRow } from './clickhouse-columns.ts'
import type { Bound } from './clickhouse-conditions.ts'
import { faultOf, mayPass } from './clickhouse-faults.ts'
import type { Endpoint } from './endpoint.ts'
import { agentOf } from './http-agent.ts'
import { shownUrl } from './http-faults.ts'

/** Asks one statement. Throws a Fault, or the caller's reason to give up. */
export type AskRows = (
  statement: Bound,
  signal: AbortSignal | undefined,
) => Promise<readonly ClickHouseRow[]>

export interface Connection extends Disposable {
  readonly ask: AskRows
}

/** Connects when it is first asked. A Fault PACKAGE_MISSING without `@clickhouse/client`. */
export function connectTo(endpoint: Endpoint, database: string | undefined): Connection {
  let opening: Promise<ClickHouseClient> | undefined
  const agent = agentOf(endpoint)
  const client = (): Promise<ClickHouseClient> =>
    (opening ??= openClient(endpoint, { agent, database }))
  return {
    ask: async (statement, signal) => {
      signal?.throwIfAborted()
      const opened = await client()
      const timer = AbortSignal.timeout(endpoint.timeoutMs)
      const ending = signal === undefined ? timer : AbortSignal.any([signal, timer])
      try {
        return await repeated(() => rowsOf(opened, statement, { endpoint, ending }), {
          url: endpoint.url,
          ending,
        })
      } catch (cause) {
        signal?.throwIfAborted()
        throw timer.aborted ? timedOut(endpoint) : faultOf(cause, endpoint.url)
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

interface Opening {
  readonly agent: Agent
  readonly database: string | undefined
}

async function openClient(
  { url, headers, timeoutMs }: Endpoint,
  { agent, database }: Opening,
): Promise<ClickHouseClient> {
  const { createClient, ClickHouseLogLevel } = await loadDriver()
  return createClient({
    url: url.origin,
    pathname: url.pathname,
    ...(database === undefined ? {} : { database }),
    // an Authorization among them is the only one that is sent
    http_headers: { ...headers },
    set_basic_auth_header: false,
    http_agent: agent,
    request_timeout: timeoutMs,
    log: { level: ClickHouseLogLevel.OFF },
  })
}

async function loadDriver(): Promise<Pick<typeof Driver, 'createClient' | 'ClickHouseLogLevel'>> {
  try {
    return await import('@clickhouse/client')
  } catch (cause) {
    const isMissing =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing) throw cause
    throw new Fault('PACKAGE_MISSING', 'reading ClickHouse needs the package @clickhouse/client', {
      hint: 'install it beside tracespec: npm install @clickhouse/client@1',
      cause,
    })
  }
}

interface Asking {
  readonly endpoint: Endpoint
  readonly ending: AbortSignal
}

/** In the format JSON, which says at its end how many rows there are: what a proxy or an error cut off is never taken for all. */
async function rowsOf(
  client: ClickHouseClient,
  { sql, values }: Bound,
  { endpoint, ending }: Asking,
): Promise<readonly ClickHouseRow[]> {
  const { stream } = await client.exec({
    query: `${sql} FORMAT JSON`,
    query_params: { ...values },
    abort_signal: ending,
  })
  const most = Math.min(endpoint.maxBytes, constants.MAX_STRING_LENGTH)
  const chunks: Buffer[] = []
  let bytes = 0
  const received: AsyncIterable<Buffer> = stream
  for await (const chunk of received) {
    bytes += chunk.length
    if (bytes > most) throw answerTooLarge(endpoint)
    chunks.push(chunk)
  }
  ending.throwIfAborted()
  return rowsIn(Buffer.concat(chunks).toString(), endpoint)
}

function rowsIn(text: string, { url }: Endpoint): readonly ClickHouseRow[] {
  const answer = parsed(text)
  if (isRecord(answer) && !('exception' in answer)) {
    const { data, rows } = answer
    if (Array.isArray(data) && data.length === rows && data.every(isRecord)) return data
  }
  throw new Fault('SOURCE_INVALID', `${shownUrl(url)} broke its answer off, or is no ClickHouse`, {
    hint: 'ask for less: a service, an operation, a time; is this its HTTP port (8123 or 8443)?',
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function answerTooLarge({ url, maxBytes }: Endpoint): Fault {
  return new Fault('TOO_LARGE', `${shownUrl(url)} answered with more than ${maxBytes} bytes`, {
    hint: 'ask for less: a service, an operation, a time',
  })
}

function timedOut({ url, timeoutMs }: Endpoint): Fault {
  return new Fault('SOURCE_UNAVAILABLE', `${shownUrl(url)} did not answer within ${timeoutMs} ms`, {
    hint: 'is the backend healthy? timeout_ms of the backend gives it more time',
  })
}

const ATTEMPTS = 4

/** Reading changes nothing, so that what may pass is tried again with growing pauses. */
async function repeated<T>(
  work: () => Promise<T>,
  { url, ending }: { readonly url: URL; readonly ending: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (cause) {
      if (attempt === ATTEMPTS || ending.aborted || !mayPass(cause, url)) throw cause
      const waitMs = 100 * 2 ** attempt * (0.5 + Math.random() / 2)
      await sleep(waitMs, undefined, { signal: ending })
    }
  }
}
