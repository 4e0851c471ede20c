import { describe, expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { openJaeger, type JaegerProtocol } from '../../src/sources/jaeger.ts'
import { jaegerJsonLosses } from '../../src/sources/jaeger-json.ts'
import { jaegerModelLosses } from '../../src/sources/jaeger-model.ts'
import type { TraceId } from '../../src/trace/ids.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import type { SourceTrace } from '../../src/trace/source.ts'
import type { Span } from '../../src/trace/span.ts'
import { describeSource } from '../conformance/sources/suite.ts'
import { newTraceId } from '../conformance/sources/traces.ts'
import { fixture } from '../otlp/fixture.ts'
import { keptByJaeger } from '../sources/jaeger-kept.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { endpointOf, type Server } from './servers.ts'
import { toJaeger, toJaegerArchive } from './writers.ts'

interface Way {
  readonly name: string
  readonly protocol: JaegerProtocol
  readonly server: Server
  readonly losses: Losses
  readonly kept: (span: Span) => Span
}

const ways: readonly Way[] = [
  {
    name: 'version 3 over HTTP',
    protocol: 'http',
    server: 'JAEGER_HTTP_URL',
    losses: lossless,
    kept: withoutSchemaUrls,
  },
  {
    name: 'the JSON of old servers',
    protocol: 'http-legacy',
    server: 'JAEGER_HTTP_URL',
    losses: jaegerJsonLosses,
    kept: (one) => ({ ...keptByJaeger(one, 1000n), flags: 0 }),
  },
  {
    name: 'version 3 over gRPC',
    protocol: 'grpc',
    server: 'JAEGER_GRPC_URL',
    losses: lossless,
    kept: withoutSchemaUrls,
  },
  {
    name: 'version 2 over gRPC',
    protocol: 'grpc-v2',
    server: 'JAEGER_GRPC_URL',
    losses: jaegerModelLosses,
    kept: (one) => ({ ...keptByJaeger(one, 1n), flags: 0 }),
  },
]

/** No check reads them, and the server keeps none. */
function withoutSchemaUrls(one: Span): Span {
  return {
    ...one,
    resource: { ...one.resource, schemaUrl: '' },
    scope: { ...one.scope, schemaUrl: '' },
  }
}

/** With trace ids that the server has not seen, of which one begins with eight zero bytes. */
function richTraces(): ReadonlyMap<TraceId, readonly Span[]> {
  const { spans } = decodeTraces(fixture('recorded/rich.otlp.pb'))
  const ids = new Map(
    [...new Set(spans.map(({ traceId }) => traceId))].map((id, at) => [
      id,
      newTraceId(at === 0 ? 16 : 32),
    ]),
  )
  const renamed = <T extends { readonly traceId: TraceId }>(one: T): T => ({
    ...one,
    traceId: ids.get(one.traceId) ?? one.traceId,
  })
  return Map.groupBy(
    spans.map((one) => renamed({ ...one, links: one.links.map(renamed) })),
    ({ traceId }) => traceId,
  )
}

for (const { name, protocol, server, losses, kept } of ways) {
  const open = (): ReturnType<typeof openJaeger> => openJaeger(endpointOf(server), { protocol })

  describeSource(`Jaeger, ${name}`, async () => {
    const source = open()
    return {
      source,
      write: toJaeger.write,
      [Symbol.asyncDispose]: async () => source[Symbol.dispose](),
    }
  })

  describe(`Jaeger, ${name}`, () => {
    test('the rich trace comes back as it was sent, but for the declared losses', async () => {
      verifies('P-23')
      const sent = richTraces()
      await toJaeger.write([...sent.values()].flat())
      using source = open()
      for (const [id, spans] of sent) {
        const read = await until(() => source.trace(id), spans.length)
        expect({ ...read, spans: inOrder(read.spans) }).toEqual({
          spans: inOrder(spans.map(kept)),
          losses,
          cut: undefined,
        })
      }
    })

    test('a trace that only the archive has is read by its id', async () => {
      verifies('P-23')
      using source = open()
      const archived = {
        ...span({ id: 1, start: 1_000_000, end: 2_000_000 }),
        traceId: newTraceId(),
      }
      await toJaegerArchive.write([archived])
      const read = await until(() => source.trace(archived.traceId), 1)
      expect(read.spans.map(({ name, spanId }) => [name, spanId])).toEqual([
        [archived.name, archived.spanId],
      ])
    })

    test('a trace of 20,000 spans comes whole', async () => {
      using source = open()
      const traceId = newTraceId()
      const spans = Array.from({ length: 20_000 }, (_, at) => ({
        ...span({ id: at + 1, start: 1_000_001, end: 2_000_002 }),
        traceId,
      }))
      for (let at = 0; at < spans.length; at += 5_000) {
        await toJaeger.write(spans.slice(at, at + 5_000))
      }
      const read = await until(() => source.trace(traceId), spans.length)
      expect(new Set(read.spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    })
  })
}

function inOrder(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1))
}

/** The server takes spans in batches. */
async function until(
  read: () => Promise<SourceTrace | undefined>,
  count: number,
): Promise<SourceTrace> {
  for (const deadline = Date.now() + 20_000; ;) {
    const found = await read()
    if (found !== undefined && found.spans.length >= count) return found
    if (Date.now() > deadline) throw new Error(`${found?.spans.length ?? 0} of ${count} spans`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
