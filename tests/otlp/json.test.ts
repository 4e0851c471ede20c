import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { requestFromJson, requestOf } from '../../src/otlp/from-json.ts'
import { messageToJson } from '../../src/otlp/to-json.ts'
import type { Span } from '../../src/trace/span.ts'
import { defined } from '../trace/defined.ts'

const ids = '"traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"B7AD6B7169203331"'

function request(members: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{${ids}${members}}]}]}]}`
}

function decoded(members: string): Span {
  const { spans } = decodeTraces(requestFromJson(request(members), 'traces'))
  return defined(spans[0])
}

function valueOf(anyValue: string): unknown {
  return decoded(`,"attributes":[{"key":"a","value":${anyValue}}]`).attributes.get('a')
}

test.for<readonly [string, string, unknown]>([
  ['a 64-bit integer as text', '{"intValue":"9223372036854775807"}', 2n ** 63n - 1n],
  ['a 64-bit integer as a number', '{"intValue":42}', 42n],
  ['a number beyond 2^53', '{"intValue":9007199254740993}', 9007199254740993n],
  ['the least integer', '{"intValue":-9223372036854775808}', -(2n ** 63n)],
  ['a double', '{"doubleValue":0.1}', 0.1],
  ['a double that is whole', '{"doubleValue":1}', 1],
  ['a double beyond 2^53', '{"doubleValue":100000000000000000000}', 1e20],
  ['minus zero', '{"doubleValue":-0.0}', -0],
  ['no number', '{"doubleValue":"NaN"}', Number.NaN],
  ['minus infinity', '{"doubleValue":"-Infinity"}', -Infinity],
  ['false, which is a default', '{"boolValue":false}', false],
  ['an empty text, which is a default', '{"stringValue":""}', ''],
  ['an empty value', '{}', null],
  ['bytes', '{"bytesValue":"+/8="}', Uint8Array.of(0xfb, 0xff)],
  [
    'bytes in the other alphabet without padding',
    '{"bytesValue":"-_8"}',
    Uint8Array.of(0xfb, 0xff),
  ],
  ['a list', '{"arrayValue":{"values":[{"intValue":1},{}]}}', [1n, null]],
  ['an empty list', '{"arrayValue":{}}', []],
  [
    'a map',
    '{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}}]}}',
    new Map([['k', true]]),
  ],
  ['a lone surrogate', String.raw`{"stringValue":"\ud800"}`, '\ufffd'],
])('%s', ([, json, value]) => {
  expect(valueOf(json)).toEqual(value)
})

test('unknown and snake_case fields are ignored, missing ones are defaults', () => {
  const span = decoded(',"droppedEventsCount":null,"start_time_unix_nano":"5","news":[{"a":1}]')
  expect([span.start, span.name, span.kind, span.droppedEventsCount]).toEqual([
    0n,
    '',
    'unspecified',
    0,
  ])
})

test('nanoseconds are exact as text and as a number', () => {
  const span = decoded(
    ',"startTimeUnixNano":1795198879391080449,"endTimeUnixNano":"1795198879803426127"',
  )
  expect([span.start, span.end]).toEqual([1795198879391080449n, 1795198879803426127n])
})

test.for<readonly [string, string, string]>([
  ['no JSON', '{', 'not JSON'],
  ['an array', '[]', 'one JSON object'],
  ['two documents', '{}{}', 'one JSON object'],
  ['a list that is none', '{"resourceSpans":{}}', 'resourceSpans is not an array'],
  ['a message that is none', '{"resourceSpans":[1]}', 'resourceSpans is not an object'],
  ['a name that is a number', request(',"name":1'), 'name is not a string'],
  ['the name of an enum', request(',"kind":"SPAN_KIND_SERVER"'), 'kind is not a number'],
  ['a fraction of a nanosecond', request(',"startTimeUnixNano":1.5'), 'startTimeUnixNano is not'],
  ['a negative time', request(',"startTimeUnixNano":"-1"'), 'startTimeUnixNano is not'],
  ['an integer of 65 bits', request(',"flags":18446744073709551616'), 'flags is not an integer'],
  [
    'bytes that are no base64',
    request(',"attributes":[{"value":{"bytesValue":"a"}}]'),
    'bytesValue is not base64',
  ],
  ['too many brackets', '['.repeat(10_000), 'nested more than 512 levels'],
])('%s is a Fault that says so', ([, text, message]) => {
  expect(() => requestFromJson(text, 'traces')).toThrow(
    expect.objectContaining({ code: 'TRACE_INVALID', message: expect.stringContaining(message) }),
  )
})

function nestedList(levels: number): string {
  const [open, close] = ['{"arrayValue":{"values":[', ']}}']
  return `${open.repeat(levels - 1)}{"intValue":"1"}${close.repeat(levels - 1)}`
}

test('values may be nested 100 levels deep and no deeper', () => {
  const json = request(`,"attributes":[{"key":"a","value":${nestedList(100)}}]`)
  const protobuf = requestFromJson(json, 'traces')
  expect(decodeTraces(protobuf).spans).toHaveLength(1)
  expect(messageToJson(protobuf, requestOf.traces)).toContain(nestedList(100))
  const deeper = request(`,"attributes":[{"key":"a","value":${nestedList(101)}}]`)
  expect(() => requestFromJson(deeper, 'traces')).toThrow(
    expect.objectContaining({ code: 'TRACE_INVALID' }),
  )
})

test.for<readonly [string, string]>([
  ['a zero trace id', '"traceId":"00000000000000000000000000000000","spanId":"b7ad6b7169203331"'],
  ['a short span id', '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7"'],
  ['an id that is no hex', '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"zzzzzzzz"'],
  ['an id in base64', '"traceId":"CvdlGRbNQ92ESOshHIAxnA==","spanId":"b7ad6b7169203331"'],
  ['no ids', '"name":"a"'],
  [
    'a parent id that is none',
    '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","parentSpanId":"b7"',
  ],
])('a span with %s is rejected and counted, the others are not', ([, members]) => {
  const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}},{${ids}}]}]}]}`
  const { spans, rejected } = decodeTraces(requestFromJson(text, 'traces'))
  expect([spans.length, rejected]).toEqual([1, 1])
})

test('a parent id of zeros is no parent', () => {
  expect(decoded(',"parentSpanId":"0000000000000000"').parentSpanId).toBeUndefined()
})

test('a link to no span counts as dropped', () => {
  const span = decoded(',"links":[{"traceId":"","spanId":""}],"droppedLinksCount":2')
  expect([span.links, span.droppedLinksCount]).toEqual([[], 3])
})

test('entity references and histograms survive both encodings', () => {
  const metrics = {
    resourceMetrics: [
      {
        resource: { entityRefs: [{ type: 'service', idKeys: ['service.name', 'b'] }] },
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'h',
                histogram: {
                  dataPoints: [
                    {
                      count: '3',
                      sum: 0,
                      bucketCounts: ['0', '1', '18446744073709551615'],
                      explicitBounds: [-0.5, 1e300],
                      min: 0,
                    },
                  ],
                  aggregationTemporality: 2,
                },
              },
              {
                name: 'e',
                exponentialHistogram: {
                  dataPoints: [
                    { scale: -3, positive: { offset: -7, bucketCounts: ['300', '0', '1'] } },
                  ],
                },
              },
              { name: 'g', gauge: { dataPoints: [{ asInt: '-9007199254740993' }] } },
            ],
          },
        ],
      },
    ],
  }
  const protobuf = requestFromJson(JSON.stringify(metrics), 'metrics')
  expect(JSON.parse(messageToJson(protobuf, requestOf.metrics))).toEqual(metrics)
})
