import { runAttribute } from '../trace/run-attribute.ts'
import type { EnvironmentChanges, RunOptions } from './outcome.ts'

/** The export delay that a run asks of its SDKs. */
const EXPORT_DELAY_MS = 100

/** Carried by every process of a run, so that one that left the group can be found. */
export const RUN_VARIABLE = 'TRACESPEC_RUN_ID'
/** Where our preload notes how a Node process ended. */
const NOTES_VARIABLE = 'TRACESPEC_NOTES'

/** Transport settings of one signal, and those of all signals that belong to another endpoint than ours. */
const FOREIGN_TRANSPORT =
  /^OTEL_EXPORTER_OTLP_(?:(?:TRACES|METRICS|LOGS|PROFILES)_(?:ENDPOINT|PROTOCOL|HEADERS|CERTIFICATE|CLIENT_KEY|CLIENT_CERTIFICATE|COMPRESSION|TIMEOUT|INSECURE)|HEADERS|CERTIFICATE|CLIENT_KEY|CLIENT_CERTIFICATE|INSECURE|SPAN_INSECURE|METRIC_INSECURE)$/

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']
const LOOPBACK = ['127.0.0.1', 'localhost']

export interface ChildEnvironment {
  readonly variables: Readonly<Record<string, string>>
  readonly changes: EnvironmentChanges
  /** The export delay in force: that of a kept variable where there is one. */
  readonly exportDelayMs: number
}

/** The environment of the command: it exports to us, at once and all, whatever the shell points at. */
export function childEnvironment(
  options: RunOptions,
  preload: { readonly path: string; readonly notes: string } | undefined,
): ChildEnvironment {
  const given = definedOnly(options.env)
  const wanted = new Map([
    ...telemetryVariables(options),
    ...merged(options, given),
    ...(preload === undefined ? [] : preloadVariables(preload, given)),
  ])
  const removed = Object.keys(given).filter(
    (name) => FOREIGN_TRANSPORT.test(name) || (name === 'TRACESTATE' && !wanted.has(name)),
  )
  return applyChanges({ given, wanted, removed, keepEnv: new Set(options.keepEnv) })
}

function telemetryVariables(options: RunOptions): [string, string][] {
  return [
    ['OTEL_EXPORTER_OTLP_ENDPOINT', options.endpoint],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', options.protocol ?? 'http/protobuf'],
    ['OTEL_TRACES_EXPORTER', 'otlp'],
    ['OTEL_TRACES_SAMPLER', 'always_on'],
    ['OTEL_BSP_SCHEDULE_DELAY', String(EXPORT_DELAY_MS)],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '65536'],
    ['TRACEPARENT', `00-${options.root.traceId}-${options.root.spanId}-01`],
    ...inherited(options.root),
    [RUN_VARIABLE, options.runId],
  ]
}

/** https://opentelemetry.io/docs/specs/otel/context/env-carriers/ */
function inherited({ traceState, baggage }: RunOptions['root']): [string, string][] {
  return [
    ...(traceState === undefined ? [] : [['TRACESTATE', traceState] satisfies [string, string]]),
    ...(baggage === undefined ? [] : [['BAGGAGE', baggage] satisfies [string, string]]),
  ]
}

function merged(options: RunOptions, given: Record<string, string>): [string, string][] {
  const attributes = (given['OTEL_RESOURCE_ATTRIBUTES'] ?? '')
    .split(',')
    .filter((pair) => pair.trim() !== '' && !pair.trim().startsWith(`${runAttribute}=`))
  return [
    ['OTEL_RESOURCE_ATTRIBUTES', [...attributes, `${runAttribute}=${options.runId}`].join(',')],
    ...proxyExceptions(given),
  ]
}

/** A proxy of the shell must not catch what goes to loopback; tools read either spelling. */
function proxyExceptions(given: Record<string, string>): [string, string][] {
  const proxied = PROXIES.some((name) => (given[name] ?? given[name.toLowerCase()] ?? '') !== '')
  if (!proxied) return []
  return ['NO_PROXY', 'no_proxy'].flatMap((name): [string, string][] => {
    const hosts = (given[name] ?? given['NO_PROXY'] ?? given['no_proxy'] ?? '')
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== '')
    const missing = LOOPBACK.filter((host) => !hosts.includes(host))
    if (hosts.includes('*') || missing.length === 0) return []
    return [[name, [...hosts, ...missing].join(',')]]
  })
}

/** Node's permission model refuses a preload that its command line does not allow, and the program with it. */
export function mayPreload({ command, env }: RunOptions): boolean {
  return ![...command, env['NODE_OPTIONS'] ?? ''].some((word) =>
    /(?:^|\s)--(?:experimental-)?permission\b/.test(word),
  )
}

function preloadVariables(
  preload: { readonly path: string; readonly notes: string },
  given: Record<string, string>,
): [string, string][] {
  const existing = given['NODE_OPTIONS'] ?? ''
  const quoted = `"${preload.path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  return [
    ['NODE_OPTIONS', `${existing} --require ${quoted}`.trim()],
    [NOTES_VARIABLE, preload.notes],
  ]
}

const EXTENDED = new Set(['OTEL_RESOURCE_ATTRIBUTES', 'NODE_OPTIONS', 'NO_PROXY', 'no_proxy'])

function applyChanges(plan: {
  readonly given: Record<string, string>
  readonly wanted: ReadonlyMap<string, string>
  readonly removed: readonly string[]
  readonly keepEnv: ReadonlySet<string>
}): ChildEnvironment {
  const { given, keepEnv } = plan
  const wanted = [...plan.wanted].filter(([name]) => !keepEnv.has(name))
  const removed = plan.removed.filter((name) => !keepEnv.has(name))
  const differing = wanted.filter(([name, value]) => name in given && given[name] !== value)
  const variables = { ...given, ...Object.fromEntries(wanted) }
  for (const name of removed) delete variables[name]
  return {
    variables,
    changes: {
      set: sorted(wanted.filter(([name]) => !(name in given))),
      overridden: sorted(differing.filter(([name]) => !EXTENDED.has(name))),
      removed: removed.toSorted(),
      extended: sorted(differing.filter(([name]) => EXTENDED.has(name))),
      kept: [...plan.wanted.keys(), ...plan.removed]
        .filter((name) => keepEnv.has(name) && name in given)
        .toSorted(),
    },
    exportDelayMs: delayOf(variables['OTEL_BSP_SCHEDULE_DELAY']),
  }
}

function sorted(entries: readonly (readonly [string, string])[]): readonly string[] {
  return entries.map(([name]) => name).toSorted()
}

function delayOf(text: string | undefined): number {
  const delay = Number(text)
  return text !== undefined && Number.isFinite(delay) && delay > 0 ? delay : EXPORT_DELAY_MS
}

function definedOnly(env: RunOptions['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
