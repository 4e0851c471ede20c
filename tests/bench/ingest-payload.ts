import { encodeTraces, encodeTracesJson } from '../../src/otlp/encode.ts'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import type { Resource, Scope, Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'

/** 5,000 spans of 250 traces from 10 resources, each with 12 attributes: seven texts, three ints, a boolean and a double. */
export function payload(seed: number): { readonly protobuf: Uint8Array; readonly json: string } {
  const spans = Array.from({ length: spansPerRequest }, (_, index) => spanAt(seed, index))
  return { protobuf: encodeTraces(spans), json: encodeTracesJson(spans) }
}

export const spansPerRequest = 5_000

const resources: readonly Resource[] = Array.from({ length: 10 }, (_, index) => ({
  attributes: new Map([
    ['service.name', `service-${index}`],
    ['service.version', '1.2.3'],
    ['host.name', `host-${index}`],
    ['telemetry.sdk.language', 'nodejs'],
  ]),
  droppedAttributesCount: 0,
  schemaUrl: '',
}))
const scope: Scope = {
  name: '@opentelemetry/instrumentation-http',
  version: '0.203.0',
  attributes: new Map(),
  droppedAttributesCount: 0,
  schemaUrl: '',
}

function spanAt(seed: number, index: number): Span {
  const trace = Math.floor(index / 20)
  const chance = mixed(seed * spansPerRequest + index)
  const start = 1787000000000000000n + BigInt(seed) * 1_000_000_000n + BigInt(index) * 100_003n
  return {
    traceId: parseTraceId(hex(seed * 1_000 + trace, 4)) ?? invalid(),
    spanId: parseSpanId(hex(seed * spansPerRequest + index, 2)) ?? invalid(),
    parentSpanId:
      index % 20 === 0
        ? undefined
        : parseSpanId(hex(seed * spansPerRequest + trace * 20 + Math.floor((index % 20) / 2), 2)),
    traceState: '',
    flags: 257,
    name: `GET /api/v1/items/${index % 50}`,
    kind: index % 2 === 0 ? 'server' : 'client',
    start: nanosOf(start),
    end: nanosOf(start + BigInt(chance % 10_000_000)),
    attributes: new Map<string, string | bigint | boolean | number>([
      ['http.request.method', 'GET'],
      ['http.route', '/api/v1/items/{id}'],
      ['url.full', `http://items.internal:8080/api/v1/items/${chance}`],
      ['server.address', 'items.internal'],
      ['user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) bench'],
      ['app.user.id', `user-${chance % 10_000}`],
      ['app.tenant', `tenant-${index % 7}`],
      ['http.response.status_code', 200n],
      ['server.port', 8080n],
      ['app.items', BigInt(chance % 100)],
      ['app.cached', index % 2 === 0],
      ['app.ratio', chance / 2 ** 32],
    ]),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource: resources[index % resources.length] ?? invalid(),
    scope,
  }
}

/** Words of eight hex digits that look random and are the same in every run. */
function hex(from: number, words: number): string {
  return Array.from({ length: words }, (_, word) =>
    mixed(from * 7 + word)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}

function invalid(): never {
  throw new RangeError('no id')
}
