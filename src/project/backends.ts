import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { nearest } from '../spec/suggest.ts'
import { Fault } from '../trace/fault.ts'
import type { AuthConfig, HeaderConfig, TlsConfig } from './access-shape.ts'
import {
  localKinds,
  type BackendConfig,
  type BackendKind,
  type JaegerProtocol,
} from './backend-shape.ts'
import { cloudPlace } from './cloud-backends.ts'
import { cloudEndpoints, isCloud } from './cloud-kinds.ts'
import { isInside, type Config } from './config.ts'
import { placeOf, substituted, type ConfigText, type Environment } from './config-text.ts'
import { endpointUrl, localEndpoints, localJaegerGrpc } from './endpoint-url.ts'
import { isMissing, readBounded, reasonOf } from './read-bounded.ts'
import { demandOf, demandTrust } from './trust.ts'

/** A backend with everything that is needed to ask it. */
export interface Backend {
  readonly name: string
  readonly kind: BackendKind
  readonly url: URL
  /** With credentials and tenant. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls: PemTexts | undefined
  readonly timeoutMs: number
  /** Of Jaeger; by the scheme of its URL when undefined. */
  readonly protocol: JaegerProtocol | undefined
  readonly database: string | undefined
  readonly table: string | undefined
  /** What a cloud's own client is told beside. */
  readonly cloud: CloudTold | undefined
  /** Not in tracespec.yaml: the usual port of this machine. */
  readonly isAssumed: boolean
}

export interface CloudTold {
  /** Region, project or workspace. */
  readonly place: string | undefined
  /** The token of `auth`. */
  readonly bearer: string | undefined
  /** The configuration names no endpoint. */
  readonly isUsual: boolean
}

export interface PemTexts {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

export interface BackendOptions {
  /** The project's folder, absolute and real. */
  readonly root: string
  readonly config: Config
  readonly env: Environment
}

export const defaultTimeoutMs = 30_000

/**
 * The backend of this name: as configured, else one on the usual port of this machine when the name is that of a kind. A Fault for
 * a name that is neither, for what is not trusted (NOT_TRUSTED), a variable that is not set, and files outside the project.
 */
export function backendNamed(name: string, options: BackendOptions): Backend {
  const configured = options.config.backends.find((one) => one.name === name)
  if (configured !== undefined) return opened(configured, options)
  const kind = localKinds.find((known) => known === name)
  if (kind === undefined) throw unknownBackend(name, options.config)
  return {
    name,
    kind,
    url: new URL(localEndpoints[kind]),
    headers: {},
    tls: undefined,
    timeoutMs: defaultTimeoutMs,
    protocol: undefined,
    database: undefined,
    table: undefined,
    cloud: undefined,
    isAssumed: true,
  }
}

function opened(config: BackendConfig, { root, config: all, env }: BackendOptions): Backend {
  const { name, kind, endpoint, database, table } = config
  const place = placeOf(config.at)
  demandTrust({ root, config: all, demand: demandOf(config), place, env })
  const written = endpoint === undefined ? usualEndpoint(config) : substituted(endpoint, env)
  return {
    name,
    kind,
    url: urlOf(written, config, placeOf(endpoint?.at ?? config.at)),
    headers: headersOf(config, env),
    tls: pemTexts(config.tls, root, env),
    timeoutMs: config.timeoutMs ?? defaultTimeoutMs,
    protocol: config.protocol?.value,
    database: database === undefined ? undefined : substituted(database, env),
    table: table === undefined ? undefined : substituted(table, env),
    cloud: isCloud(kind) ? cloudTold(config, env) : undefined,
    isAssumed: false,
  }
}

function usualEndpoint({ kind, protocol }: BackendConfig): string {
  if (isCloud(kind)) return cloudEndpoints[kind]
  return isGrpc(protocol?.value) ? localJaegerGrpc : localEndpoints[kind]
}

function isGrpc(protocol: JaegerProtocol | undefined): boolean {
  return protocol?.startsWith('grpc') === true
}

function cloudTold(config: BackendConfig, env: Environment): CloudTold {
  const { kind, auth, endpoint } = config
  return {
    place: cloudPlace(kind, config, env),
    bearer:
      auth?.kind === 'bearer' ? headerValue({ name: 'bearer', value: auth.token }, env) : undefined,
    isUsual: endpoint === undefined,
  }
}

function urlOf(text: string, { kind, protocol }: BackendConfig, place: string): URL {
  const url = endpointUrl(text, `${place}: the endpoint`)
  if (url.protocol.startsWith('http')) return url
  if (kind !== 'jaeger') {
    throw new Fault('USAGE', `${place}: the query API of ${kind} is spoken over http or https`)
  }
  if (protocol === undefined || isGrpc(protocol.value)) return url
  throw new Fault('USAGE', `${place}: the endpoint is one of gRPC, and not of ${protocol.value}`)
}

function headersOf(
  { headers, auth, tenant, kind }: BackendConfig,
  env: Environment,
): Readonly<Record<string, string>> {
  const tenantName = kind === 'tempo' ? 'X-Scope-OrgID' : 'x-tenant'
  return {
    ...Object.fromEntries(headers.map((one) => [one.name, headerValue(one, env)])),
    ...(tenant !== undefined && {
      [tenantName]: headerValue({ name: tenantName, value: tenant }, env),
    }),
    ...(auth !== undefined && { authorization: authorization(auth, env) }),
  }
}

/** RFC 9110, 5.5: what would end the header early must not be in it; the value itself is never shown. */
function headerValue({ name, value }: HeaderConfig, env: Environment): string {
  const text = substituted(value, env).trim()
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text
  throw new Fault('USAGE', `${placeOf(value.at)}: the value of ${name} cannot stand in a header`, {
    hint: 'is there a line break in the variable?',
  })
}

function authorization(auth: AuthConfig, env: Environment): string {
  if (auth.kind === 'bearer') {
    return `Bearer ${headerValue({ name: 'bearer', value: auth.token }, env)}`
  }
  const user = substituted(auth.user, env)
  if (user.includes(':')) {
    throw new Fault('USAGE', `${placeOf(auth.user.at)}: a user of basic has no colon`)
  }
  const pair = `${user}:${substituted(auth.password, env)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

function pemTexts(tls: TlsConfig, root: string, env: Environment): PemTexts | undefined {
  if (tls.ca === undefined && tls.cert === undefined) return undefined
  const read = (path: ConfigText | undefined): string | undefined =>
    path === undefined ? undefined : pemText(path, root, env)
  return { ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) }
}

const maxPemBytes = 1024 * 1024

function pemText(path: ConfigText, root: string, env: Environment): string {
  const named = substituted(path, env)
  const place = placeOf(path.at)
  const real = realOf(resolve(root, named), place)
  if (!isInside(real, root)) {
    throw new Fault('PATH_OUTSIDE', `${place}: a file for TLS lies outside the project`, {
      hint: 'put it into the project, and into its .gitignore when it is a key',
    })
  }
  const bytes = readBounded(real, maxPemBytes)
  const text = bytes === undefined ? '' : new TextDecoder().decode(bytes)
  if (text.includes('-----BEGIN ') && text.length <= maxPemBytes) return text
  throw new Fault('FILE_UNREADABLE', `${place}: the file for TLS is no PEM text`)
}

function realOf(path: string, place: string): string {
  try {
    return realpathSync(path)
  } catch (cause) {
    const what = isMissing(cause) ? 'is not there' : `cannot be read: ${reasonOf(cause)}`
    throw new Fault('FILE_UNREADABLE', `${place}: the file for TLS ${what}`, { cause })
  }
}

function unknownBackend(name: string, { backends }: Config): Fault {
  const known = [...new Set([...backends.map((one) => one.name), ...localKinds])]
  const near = nearest(name, known)
  return new Fault('USAGE', `there is no backend ${name}`, {
    hint:
      near === undefined
        ? `name one of backends: in tracespec.yaml, or ${localKinds.join(', ')} on this machine`
        : `did you mean ${near}?`,
  })
}
