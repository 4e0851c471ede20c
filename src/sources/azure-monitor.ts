import { createRequire } from 'node:module'
import type { LogsQueryClient, LogsTable } from '@azure/monitor-query-logs'
import { Fault } from '../trace/fault.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import type { TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import { idsQuery, rowsQuery } from './azure-monitor-query.ts'
import { azureLosses, textOf, tracesOfAzure, type Row } from './azure-monitor-rows.ts'
import { askCloud, loaded, type CloudAccess } from './cloud-client.ts'
import { chosen } from './found-traces.ts'

export interface AzureMonitorOptions extends CloudAccess {
  /** Id of the Log Analytics workspace. */
  readonly workspace: string
}

/**
 * Traces of Azure Monitor out of the tables of Application Insights and OTelSpans, by queries to a Log Analytics workspace
 * (https://learn.microsoft.com/azure/azure-monitor/logs/api/overview), with a token or what @azure/identity finds. Tested against
 * answers of the documentation, never against Azure. Rows come minutes after the spans.
 */
export async function openAzureMonitor(
  options: AzureMonitorOptions,
): Promise<TraceSource & Disposable> {
  const { LogsQueryClient: Client } = await loaded(
    import('@azure/monitor-query-logs'),
    '@azure/monitor-query-logs',
    '1',
  )
  const { endpoint, ca } = options
  const client = new Client(await credentialOf(options), {
    ...(endpoint !== undefined && { endpoint: `${endpoint.href.replace(/\/+$/, '')}/v1` }),
    ...(ca !== undefined && { tlsOptions: { ca } }),
    redirectOptions: { maxRetries: 0 },
  })
  const azure: Azure = { client, options }
  return {
    capabilities: {
      kind: 'azure_monitor',
      losses: azureLosses,
      pushesDown: ['service', 'operation', 'time', 'duration', 'status'],
      needsService: false,
    },
    trace: async (id, signal) => {
      const { rows, cut } = await ask(azure, rowsQuery([id]), signal)
      const trace = tracesOfAzure(rows).get(id)
      return trace && { ...trace, cut }
    },
    search: (query, signal) => search(azure, query, signal),
    [Symbol.dispose]: () => undefined,
  }
}

type TokenCredential = ConstructorParameters<typeof LogsQueryClient>[0]

interface Azure {
  readonly client: LogsQueryClient
  readonly options: AzureMonitorOptions
}

/** The token of the configuration, else the chain of @azure/identity. */
async function credentialOf({ bearer }: AzureMonitorOptions): Promise<TokenCredential> {
  if (bearer !== undefined) {
    const expiresOnTimestamp = Date.now() + 3_600_000
    return { getToken: () => Promise.resolve({ token: bearer, expiresOnTimestamp }) }
  }
  const name = '@azure/identity'
  const require = createRequire(import.meta.url)
  const load = async (): Promise<unknown> => require(name)
  const identity = await loaded(load(), name, '4')
  const made = newOf(identity, 'DefaultAzureCredential')
  if (isCredential(made)) return made
  throw new Fault('UNSUPPORTED', `this ${name} has no DefaultAzureCredential`, {
    hint: 'give auth: {bearer: TOKEN} of the backend',
  })
}

function newOf(module: unknown, name: string): unknown {
  const made: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined
  return typeof made === 'function' ? Reflect.construct(made, []) : undefined
}

function isCredential(value: unknown): value is TokenCredential {
  return typeof value === 'object' && value !== null && 'getToken' in value
}

interface Rows {
  readonly rows: readonly Row[]
  /** Why not all are here, in the words of Azure. */
  readonly cut: string | undefined
}

async function ask(
  { client, options }: Azure,
  kql: string,
  signal: AbortSignal | undefined,
): Promise<Rows> {
  const { endpoint, workspace, timeoutMs } = options
  const url = endpoint ?? new URL('https://api.loganalytics.io')
  const credentials =
    'auth: {bearer: TOKEN} of the backend, or az login; they need the role Log Analytics Reader'
  const asking = { cloud: 'Azure Monitor', url, timeoutMs, credentials, signal }
  const answer = await askCloud(asking, (abortSignal) =>
    client.queryWorkspace(workspace, kql, { duration: 'P90D' }, { abortSignal }),
  )
  if ('tables' in answer) return { rows: rowsOf(answer.tables), cut: undefined }
  const { code, message } = answer.partialError
  return { rows: rowsOf(answer.partialTables), cut: `${code}: ${message}`.slice(0, 200) }
}

function rowsOf(tables: readonly LogsTable[]): readonly Row[] {
  return tables
    .filter(({ name }) => name === 'PrimaryResult')
    .flatMap(({ columnDescriptors, rows }) =>
      rows.map(
        (cells) => new Map(columnDescriptors.map(({ name }, at) => [name, cells[at] as unknown])),
      ),
    )
}

/** Traces that are read to choose from. */
const maxAsked = 100

async function search(
  azure: Azure,
  query: TraceQuery,
  signal: AbortSignal | undefined,
): Promise<TraceSearchAnswer> {
  const limit = Math.min(query.limit + 20, maxAsked)
  const found = await ask(azure, idsQuery(query, limit), signal)
  const ids = found.rows
    .map((row) => parseTraceId(textOf(row, 'TraceId')))
    .filter((id) => id !== undefined)
  const read = ids.length === 0 ? found : await ask(azure, rowsQuery(ids), signal)
  const traces: readonly (readonly [TraceId, SourceTrace])[] =
    ids.length === 0 ? [] : [...tracesOfAzure(read.rows)]
  const isWhole = ids.length < limit && found.cut === undefined && read.cut === undefined
  const whole = query.cursor === undefined ? 'all' : 'rest'
  const candidates = traces.map(([traceId, { spans }]) => ({ traceId, spans }))
  return chosen(candidates, query, { given: isWhole ? whole : 'some' })
}
