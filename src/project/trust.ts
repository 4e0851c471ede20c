import { createHash } from 'node:crypto'
import { Fault } from '../trace/fault.ts'
import { variablesOfBackend, type BackendConfig } from './backend-shape.ts'
import { cloudEndpoints, isCloud } from './cloud-kinds.ts'
import type { Config } from './config.ts'
import { literally, variablesOf, type ConfigText, type Environment } from './config-text.ts'
import { isLoopback } from './endpoint-url.ts'
import { readTrusted, writeTrusted } from './trust-file.ts'

/** What a backend or the store asks for beyond this machine. */
export interface Demand {
  /** As `backend prod`. */
  readonly name: string
  /** Where requests go, as written; undefined for this machine. */
  readonly host: string | undefined
  /** The variables whose values they may carry. */
  readonly variables: readonly string[]
}

export function demandOf(backend: BackendConfig): Demand {
  const { name, kind, endpoint } = backend
  const usual = isCloud(kind) ? URL.parse(cloudEndpoints[kind])?.host : undefined
  return {
    name: `backend ${name}`,
    host: endpoint === undefined ? usual : hostOf(endpoint),
    variables: variablesOfBackend(backend),
  }
}

/** What a database client makes of a query can be another host, so that a URL with one is never local. */
export function demandOfStore(store: ConfigText): Demand {
  const url = URL.parse(literally(store))
  const isLocal = url !== null && isLoopback(url) && url.search === ''
  const host = url === null || url.host === '' ? 'the host of its URL' : url.host
  return { name: 'store', host: isLocal ? undefined : host, variables: variablesOf(store) }
}

/** What all of a configuration asks for, without those that ask for nothing. */
function demandsOf({ backends, store }: Config): readonly Demand[] {
  const all = [...backends.map(demandOf), ...(store === undefined ? [] : [demandOfStore(store)])]
  return all.filter(({ host, variables }) => host !== undefined || variables.length > 0)
}

/** Where an endpoint leads, read as it is when it is opened; undefined for this machine, and for what will be refused. */
function hostOf(endpoint: ConfigText): string | undefined {
  if (variablesOf(endpoint).length > 0) return endpoint.written
  const url = URL.parse(literally(endpoint))
  if (url === null || isLoopback(url)) return undefined
  return url.host === '' ? url.href : url.host
}

/** Names what the parts of tracespec.yaml that reach beyond this machine say; its comments and its form do not count. */
function digestOf({ backends, store }: Config): string {
  const said = JSON.stringify({ backends, store }, (key, value: unknown) =>
    key === 'at' ? undefined : value,
  )
  return createHash('sha256').update(said).digest('hex')
}

/** Whether the user trusts what a project asks for, and how that is changed. */
export interface Trust {
  readonly demands: readonly Demand[]
  /** `changed` when it was trusted as it was before. */
  readonly state: 'trusted' | 'changed' | 'untrusted'
  readonly grant: () => void
  readonly revoke: () => void
}

/** The trust in one project. */
export function trustIn({ root, config, env }: Omit<TrustQuestion, 'demand' | 'place'>): Trust {
  const digest = digestOf(config)
  const trusted = readTrusted(root, env)
  const other = trusted === undefined ? 'untrusted' : 'changed'
  return {
    demands: demandsOf(config),
    state: trusted === digest ? 'trusted' : other,
    grant: () => writeTrusted(root, digest, env),
    revoke: () => writeTrusted(root, undefined, env),
  }
}

export interface TrustQuestion {
  /** The project's folder, absolute and real. */
  readonly root: string
  readonly config: Config
  readonly demand: Demand
  /** `file:line` of what asks. */
  readonly place: string
  readonly env: Environment
}

/**
 * Throws a Fault NOT_TRUSTED that names the variables and the hosts, unless nothing is asked for, the user trusts just this
 * configuration, or TRACESPEC_TRUST is 1: that a repository was cloned must not be enough to be given a secret.
 */
export function demandTrust({ root, config, demand, place, env }: TrustQuestion): void {
  const { host = 'this machine', variables } = demand
  if (demand.host === undefined && variables.length === 0) return
  if (env['TRACESPEC_TRUST'] === '1') return
  const { state } = trustIn({ root, config, env })
  if (state === 'trusted') return
  const named = variables.map((name) => `\${${name}}`).join(', ')
  const what = named === '' ? `asks ${host}` : `sends ${named} to ${host}`
  const changed = state === 'untrusted' ? '' : '; it has changed since it was trusted'
  throw new Fault(
    'NOT_TRUSTED',
    `${place}: ${demand.name} ${what}, which is not trusted${changed}`,
    {
      hint: 'look at tracespec.yaml, then allow it with: tracespec trust (in CI: TRACESPEC_TRUST=1)',
    },
  )
}
