import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJsonDocuments } from '../../src/otlp/json-text.ts'
import { decodeZipkin } from '../../src/sources/zipkin-json.ts'
import { lossless } from '../../src/trace/losses.ts'
import { serviceName, type Span } from '../../src/trace/span.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { fixture } from '../otlp/fixture.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'

function read(text: string): ReturnType<typeof decodeZipkin> {
  return decodeZipkin(parseJsonDocuments(text))
}

function readFixture(name: string): readonly Span[] {
  return read(fixture(`zipkin/${name}`).toString()).spans
}

/** A trace as lines, each below its parent. */
function drawn(spans: readonly Span[]): readonly string[] {
  const trace = buildTrace(spans)
  const lines: string[] = []
  const waiting = trace.roots.toReversed().map((index) => ({ index, depth: 0 }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { index, depth } = next
    const span = defined(trace.spans[index])
    lines.push(`${'  '.repeat(depth)}${serviceName(span)} ${span.kind} ${span.name}`)
    for (const child of trace.children[index]?.toReversed() ?? []) {
      waiting.push({ index: child, depth: depth + 1 })
    }
  }
  return lines
}

test('the halves of calls that share their ids are client above server above what it did', () => {
  verifies('P-24')
  const spans = readFixture('ascend.json')
  expect(drawn(spans)).toEqual([
    'mobile-gateway server get',
    '  mobile-gateway client get',
    '    auth-service server http:/parent/auth-service/v1/authentications/',
    '      auth-service internal extend-token-life',
    '  mobile-gateway client get',
    '    content-service server get /content/personal',
    '      content-service internal hystrix',
    '      content-service client get',
  ])
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
})

test.for(['ascend.json', 'yelp.json', 'smartthings-oauth-authorization.json'])(
  '%s is one tree with an id for each span, whatever the order of its records',
  (name) => {
    const [records] = parseJsonDocuments(fixture(`zipkin/${name}`).toString())
    if (!Array.isArray(records)) throw new TypeError('no list')
    const trace = buildTrace(readFixture(name))
    const codes = new Set(trace.defects.map(({ code }) => code))
    expect([...codes].filter((code) => code !== 'clock_skew')).toEqual([])
    fc.assert(
      fc.property(
        fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
        (shuffled) => {
          expect(buildTrace(decodeZipkin([shuffled]).spans)).toEqual(trace)
        },
      ),
      { numRuns: 10 },
    )
  },
)

const ids = '"traceId":"7d5c1c2e9a3b4f60","id":"0000000000000002"'
const times = '"timestamp":1700000000000001,"duration":10'

/** Span ids and parents by name. */
function placed(text: string): Readonly<Record<string, readonly [string, string | undefined]>> {
  return Object.fromEntries(
    read(text).spans.map((span) => [span.name, [span.spanId, span.parentSpanId]]),
  )
}

test("a server's half without its client names the client that is missing, and a marked root is a root", () => {
  const server = `"kind":"SERVER","shared":true,${ids},${times}`
  const found = placed(`[
    {${server},"parentId":"1","name":"half","localEndpoint":{"serviceName":"b"}},
    {"traceId":"7d5c1c2e9a3b4f60","id":"3","parentId":"2","name":"below",${times}}
  ]`)
  expect(found).toEqual({
    half: ['c65f69807e0c24bd', '0000000000000002'],
    below: ['0000000000000003', 'c65f69807e0c24bd'],
  })
  expect(placed(`[{${server},"name":"proxy"}]`)).toEqual({ proxy: ['0000000000000002', undefined] })
})

test('what a client did itself stays below the client', () => {
  const found = placed(`[
    {"kind":"CLIENT",${ids},${times},"name":"call","localEndpoint":{"serviceName":"a"}},
    {"kind":"SERVER",${ids},${times},"name":"answer","localEndpoint":{"serviceName":"b"}},
    {"traceId":"7d5c1c2e9a3b4f60","id":"3","parentId":"2","name":"connect","localEndpoint":{"serviceName":"a"}},
    {"traceId":"7d5c1c2e9a3b4f60","id":"4","parentId":"2","name":"work","localEndpoint":{"serviceName":"b"}},
    {"traceId":"7d5c1c2e9a3b4f60","id":"5","parentId":"2","name":"unknown"}
  ]`)
  const answer = found['answer']?.[0]
  expect(Object.entries(found).map(([name, [, parent]]) => [name, parent])).toEqual(
    expect.arrayContaining([
      ['call', undefined],
      ['answer', '0000000000000002'],
      ['connect', '0000000000000002'],
      ['work', answer],
      ['unknown', answer],
    ]),
  )
})

test('several records of one span are one span, and two that are complete stay two', () => {
  const { spans } = read(`[
    {${ids},"name":"","timestamp":1700000000000005,"tags":{"b":"2"},"annotations":[{"timestamp":7,"value":"x"}]},
    {${ids},"name":"a","kind":"CLIENT",${times},"localEndpoint":{"serviceName":"s"},"tags":{"a":"1"}}
  ]`)
  expect(spans.map((span) => [span.name, span.start, span.end, [...span.attributes]])).toEqual([
    [
      'a',
      1700000000000001000n,
      1700000000000011000n,
      [
        ['b', '2'],
        ['a', '1'],
      ],
    ],
  ])
  expect(spans[0]?.events.map(({ name, time }) => [name, time])).toEqual([['x', 7000n]])
  expect(read(`[{${ids},${times},"name":"a"},{${ids},${times},"name":"b"}]`).spans).toHaveLength(2)
})

test('a span without a duration or a start has a duration of 0, which the losses call unknown', () => {
  verifies('P-24')
  const { spans, losses } = read(`[
    {${ids},${times},"name":"timed"},
    {"traceId":"7d5c1c2e9a3b4f60","id":"3","name":"begun","timestamp":1700000000000003},
    {"traceId":"7d5c1c2e9a3b4f60","id":"4","name":"never","duration":5},
    {"traceId":"7d5c1c2e9a3b4f60","id":"5","name":"zero","timestamp":1700000000000004,"duration":0}
  ]`)
  expect(spans.map(({ name, start, end }) => [name, start, end - start])).toEqual([
    ['timed', 1700000000000001000n, 10000n],
    ['begun', 1700000000000003000n, 0n],
    ['never', 1700000000000001000n, 0n],
    ['zero', 1700000000000004000n, 0n],
  ])
  expect(losses.unknownDurations).toBe(true)
  expect(read(`[{${ids},${times}}]`).losses).toEqual({
    ...lossless,
    nameCase: true,
    grainNanos: 1000,
    types: 'all',
    scopeAttributes: true,
    resourceLevel: true,
    eventAttributes: true,
    links: 'lost',
    flags: true,
    droppedCounts: true,
    internalKind: true,
    unknownDurations: false,
  })
})

test.for<readonly [string, boolean]>([
  ['"name":"get /cart"', true],
  ['"name":"GET /cart"', false],
  ['"name":"x","localEndpoint":{"serviceName":"Shop"}', false],
])('names as %s may have lost their case: %s', ([members, expected]) => {
  expect(read(`[{${ids},${times},${members}}]`).losses.nameCase).toBe(expected)
})

test.for<readonly [string, Span['status'], readonly string[]]>([
  ['{}', { code: 'unset', message: '' }, []],
  ['{"otel.status_code":"OK"}', { code: 'ok', message: '' }, []],
  ['{"otel.status_code":"ERROR"}', { code: 'error', message: '' }, []],
  ['{"otel.status_code":"ERROR","error":""}', { code: 'error', message: '' }, []],
  ['{"otel.status_code":"ERROR","error":"no"}', { code: 'error', message: 'no' }, []],
  [
    '{"otel.status_code":"Error","error":"true","otel.status_description":"no"}',
    { code: 'error', message: 'no' },
    [],
  ],
  ['{"otel.status_code":"STATUS_CODE_ERROR"}', { code: 'error', message: '' }, []],
  ['{"error":""}', { code: 'error', message: '' }, ['error']],
  ['{"error":"true"}', { code: 'error', message: '' }, ['error']],
  ['{"error":"refused"}', { code: 'error', message: 'refused' }, ['error']],
  ['{"error":"false"}', { code: 'unset', message: '' }, ['error']],
])('tags %s are a status', ([tags, status, attributes]) => {
  const [span] = read(`[{${ids},${times},"tags":${tags}}]`).spans
  expect(span?.status).toEqual(status)
  expect([...(span?.attributes.keys() ?? [])]).toEqual(attributes)
})

const deep = `{"b":${'['.repeat(200)}${']'.repeat(200)}}`

test.for<readonly [string, string, readonly (readonly [string, unknown])[], number]>([
  ['cart.read', 'cart.read', [], 0],
  ['"a": {}', 'a', [], 0],
  [
    '"ex\\"c": {"exception.type":"E","n":3,"d":0.5,"big":9007199254740993,"list":[true,null]}',
    'ex"c',
    [
      ['exception.type', 'E'],
      ['n', 3n],
      ['d', 0.5],
      ['big', 9007199254740993n],
      ['list', [true, null]],
    ],
    0,
  ],
  ['exception|{"exception.type":"E"}|2', 'exception', [['exception.type', 'E']], 2],
  ['"a": {broken}', '"a": {broken}', [], 0],
  ['a|{broken}|0', 'a|{broken}|0', [], 0],
  ['"a": [1]', '"a": [1]', [], 0],
  [`"a": ${deep}`, `"a": ${deep}`, [], 0],
])('annotation %s is an event', ([value, name, attributes, dropped]) => {
  const annotations = JSON.stringify([{ timestamp: 1700000000000002, value }])
  const [span] = read(`[{${ids},${times},"annotations":${annotations}}]`).spans
  expect(span?.events).toEqual([
    {
      name,
      time: 1700000000000002000n,
      attributes: new Map(attributes),
      droppedAttributesCount: dropped,
    },
  ])
})

test("what the exporters write of OpenTelemetry is read back, also the Collector's", () => {
  const link = `${'ab'.repeat(16)}|${'cd'.repeat(8)}|v=1|{"why":"retry"}|1`
  const [span] = read(`[{${ids},${times},
    "localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1","port":80},
    "remoteEndpoint":{"serviceName":"cart","ipv6":"::1","port":90},
    "tags":{"otel.scope.name":"lib","otel.library.name":"old","otel.library.version":"2","service.name":"Shop",
      "otel.dropped_attributes_count":"1","otel.dropped_events_count":"2","otel.dropped_links_count":"3",
      "w3c.tracestate":"a=b","otlp.link.0":${JSON.stringify(link)},"span.kind":"internal","n":7,"peer.service":"Cart"}}]`).spans
  expect(span).toEqual({
    traceId: '00000000000000007d5c1c2e9a3b4f60',
    spanId: '0000000000000002',
    parentSpanId: undefined,
    traceState: 'a=b',
    flags: 0,
    name: '',
    kind: 'internal',
    start: 1700000000000001000n,
    end: 1700000000000011000n,
    attributes: new Map<string, unknown>([
      ['n', '7'],
      ['peer.service', 'Cart'],
      ['network.peer.address', '::1'],
      ['network.peer.port', 90n],
      ['network.local.address', '10.0.0.1'],
      ['network.local.port', 80n],
    ]),
    droppedAttributesCount: 1,
    events: [],
    droppedEventsCount: 2,
    links: [
      {
        traceId: 'ab'.repeat(16),
        spanId: 'cd'.repeat(8),
        traceState: 'v=1',
        attributes: new Map([['why', 'retry']]),
        droppedAttributesCount: 1,
        flags: 0,
      },
    ],
    droppedLinksCount: 3,
    status: { code: 'unset', message: '' },
    resource: {
      attributes: new Map([['service.name', 'Shop']]),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: {
      name: 'lib',
      version: '2',
      attributes: new Map(),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  })
})

test('ids have any length up to theirs, and times any form of a number', () => {
  const { spans } = read(`[
    {"traceId":"0af7651916cd43dd8448eb211c80319c","id":"A","name":"1","timestamp":1700000000000001.75,"duration":"10"},
    {"traceId":"1","id":"b","parentId":"0","name":"2","timestamp":9007199254740993,"duration":1}
  ]`)
  expect(spans.map((span) => [span.traceId, span.spanId, span.parentSpanId, span.start])).toEqual([
    ['0af7651916cd43dd8448eb211c80319c', '000000000000000a', undefined, 1700000000000001000n],
    [`${'0'.repeat(31)}1`, '000000000000000b', undefined, 9007199254740993000n],
  ])
})

test('a v1 span that both sides wrote into is two halves, and one without a call is local', () => {
  verifies('P-24')
  const web = '{"serviceName":"web","ipv4":"10.0.0.1"}'
  const db = '{"serviceName":"db","ipv4":"10.0.0.2","port":3306}'
  const { spans } = read(`[
    {"traceId":"1","id":"2","name":"query","timestamp":1700000000000000,"duration":1000,
     "annotations":[
       {"timestamp":1700000000000000,"value":"cs","endpoint":${web}},
       {"timestamp":1700000000000100,"value":"sr","endpoint":${db}},
       {"timestamp":1700000000000500,"value":"planned","endpoint":${db}},
       {"timestamp":1700000000000900,"value":"ss","endpoint":${db}},
       {"timestamp":1700000000001000,"value":"cr","endpoint":${web}}],
     "binaryAnnotations":[
       {"key":"sa","value":true,"endpoint":${db}},
       {"key":"http.path","value":"/q","endpoint":${web}},
       {"key":"rows","value":3,"type":"I64","endpoint":${db}}]},
    {"traceId":"1","id":"3","parentId":"2","name":"scan","timestamp":1700000000000200,"duration":10,
     "binaryAnnotations":[{"key":"lc","value":"innodb","endpoint":${db}}]}
  ]`)
  expect(drawn(spans)).toEqual(['web client query', '  db server query', '    db internal scan'])
  const byKind = Object.fromEntries(spans.map((span) => [span.kind, span]))
  expect([
    byKind['client']?.attributes.get('http.path'),
    byKind['client']?.attributes.get('peer.service'),
    byKind['server']?.attributes.get('rows'),
    byKind['server']?.events.map(({ name }) => name),
    [byKind['server']?.start, byKind['server']?.end],
    byKind['internal']?.attributes.get('lc'),
  ]).toEqual(['/q', 'db', '3', ['planned'], [1700000000000100000n, 1700000000000900000n], 'innodb'])
})

test('a v1 server that left its times to the client is its half', () => {
  const server = `{"traceId":"1","id":"2","parentId":"9","name":"get","annotations":[
    {"timestamp":1700000000000100,"value":"sr","endpoint":{"serviceName":"b"}},
    {"timestamp":1700000000000900,"value":"ss","endpoint":{"serviceName":"b"}}]}`
  const [half] = read(`[${server}]`).spans
  expect([half?.kind, half?.parentSpanId, defined(half).end - defined(half).start]).toEqual([
    'server',
    '0000000000000002',
    800000n,
  ])
})

test.for([
  '[{"id":"1"}]',
  '[{"traceId":"1"}]',
  '[{"traceId":"x","id":"1"}]',
  '[1]',
  '["a"]',
  '[{"traceId":"1","id":"1","parentId":"x"}]',
  '[{"traceId":"1","id":"1","timestamp":-1}]',
  '[{"traceId":"1","id":"1","duration":1e30}]',
])('%s is a Fault', (text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'TRACE_INVALID' }))
})
