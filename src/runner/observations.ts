import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CaptureFacts, PackageFacts, ProcessFacts } from '../trace/diagnosis.ts'
import type { ChildEnvironment } from './environment.ts'
import type { RunOptions } from './outcome.ts'

interface Observed {
  readonly options: RunOptions
  readonly environment: ChildEnvironment
  readonly processes: readonly ProcessFacts[]
  readonly timedOut: boolean
}

/** Variables that decide where spans go, if they go at all. */
const DECIDING = new Set([
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_TRACES_EXPORTER',
  'OTEL_TRACES_SAMPLER',
])
const KNOWN_EXPORTERS = new Set(['otlp', 'console', 'logging', 'zipkin', 'jaeger', 'none'])
const KNOWN_SAMPLERS = new Set([
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
])

/** Gathers what a diagnosis needs; of variables the names, and values only where they are known words. */
export function captureFacts(observed: Observed): CaptureFacts {
  const { options, environment, processes, timedOut } = observed
  const { variables, changes } = environment
  const kept = new Set(changes.kept)
  const keptValue = (name: string): string => (kept.has(name) ? (variables[name] ?? '') : '')
  const sampler = keptValue('OTEL_TRACES_SAMPLER')
  return {
    receiver: options.receiver.facts(),
    endpoint: new URL(options.endpoint).host,
    processes,
    timed_out: timedOut,
    otel_variables: Object.keys(variables)
      .filter((name) => name.startsWith('OTEL_'))
      .toSorted(),
    kept_variables: changes.kept.filter((name) => DECIDING.has(name)),
    sdk_disabled: variables['OTEL_SDK_DISABLED']?.toLowerCase() === 'true',
    config_file: Boolean(
      variables['OTEL_CONFIG_FILE'] ?? variables['OTEL_EXPERIMENTAL_CONFIG_FILE'],
    ),
    kept_exporters: keptValue('OTEL_TRACES_EXPORTER')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => KNOWN_EXPORTERS.has(name)),
    kept_sampler: KNOWN_SAMPLERS.has(sampler) ? sampler : null,
    argument_endpoints: argumentEndpoints(options.command),
    packages: resolvedPackages(options.cwd),
  }
}

const ENDPOINT_ARGUMENT =
  /(?:OTEL_EXPORTER_OTLP_(?:TRACES_)?ENDPOINT=|otlp[\w.-]{0,40}endpoint[= ])["']?(?:https?:\/\/)?([\w.-]+(?::\d+)?)|https?:\/\/([\w.-]+:431[78])\b/gi
const MAX_ARGUMENT = 10_000

/** Hosts that the arguments name as a place for OTLP. */
function argumentEndpoints(command: readonly string[]): string[] {
  const hosts = command
    .map((word) => word.slice(0, MAX_ARGUMENT))
    .flatMap((word) => [...word.matchAll(ENDPOINT_ARGUMENT)])
    .flatMap(([, named, byPort]) => named ?? byPort ?? [])
  return [...new Set(hosts)].toSorted()
}

/** Packages whose presence says what an SDK could do. */
const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/auto-instrumentations-node',
  '@opentelemetry/exporter-trace-otlp-grpc',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/exporter-zipkin',
  '@opentelemetry/sdk-node',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-trace-node',
]

/** Looks into the `node_modules` of the folder and of those above it, and runs nothing of them. */
function resolvedPackages(cwd: string): PackageFacts[] {
  const folders = [cwd]
  for (let at = cwd; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at))
  return PACKAGES.flatMap((name) => {
    const versions = folders.flatMap((folder) => versionIn(join(folder, 'node_modules', name)))
    return versions[0] === undefined ? [] : [{ name, version: versions[0] }]
  })
}

function versionIn(folder: string): string[] {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return []
  const match = /"version"\s*:\s*"([^"]{1,40})"/.exec(readFileSync(path, 'utf8'))
  return [match?.[1] ?? 'unknown']
}
