import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { parseJsonDocuments } from '../../src/otlp/json-text.ts'
import { encodeZipkin } from '../../src/sources/zipkin-encode.ts'
import { decodeZipkin } from '../../src/sources/zipkin-json.ts'
import { lossless } from '../../src/trace/losses.ts'
import { serviceName, type Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { spanArbitrary } from '../otlp/arbitrary.ts'
import { fixture } from '../otlp/fixture.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

function through(spans: readonly Span[], known = lossless): readonly Span[] {
  return decodeZipkin(parseJsonDocuments(encodeZipkin(spans, known).text)).spans
}

test('what Zipkin cannot hold of the rich trace is counted', () => {
  verifies('L-07')
  const { spans } = decodeTraces(fixture('recorded/rich.otlp.pb'))
  expect(encodeZipkin(spans).lost).toEqual([
    { fact: 'flags', spans: 10 },
    { fact: 'links', spans: 1 },
    { fact: 'nanoseconds', spans: 10 },
    { fact: 'resource_level', spans: 10 },
    { fact: 'schema_urls', spans: 10 },
    { fact: 'scope_attributes', spans: 2 },
    { fact: 'trace_states', spans: 1 },
    { fact: 'value_types', spans: 9 },
  ])
})

/** What Zipkin holds of any span. */
function told(each: Span): unknown {
  const micros = (time: bigint): bigint => time / 1000n
  const duration = micros(each.end - each.start)
  return [
    each.traceId,
    each.spanId,
    each.parentSpanId,
    each.name,
    each.kind === 'unspecified' ? 'internal' : each.kind,
    micros(each.start),
    duration === 0n ? 1n : duration,
    each.status.code,
    each.status.code === 'error' && each.status.message !== 'true' ? each.status.message : '',
    serviceName(each),
    [each.scope.name, each.scope.version],
    each.events.map(({ name, time, attributes }) => [name, micros(time), [...attributes.keys()]]),
    [each.droppedAttributesCount, each.droppedEventsCount, each.droppedLinksCount],
  ]
}

const timed = spanArbitrary
  .filter(({ events }) => events.every(({ time }) => time < 2n ** 53n * 1000n))
  .map((each) => {
    const start = nanosOf((each.start % 2n ** 61n) + 1000n)
    return {
      ...each,
      start,
      end: nanosOf(start + (each.end % 2n ** 50n)),
      droppedAttributesCount: each.droppedAttributesCount % 1e9,
      droppedEventsCount: each.droppedEventsCount % 1e9,
      droppedLinksCount: each.droppedLinksCount % 1e9,
    }
  })

test('any span comes back with all that Zipkin can hold, and whole when nothing is said to be lost', () => {
  fc.assert(
    fc.property(timed, (each) => {
      const [read] = through([each])
      expect(read && told(read)).toEqual(told(each))
    }),
  )
  const plain = span({
    id: 1,
    start: 1000,
    end: 5000,
    kind: 'server',
    attributes: new Map([['a', 'b']]),
    status: { code: 'error', message: 'no' },
  })
  expect(encodeZipkin([plain]).lost).toEqual([])
  expect(through([plain])).toEqual([plain])
})

test.for<readonly [string, Partial<Span>]>([
  ['an event named like one with attributes', { events: [event('"a": {}'), event('a|{}|0')] }],
  [
    "Zipkin's own error tag",
    { status: { code: 'error', message: 'x' }, attributes: new Map([['error', 'x']]) },
  ],
])('%s comes back', ([, members]) => {
  const one = { ...span({ id: 1, start: 1000, end: 5000 }), ...members }
  expect(through([one])).toEqual([one])
})

function event(name: string): Span['events'][number] {
  return { name, time: nanosOf(2000n), attributes: new Map(), droppedAttributesCount: 0 }
}

test('a duration that nobody knew is not written as one', () => {
  const begun = span({ id: 1, start: 5000, end: 5000 })
  const unknown = { ...lossless, unknownDurations: true }
  expect(through([begun], unknown)[0]).toEqual(begun)
  expect(through([begun])[0]).toEqual({ ...begun, end: 6000n })
})
