import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { encodeTraces, encodeTracesJson } from '../../src/otlp/encode.ts'
import { requestFromJson, requestOf } from '../../src/otlp/from-json.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { scanRequest, scanSpan, emptyColumns } from '../../src/otlp/scan.ts'
import { messageToJson } from '../../src/otlp/to-json.ts'
import { Fault } from '../../src/trace/fault.ts'
import type { Signal } from '../../src/trace/ports.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'
import { spanArbitrary } from './arbitrary.ts'
import { fixture } from './fixture.ts'

test('the rich trace is the same in protobuf and in JSON', () => {
  verifies('P-25')
  const fromProtobuf = decodeTraces(fixture('recorded/rich.otlp.pb'))
  const fromJson = decodeTraces(
    requestFromJson(fixture('recorded/rich.otlp.json').toString(), 'traces'),
  )
  expect(fromProtobuf.spans).toHaveLength(10)
  expect(fromJson).toEqual(fromProtobuf)
})

test('nothing of the rich trace is rounded or lost', () => {
  const { spans } = decodeTraces(fixture('recorded/rich.otlp.pb'))
  const { resource, scope, ...root } = defined(spans[0])
  expect(root).toEqual({
    traceId: '00000000000000007d5c1c2e9a3b4f60',
    spanId: '1111111111111111',
    parentSpanId: undefined,
    traceState: 'vendor=abc,other=1',
    flags: 257,
    name: 'POST /checkout',
    kind: 'server',
    start: 1795198879391080449n,
    end: 1795198879803426127n,
    attributes: new Map<string, unknown>([
      ['http.request.method', 'POST'],
      ['http.route', '/checkout'],
      ['http.response.status_code', 201n],
      ['url.path', '/checkout'],
      ['big.int', 9007199254740993n],
      ['negative', -42n],
      ['ratio', 0.30000000000000004],
      ['list', ['a', 'b']],
      ['numbers', [1n, 2n, 3n]],
      [
        'nested',
        new Map<string, unknown>([
          ['k', 'v'],
          ['n', new Map([['deep', true]])],
        ]),
      ],
      ['raw', Uint8Array.of(0, 255, 16)],
      ['empty.string', ''],
      ['unicode.名前', 'チェックアウト ✓'],
    ]),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
  })
  expect(resource.schemaUrl).toBe('https://opentelemetry.io/schemas/1.37.0')
  expect(scope.attributes).toEqual(new Map([['scope.note', 'real']]))
  expect(spans.find((span) => span.links.length > 0)?.links).toEqual([
    {
      traceId: '00000000000000007d5c1c2e9a3b4f60',
      spanId: '7777777777777777',
      traceState: '',
      attributes: new Map([['messaging.batch.index', 0n]]),
      droppedAttributesCount: 0,
      flags: 0,
    },
  ])
})

test.for<readonly [Signal, string]>([
  ['traces', 'opentelemetry-proto/trace.json'],
  ['logs', 'opentelemetry-proto/logs.json'],
  ['metrics', 'opentelemetry-proto/metrics.json'],
])("the norm's example of %s says the same after JSON, protobuf and JSON", ([signal, name]) => {
  const text = fixture(name).toString()
  const once = messageToJson(requestFromJson(text, signal), requestOf[signal])
  expect(normal(JSON.parse(once))).toEqual(normal(JSON.parse(text)))
  expect(messageToJson(requestFromJson(once, signal), requestOf[signal])).toBe(once)
})

/** Without defaults, with 64-bit integers as text and ids in lower case, in all of which JSON may differ. */
function normal(json: unknown, name = ''): unknown {
  if (Array.isArray(json)) return json.map((value) => normal(value, name))
  if (typeof json === 'object' && json !== null) {
    return Object.fromEntries(
      Object.entries(json)
        .map(([key, value]) => [key, normal(value, key)])
        .filter(([, value]) => value !== 0 && value !== '0' && value !== '' && value !== false),
    )
  }
  if (/^(traceId|spanId|parentSpanId)$/.test(name)) return String(json).toLowerCase()
  return typeof json === 'number' && /Count|asInt|count$/i.test(name) ? String(json) : json
}

test('any spans are the same after either encoding', () => {
  fc.assert(
    fc.property(fc.array(spanArbitrary, { maxLength: 5 }), (spans) => {
      const expected = { spans, rejected: 0 }
      expect(decodeTraces(encodeTraces(spans))).toEqual(expected)
      expect(decodeTracesText(encodeTracesJson(spans))).toEqual(expected)
      expect(decodeTraces(requestFromJson(encodeTracesJson(spans), 'traces'))).toEqual(expected)
    }),
  )
})

test('any spans have the columns that decoding gives', () => {
  fc.assert(
    fc.property(spanArbitrary, (span) => {
      const bytes = encodeTraces([span])
      const [start = 0, end = 0] = scanRequest(bytes).groups[0]?.scopes[0]?.items ?? []
      const row = emptyColumns()
      expect(scanSpan(bytes.subarray(start, end), row)).toBe(true)
      const hex = (at: number, length: number): string =>
        Buffer.from(bytes.subarray(start + at, start + at + length)).toString('hex')
      expect({
        traceId: hex(row.traceId, 16),
        spanId: hex(row.spanId, 8),
        parentSpanId: row.parentId === -1 ? undefined : hex(row.parentId, 8),
        isError: row.status === 2,
        start: (BigInt(row.startHigh) << 32n) | BigInt(row.startLow),
        end: (BigInt(row.endHigh) << 32n) | BigInt(row.endLow),
        name: Buffer.from(hex(row.name, row.nameLength), 'hex').toString(),
      }).toEqual({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        isError: span.status.code === 'error',
        start: span.start,
        end: span.end,
        name: span.name,
      })
    }),
  )
})

function faultOrValue(read: () => unknown): 'value' | 'fault' {
  try {
    read()
    return 'value'
  } catch (error) {
    if (error instanceof Fault && error.code === 'TRACE_INVALID') return 'fault'
    throw error
  }
}

function readers(bytes: Uint8Array): readonly (() => unknown)[] {
  const text = new TextDecoder().decode(bytes)
  return [
    () => decodeTraces(bytes),
    () => decodeTracesText(text),
    ...(['traces', 'logs', 'metrics'] as const).flatMap((signal) => [
      () => requestFromJson(text, signal),
      () => messageToJson(bytes, requestOf[signal]),
    ]),
    () => {
      const request = scanRequest(bytes)
      const items = request.groups.flatMap((group) => group.scopes.flatMap((scope) => scope.items))
      for (let at = 0; at < items.length; at += 2) {
        scanSpan(bytes.subarray(items[at], items[at + 1]), emptyColumns())
      }
    },
  ]
}

test('arbitrary bytes are a Fault or a value, never anything else', () => {
  const damaged = fc
    .tuple(
      fc.array(spanArbitrary, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      fc.nat(),
      fc.nat(255),
    )
    .map(([spans, isJson, place, byte]) => {
      const bytes = isJson ? Buffer.from(encodeTracesJson(spans)) : Buffer.from(encodeTraces(spans))
      bytes[place % bytes.length] = byte
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      for (const read of readers(bytes)) expect(['value', 'fault']).toContain(faultOrValue(read))
    }),
    { numRuns: 500 },
  )
})

test('what the scan lets in can be decoded', () => {
  const cuts = fc.tuple(spanArbitrary, fc.nat(), fc.nat(255)).map(([span, place, byte]) => {
    const bytes = Buffer.from(encodeTraces([span]))
    bytes[place % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(cuts, (bytes) => {
      const scanned = defined(readers(bytes).at(-1))
      if (faultOrValue(scanned) === 'fault') return
      const { groups } = scanRequest(bytes)
      fc.pre(groups.length > 0)
      for (const group of groups) {
        for (const scope of group.scopes) {
          for (let at = 0; at < scope.items.length; at += 2) {
            const item = bytes.subarray(scope.items[at], scope.items[at + 1])
            expect(faultOrValue(() => decodeTraces(around(item)))).toBe('value')
          }
        }
      }
    }),
    { numRuns: 500 },
  )
})

/** A request with one span message in it. */
function around(span: Uint8Array): Uint8Array {
  const field = (tag: number, value: Uint8Array): Buffer =>
    Buffer.concat([Buffer.of(tag), varint(value.length), value])
  return field(0x0a, field(0x12, field(0x12, span)))
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}
