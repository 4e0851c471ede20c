import { field, record, type Field, type Written } from '../spec/record.ts'
import { badValue, choice, wholeNumber, type Placed, type Shape } from '../spec/shape.ts'
import type { SourceRange } from '../spec/spec.ts'
import {
  auth,
  headers,
  textsOfAuth,
  tls,
  type AuthConfig,
  type HeaderConfig,
  type TlsConfig,
} from './access-shape.ts'
import { cloudKinds, type CloudKind } from './cloud-kinds.ts'
import { configText, variablesOf, type ConfigText } from './config-text.ts'

type LocalKind = 'jaeger' | 'zipkin' | 'tempo' | 'clickhouse'

export type BackendKind = LocalKind | CloudKind

/** Those that may be on this machine. */
export const localKinds: readonly LocalKind[] = ['jaeger', 'zipkin', 'tempo', 'clickhouse']

export const backendKinds: readonly BackendKind[] = [...localKinds, ...cloudKinds]

/** How Jaeger is asked: `http` and `grpc` take the newest version that the server has. */
export type JaegerProtocol = 'http' | 'http-v3' | 'http-legacy' | 'grpc' | 'grpc-v3' | 'grpc-v2'

const jaegerProtocols: readonly JaegerProtocol[] = [
  'http',
  'http-v3',
  'http-legacy',
  'grpc',
  'grpc-v3',
  'grpc-v2',
]

/** A backend as tracespec.yaml has it; no variable is looked up yet. */
export interface BackendConfig {
  readonly name: string
  readonly kind: BackendKind
  /** Undefined for the usual port of this machine. */
  readonly endpoint: ConfigText | undefined
  readonly headers: readonly HeaderConfig[]
  readonly auth: AuthConfig | undefined
  /** Paths from the project's folder. */
  readonly tls: TlsConfig
  readonly tenant: ConfigText | undefined
  /** Of Jaeger; by the scheme of the endpoint when undefined. */
  readonly protocol: Placed<JaegerProtocol> | undefined
  /** Of ClickHouse. */
  readonly database: ConfigText | undefined
  readonly table: ConfigText | undefined
  /** Of AWS. */
  readonly region: ConfigText | undefined
  /** Of Google Cloud. */
  readonly project: ConfigText | undefined
  /** Of Azure. */
  readonly workspace: ConfigText | undefined
  readonly timeoutMs: number | undefined
  readonly at: SourceRange
}

const type: Field<BackendKind> = field(
  'type',
  'What it is; not needed where its name says so',
  choice(backendKinds),
)
const endpoint: Field<ConfigText> = field('endpoint', 'Where its query API answers', configText)
const protocol: Field<JaegerProtocol> = field(
  'protocol',
  'How jaeger is asked; by the scheme of its endpoint by default',
  choice(jaegerProtocols),
)
const tenant: Field<ConfigText> = field('tenant', 'Whose traces are read', configText)
const database: Field<ConfigText> = field('database', 'The database of ClickHouse', configText)
const table: Field<ConfigText> = field(
  'table',
  'The table of ClickHouse; otel_traces by default',
  configText,
)
const region: Field<ConfigText> = field('region', 'The region of xray', configText)
const project: Field<ConfigText> = field('project', 'The project of cloud-trace', configText)
const workspace: Field<ConfigText> = field(
  'workspace',
  'The id of the Log Analytics workspace of azure-monitor',
  configText,
)
const timeout: Field<number> = field(
  'timeout_ms',
  'For one request with all of its retries; 30000 by default',
  wholeNumber,
)

const backendFields = [
  type,
  endpoint,
  protocol,
  headers,
  auth,
  tls,
  tenant,
  database,
  table,
  region,
  project,
  workspace,
  timeout,
]

/** All but the name, which is the key above. */
export type NamelessBackend = Omit<BackendConfig, 'name' | 'kind'> & {
  readonly kind: BackendKind | undefined
}

export const backend: Shape<NamelessBackend> = record<NamelessBackend>({
  what: 'a backend',
  example: '{ type: jaeger, endpoint: "http://127.0.0.1:16686" }',
  fields: backendFields,
  build(written) {
    const given = written.get(headers)?.value ?? []
    const read: NamelessBackend = {
      kind: written.get(type)?.value,
      endpoint: written.get(endpoint)?.value,
      protocol: written.get(protocol),
      headers: given,
      auth: oneAuthorization(written, given),
      tls: written.get(tls)?.value ?? { ca: undefined, cert: undefined, key: undefined },
      tenant: written.get(tenant)?.value,
      database: written.get(database)?.value,
      table: written.get(table)?.value,
      region: written.get(region)?.value,
      project: written.get(project)?.value,
      workspace: written.get(workspace)?.value,
      timeoutMs: timeoutOf(written),
      at: written.at,
    }
    // A wrong type is said already, and not a missing one.
    return written.has(type) && read.kind === undefined ? undefined : read
  },
})

function oneAuthorization(
  written: Written,
  others: readonly HeaderConfig[],
): AuthConfig | undefined {
  const given = written.get(auth)
  const header = others.find(({ name }) => name.toLowerCase() === 'authorization')
  if (given !== undefined && header !== undefined) {
    badValue(header.value.at, '`auth` gives this header already.', written.reading)
  }
  return given?.value
}

/** Above it a timer of the system would end at once. */
const maxTimeoutMs = 3_600_000

function timeoutOf(written: Written): number | undefined {
  const given = written.get(timeout)
  if (given === undefined || (given.value >= 1 && given.value <= maxTimeoutMs)) return given?.value
  return badValue(given.at, `\`timeout_ms\` is 1 to ${maxTimeoutMs}.`, written.reading)
}

/** Every text of a backend in which a variable may stand. */
function textsOf({
  endpoint,
  headers,
  auth,
  tls,
  tenant,
  database,
  table,
  region,
  project,
  workspace,
}: BackendConfig): readonly ConfigText[] {
  return [
    endpoint,
    ...headers.map(({ value }) => value),
    ...textsOfAuth(auth),
    tls.ca,
    tls.cert,
    tls.key,
    tenant,
    database,
    table,
    region,
    project,
    workspace,
  ].filter((one) => one !== undefined)
}

/** The variables that a backend refers to, each once. */
export function variablesOfBackend(backend: BackendConfig): readonly string[] {
  return [...new Set(textsOf(backend).flatMap(variablesOf))].toSorted()
}
