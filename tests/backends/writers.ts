import { encodeTraces } from '../../src/otlp/encode.ts'
import { encodeZipkin } from '../../src/sources/zipkin-encode.ts'
import type { Span } from '../../src/trace/span.ts'
import { urlOf, type Server } from './servers.ts'

/** How spans get into a real server, and who writes what it then keeps. */
export interface Writer {
  readonly name: string
  readonly write: (spans: readonly Span[]) => Promise<void>
}

/** Jaeger takes OTLP itself. */
export const toJaeger: Writer = otlpWriter('OTLP over HTTP', 'JAEGER_OTLP_URL')

/** Into what Jaeger keeps of archived traces, and nowhere else. */
export const toJaegerArchive: Writer = otlpWriter('OTLP over HTTP', 'JAEGER_ARCHIVE_URL')

/** The rows are written by the ClickHouse exporter of the OpenTelemetry Collector, in tables that it made. */
export const toClickHouse: Writer = otlpWriter("the Collector's exporter", 'CLICKHOUSE_OTLP_URL')

/** Spans as tracespec exports them to Zipkin, after the OpenTelemetry specification. */
export const toZipkin: Writer = {
  name: 'tracespec export',
  write: (spans) =>
    post(
      new URL('/api/v2/spans', urlOf('ZIPKIN_URL')),
      'application/json',
      encodeZipkin(spans).text,
    ),
}

function otlpWriter(name: string, server: Server): Writer {
  return {
    name,
    write: async (spans) =>
      post(new URL('/v1/traces', urlOf(server)), 'application/x-protobuf', encodeTraces(spans)),
  }
}

async function post(url: URL, contentType: string, body: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(body)
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: bytes,
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url.href} answered ${answer.status}: ${text}`)
}
