import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import { parseJsonDocuments } from '../../src/otlp/json-text.ts'
import { decodeJaegerText, isJaegerJson } from '../../src/sources/jaeger-json.ts'
import { jaegerJsonOf } from '../../src/sources/jaeger-json-write.ts'
import { Fault } from '../../src/trace/fault.ts'
import type { AttributeValue, Span } from '../../src/trace/span.ts'
import { spanArbitrary } from '../otlp/arbitrary.ts'
import { fixture } from '../otlp/fixture.ts'
import { defined } from '../trace/defined.ts'
import { span, spanId, traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { keptByJaeger } from './jaeger-kept.ts'

const rich = decodeTraces(fixture('recorded/rich.otlp.pb')).spans
const byId = (spans: readonly Span[]): readonly Span[] =>
  spans.toSorted((a, b) => (`${a.traceId}${a.spanId}` < `${b.traceId}${b.spanId}` ? -1 : 1))

test.for(['legacy-trace.json', 'legacy-search.json'])(
  'what Jaeger answers in %s is what was sent, but for the declared losses',
  (file) => {
    verifies('P-23')
    const { spans, rejected, cut } = decodeJaegerText(fixture(`recorded/jaeger/${file}`).toString())
    const sent = rich.slice(0, 9).map((sent) => ({ ...keptByJaeger(sent, 1000n), flags: 0 }))
    expect({ spans: byId(spans), rejected, cut }).toEqual({
      spans: byId(sent),
      rejected: 0,
      cut: undefined,
    })
  },
)

test("Jaeger's own pair of OTLP and JSON holds the same spans", () => {
  const sent = decodeTracesText(fixture('jaeger/otlp2jaeger-in.json').toString()).spans
  const { spans } = decodeJaegerText(fixture('jaeger/otlp2jaeger-out.json').toString())
  expect(spans).toEqual(sent.map((one) => keptByJaeger(one, 1000n)))
})

const bare = {
  traceID: 'a1',
  spanID: 'b1',
  operationName: 'work',
  startTime: 1_000_000,
  duration: 250,
}
const process = { p1: { serviceName: 'shop', tags: [] } }

function decodeOne(more: object, processes: object = process): Span {
  const trace = { traceID: 'a1', spans: [{ ...bare, processID: 'p1', ...more }], processes }
  return defined(decodeJaegerText(JSON.stringify(trace)).spans[0])
}

function tag(key: string, type: string | undefined, value: unknown): object {
  return { key, type, value }
}

test('a span of Jaeger without tags', () => {
  expect(decodeOne({})).toEqual({
    ...span({ id: 1, start: 1_000_000_000, end: 1_000_250_000 }),
    traceId: 'a1'.padStart(32, '0'),
    spanId: 'b1'.padStart(16, '0'),
    name: 'work',
    kind: 'unspecified',
    scope: {
      name: '',
      version: '',
      attributes: new Map(),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  })
})

test.for<readonly [name: string, tag: object, value: AttributeValue]>([
  ['a text', tag('k', 'string', 'v'), 'v'],
  ['a text that is written as a number', tag('k', 'string', 7), '7'],
  ['a boolean', tag('k', 'bool', false), false],
  ['a boolean that is written as a text', tag('k', 'bool', 'true'), true],
  ['an integer', tag('k', 'int64', -42), -42n],
  [
    'an integer beyond 2^53, as Jaeger writes it',
    tag('k', 'int64', '9007199254740993'),
    9007199254740993n,
  ],
  ['the largest integer', tag('k', 'int64', '9223372036854775807'), 9223372036854775807n],
  ['digits beyond an int64', tag('k', 'int64', '9223372036854775808'), '9223372036854775808'],
  ['a double', tag('k', 'float64', 0.5), 0.5],
  ['a whole double', tag('k', 'float64', 3), 3],
  ['no number', tag('k', 'float64', 'NaN'), Number.NaN],
  ['bytes', tag('k', 'binary', 'AP8Q'), Uint8Array.of(0, 255, 16)],
  ['bytes that are none', tag('k', 'binary', '?'), '?'],
  ['an integer without a type', tag('k', undefined, 7), 7n],
  ['a double without a type', tag('k', undefined, 7.5), 7.5],
  ['a text of an unknown type', tag('k', 'date', 'now'), 'now'],
  ['no value', { key: 'k', type: 'string' }, null],
  ['a map', tag('k', undefined, { a: [1] }), '{"a":[1]}'],
])('%s is a value', ([, written, value]) => {
  expect(decodeOne({ tags: [written] }).attributes).toEqual(new Map([['k', value]]))
})

test('a JSON integer beyond 2^53 stays exact', () => {
  const json = JSON.stringify({
    traceID: 'a1',
    processes: process,
    spans: [{ ...bare, processID: 'p1', tags: [tag('k', 'int64', 111)] }],
  }).replace('111', '9007199254740993')
  expect(decodeJaegerText(json).spans[0]?.attributes).toEqual(new Map([['k', 9007199254740993n]]))
})

interface Read {
  readonly name: string
  readonly more: object
  readonly read: object
}

const otel = tag('otel.scope.name', 'string', 'lib')
const unset = { code: 'unset', message: '' }

test.for<Read>([
  {
    name: 'ERROR with its description',
    more: {
      tags: [
        tag('otel.status_code', 'string', 'ERROR'),
        tag('error', 'bool', true),
        tag('otel.status_description', 'string', 'no stock'),
      ],
    },
    read: { status: { code: 'error', message: 'no stock' }, attributes: new Map() },
  },
  {
    name: 'OK',
    more: { tags: [tag('otel.status_code', 'string', 'OK')] },
    read: { status: { code: 'ok', message: '' }, attributes: new Map() },
  },
  {
    name: 'an error of a program without OpenTelemetry',
    more: { tags: [tag('error', 'bool', true)] },
    read: { status: { code: 'error', message: '' }, attributes: new Map() },
  },
  {
    name: 'an error of a program without OpenTelemetry, as a text',
    more: { tags: [tag('error', 'bool', 'true')] },
    read: { status: { code: 'error', message: '' }, attributes: new Map() },
  },
  {
    name: 'no error',
    more: { tags: [tag('error', 'bool', false)] },
    read: { status: unset, attributes: new Map([['error', false]]) },
  },
  {
    name: 'an attribute "error" of a span whose status is unset',
    more: { tags: [otel, tag('error', 'bool', true)] },
    read: { status: unset, attributes: new Map([['error', true]]) },
  },
  {
    name: 'an attribute "error" beside that of the status',
    more: {
      tags: [
        otel,
        tag('error', 'string', 'timeout'),
        tag('otel.status_code', 'string', 'ERROR'),
        tag('error', 'bool', true),
      ],
    },
    read: { status: { code: 'error', message: '' }, attributes: new Map([['error', 'timeout']]) },
  },
  {
    name: 'a kind',
    more: { tags: [tag('span.kind', 'string', 'consumer')] },
    read: { kind: 'consumer', attributes: new Map() },
  },
  {
    name: 'a kind that is none',
    more: { tags: [tag('span.kind', 'string', 'job')] },
    read: { kind: 'unspecified', attributes: new Map([['span.kind', 'job']]) },
  },
  {
    name: 'a scope',
    more: { tags: [otel, tag('otel.scope.version', 'string', '1.2')] },
    read: { scope: { name: 'lib', version: '1.2' }, attributes: new Map() },
  },
  {
    name: 'a scope by its older names',
    more: {
      tags: [
        tag('otel.library.name', 'string', 'lib'),
        tag('otel.library.version', 'string', '1.2'),
      ],
    },
    read: { scope: { name: 'lib', version: '1.2' }, attributes: new Map() },
  },
  {
    name: 'trace state and what Jaeger itself notes',
    more: {
      flags: 3,
      tags: [
        tag('w3c.tracestate', 'string', 'a=1'),
        tag('internal.span.format', 'string', 'jaeger'),
        tag('@jaeger@warnings', 'string', '["x"]'),
      ],
    },
    read: { traceState: 'a=1', flags: 1, attributes: new Map() },
  },
  {
    name: 'an event with a name',
    more: {
      logs: [{ timestamp: 5, fields: [tag('event', 'string', 'paid'), tag('n', 'int64', 1)] }],
    },
    read: { events: [{ time: 5000n, name: 'paid', attributes: new Map([['n', 1n]]) }] },
  },
  {
    name: 'an event whose name is its message',
    more: { logs: [{ timestamp: 5, fields: [tag('message', 'string', 'paid')] }] },
    read: { events: [{ time: 5000n, name: 'paid', attributes: new Map() }] },
  },
  {
    name: 'an event of OpenTelemetry without a name',
    more: { tags: [otel], logs: [{ timestamp: 5, fields: [tag('message', 'string', 'paid')] }] },
    read: { events: [{ name: '', attributes: new Map([['message', 'paid']]) }] },
  },
  {
    name: 'an event with a name and a message',
    more: {
      logs: [
        { timestamp: 5, fields: [tag('message', 'string', 'why'), tag('event', 'string', 'paid')] },
      ],
    },
    read: { events: [{ name: 'paid', attributes: new Map([['message', 'why']]) }] },
  },
  {
    name: 'a parent and links',
    more: {
      references: [
        { refType: 'FOLLOWS_FROM', traceID: 'a1', spanID: 'c1' },
        { refType: 'CHILD_OF', traceID: 'a1', spanID: 'b0' },
        { refType: 'CHILD_OF', traceID: 'f1', spanID: 'b0' },
      ],
    },
    read: {
      parentSpanId: 'b0'.padStart(16, '0'),
      links: [
        { traceId: 'a1'.padStart(32, '0'), spanId: 'c1'.padStart(16, '0'), attributes: new Map() },
        {
          traceId: 'f1'.padStart(32, '0'),
          attributes: new Map([['opentracing.ref_type', 'child_of']]),
        },
      ],
    },
  },
  {
    name: 'a parent that it follows from, which is a link too',
    more: { references: [{ refType: 'FOLLOWS_FROM', traceID: 'a1', spanID: 'b0' }] },
    read: {
      parentSpanId: 'b0'.padStart(16, '0'),
      links: [{ spanId: 'b0'.padStart(16, '0') }],
    },
  },
  {
    name: 'a parent that is none',
    more: { references: [{ refType: 'CHILD_OF', traceID: 'a1', spanID: '0' }] },
    read: { parentSpanId: undefined, links: [] },
  },
  {
    name: 'a parent of the oldest form',
    more: { parentSpanID: 'b0' },
    read: { parentSpanId: 'b0'.padStart(16, '0'), links: [] },
  },
  {
    name: 'a process within the span',
    more: { process: { serviceName: 'cart', tags: [tag('ip', 'string', '::1')] } },
    read: {
      resource: {
        attributes: new Map([
          ['service.name', 'cart'],
          ['ip', '::1'],
        ]),
      },
    },
  },
  {
    name: 'a process that is missing',
    more: { processID: 'p9' },
    read: { resource: { attributes: new Map() } },
  },
  {
    name: 'a duration below zero, as Jaeger writes it',
    more: { duration: -3 },
    read: { start: 1_000_000_000n, end: 999_997_000n },
  },
  {
    name: 'times with fractions',
    more: { startTime: 1.5, duration: 0.25 },
    read: { start: 1500n, end: 1750n },
  },
])('$name is read', ({ more, read }) => {
  expect(decodeOne(more)).toMatchObject(read)
})

test.for(['OTLPResourceNoServiceName', 'missing-service-name'])('%s names no service', (name) => {
  const { resource } = decodeOne({}, { p1: { serviceName: name } })
  expect(resource.attributes).toEqual(new Map())
})

test('spans of one process share its resource, and of one scope the scope', () => {
  const { spans } = decodeJaegerText(fixture('recorded/jaeger/legacy-trace.json').toString())
  const shop = spans.filter(({ resource }) => resource.attributes.get('service.name') === 'shop')
  expect(shop).toHaveLength(8)
  expect(new Set(shop.map(({ resource }) => resource)).size).toBe(1)
  expect(new Set(shop.map(({ scope }) => scope)).size).toBe(2)
})

test('ids that are no hex get one that is made of their text', () => {
  const spans = decodeJaegerText(fixture('jaeger-ui/testTrace.json').toString()).spans
  const again = decodeJaegerText(fixture('jaeger-ui/testTrace.json').toString()).spans
  expect(spans).toEqual(again)
  const ids = new Set(spans.map(({ spanId: id }) => id))
  expect(ids.size).toBe(spans.length)
  const parents = spans.flatMap(({ parentSpanId }) => parentSpanId ?? [])
  expect({ parents: parents.length, unknown: parents.filter((id) => !ids.has(id)) }).toEqual({
    parents: spans.length - 1,
    unknown: [],
  })
})

test('spans without valid ids are counted', () => {
  const spans = [bare, { ...bare, spanID: '0' }, { ...bare, spanID: '' }]
  const decoded = decodeJaegerText(JSON.stringify({ traceID: 'a1', spans, processes: {} }))
  expect([decoded.spans.length, decoded.rejected]).toEqual([1, 2])
})

test.for<readonly [warning: string, cut: boolean]>([
  ['trace has more than 3 spans, showing first 3 spans only', true],
  ['trace size exceeded maximum allowed size', true],
  ['clock skew adjustment disabled; not applying calculated delta of 3ms', false],
  ['max clock skew adjustment delta of 1s exceeded; not applying', false],
])('the warning %j says whether spans are left out', ([warning, isCut]) => {
  const cut = isCut ? warning : undefined
  const ofSpan = { traceID: 'a1', spans: [{ ...bare, warnings: [warning] }], processes: {} }
  const ofTrace = { traceID: 'a1', spans: [bare], processes: {}, warnings: [warning] }
  const cuts = [ofSpan, ofTrace].map((trace) => decodeJaegerText(JSON.stringify(trace)).cut)
  expect(cuts).toEqual([cut, cut])
})

const one = { traceID: 'a1', spans: [bare], processes: {} }

test.for<readonly [shape: string, json: unknown, spans: number]>([
  ['an answer', { data: [one], errors: null }, 1],
  ['an answer without a trace', { data: [] }, 0],
  ['an answer around one trace', { data: one }, 1],
  ['a trace', one, 1],
  ['an array of traces', [one, one], 2],
  ['an array of answers', [{ data: [one] }, { data: [one, one] }], 3],
])('%s is read', ([, json, spans]) => {
  expect(decodeJaegerText(JSON.stringify(json)).spans).toHaveLength(spans)
})

test('JSON lines are read', () => {
  expect(
    decodeJaegerText(`${JSON.stringify(one)}\n${JSON.stringify({ data: [one] })}\n`).spans,
  ).toHaveLength(2)
})

test.for([
  ['jaeger-ui/testTrace.json', true],
  ['crisp/1.json', true],
  ['recorded/jaeger/legacy-trace.json', true],
  ['jaeger/otlp2jaeger-in.json', false],
  ['recorded/jaeger/v3-trace.json', false],
  ['recorded/tempo-trace-v1.json', false],
] as const)('%s has the form of Jaeger: %s', ([file, isJaeger]) => {
  expect(parseJsonDocuments(fixture(file).toString()).map(isJaegerJson)).toEqual([isJaeger])
})

test.for<readonly [what: string, text: string]>([
  ['nothing that is JSON', 'traces'],
  ['an error', '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}'],
  ['OTLP', '{"resourceSpans":[]}'],
  ['a text', '"traceID"'],
  ['spans that are no array', '{"traceID":"a1","spans":{}}'],
  ['a span that is no object', '{"traceID":"a1","spans":[1]}'],
  ['a span without a time', JSON.stringify({ ...one, spans: [{ ...bare, startTime: undefined }] })],
  ['a span without a duration', JSON.stringify({ ...one, spans: [{ ...bare, duration: null }] })],
  ['a span without a name', JSON.stringify({ ...one, spans: [{ ...bare, operationName: 1 }] })],
  ['a tag without a key', JSON.stringify({ ...one, spans: [{ ...bare, tags: [{}] }] })],
  ['a process that is none', JSON.stringify({ ...one, processes: { p1: 1 } })],
])('%s is a Fault', ([, text]) => {
  expect(() => decodeJaegerText(text)).toThrow(
    expect.objectContaining({ name: 'Fault', code: 'TRACE_INVALID' }),
  )
})

test('whatever JSON it is, the reader gives spans or throws a Fault', () => {
  const names = `data spans processes traceID spanID operationName startTime duration references tags key type value
    logs fields warnings flags`
  const key = fc.constantFrom(...names.split(/\s+/))
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(null, true, '', 'a1', '0', 'int64', 1e300, -1, 0.1, 7),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(key, tie('json'), { maxKeys: 5 }),
    ),
  }))
  const spans = fc.record({
    traceID: json,
    spans: fc.array(fc.dictionary(key, json).map((more) => ({ ...bare, ...more }))),
    processes: fc.oneof(json, fc.constant({})),
  })
  fc.assert(
    fc.property(fc.oneof(json, spans), (value) => {
      const read = attempt(() => decodeJaegerText(JSON.stringify(value)).spans)
      expect(Array.isArray(read) || read instanceof Fault).toBe(true)
    }),
  )
})

function attempt(read: () => readonly Span[]): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

test('what is written is read back, but for what the document says it lost', () => {
  verifies('P-23')
  fc.assert(
    fc.property(fc.array(spanArbitrary, { minLength: 1, maxLength: 4 }), (spans) => {
      const { text, lost } = jaegerJsonOf(spans)
      fc.pre(!lost.some(({ fact }) => fact === 'parent_or_link' || fact === 'reserved_names'))
      const written = Map.groupBy(spans, ({ traceId: id }) => id)
      const kept = [...written.values()].flat().map((one) => keptByJaeger(one, 1000n))
      expect(decodeJaegerText(text)).toEqual({ spans: kept, rejected: 0, cut: undefined })
    }),
  )
})

test('what a document does not hold is said by the number of spans', () => {
  const link = {
    traceId: traceId(2),
    spanId: spanId(9),
    traceState: '',
    attributes: new Map(),
    droppedAttributesCount: 0,
    flags: 0,
  }
  const whole = { start: 1000, end: 3000 }
  const lost = (more: Partial<Span>): readonly unknown[] =>
    jaegerJsonOf([{ ...span({ id: 1, ...whole }), ...more }, span({ id: 2, ...whole })]).lost
  const { resource, scope } = span({ id: 1 })
  const facts: readonly (readonly [fact: string, more: Partial<Span>])[] = [
    ['nanoseconds', span({ id: 1, start: 1001, end: 3000 })],
    ['composite_values', { attributes: new Map([['list', [1n]]]) }],
    ['composite_values', { resource: { ...resource, attributes: new Map([['none', null]]) } }],
    ['scope_attributes', { scope: { ...scope, attributes: new Map([['a', 1]]) } }],
    ['link_details', { links: [{ ...link, attributes: new Map([['a', 1]]) }] }],
    ['parent_or_link', { links: [{ ...link, traceId: traceId(1) }] }],
    ['flags', { flags: 257 }],
    ['dropped_counts', { links: [{ ...link, droppedAttributesCount: 1 }] }],
    ['dropped_counts', { droppedEventsCount: 1 }],
    ['schema_urls', { scope: { ...scope, schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' } }],
    ['reserved_names', { attributes: new Map([['span.kind', 'client']]) }],
  ]
  expect(facts.map(([, more]) => lost(more))).toEqual(facts.map(([fact]) => [{ fact, spans: 1 }]))
  expect(lost({ links: [link], attributes: new Map([['a', Uint8Array.of(1)]]), flags: 1 })).toEqual(
    [],
  )
})
