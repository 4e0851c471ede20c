import type { Endpoint } from '../../src/sources/endpoint.ts'

/** The real servers that the tests of this folder need; `scripts/backends/run` puts their addresses into the environment. */
export const servers = [
  'JAEGER_HTTP_URL',
  'JAEGER_GRPC_URL',
  'JAEGER_OTLP_URL',
  'JAEGER_ARCHIVE_URL',
  'ZIPKIN_URL',
  'CLICKHOUSE_URL',
  'CLICKHOUSE_OTLP_URL',
  'POSTGRES_URL',
] as const

export type Server = (typeof servers)[number]

/** Throws when the server is not there: these tests never pass by not running. */
export function urlOf(server: Server): URL {
  const url = process.env[server]
  if (url === undefined) throw new Error(`${server} is not set: npm run test:backends`)
  return new URL(url)
}

export function endpointOf(server: Server): Endpoint {
  return { url: urlOf(server), headers: {}, tls: undefined, timeoutMs: 30_000, maxBytes: 2 ** 29 }
}

/** Before all tests of this folder: vitest's global set-up. */
export function setup(): void {
  const missing = servers.filter((server) => process.env[server] === undefined)
  if (missing.length === 0) return
  throw new Error(`no real servers, for ${missing.join(', ')} are not set: npm run test:backends`)
}
