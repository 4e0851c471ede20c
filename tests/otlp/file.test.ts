import { expect, test } from 'vitest'
import { decodeTraces } from '../../src/otlp/decode.ts'
import { decodeTracesText } from '../../src/otlp/read-file.ts'
import type { Span } from '../../src/trace/span.ts'
import { fixture } from './fixture.ts'

const rich = decodeTraces(fixture('recorded/rich.otlp.pb')).spans

/** Without what Tempo and Jaeger do not give back. */
function told(spans: readonly Span[]): readonly unknown[] {
  return spans
    .map((span) => ({ ...span, resource: span.resource.attributes }))
    .toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1))
}

test.for<readonly [string, readonly Span[]]>([
  ['recorded/tempo-trace-v1.json', rich.slice(0, 9)],
  ['recorded/tempo-trace-v2.json', rich.slice(0, 9)],
  ['recorded/jaeger-v3-trace.json', rich.slice(0, 9)],
])('%s holds the spans that were sent', ([name, expected]) => {
  const { spans, rejected } = decodeTracesText(fixture(name).toString())
  expect(rejected).toBe(0)
  expect(told(spans)).toEqual(told(expected))
})

test("Jaeger's answer to a search holds both traces that it found", () => {
  const { spans } = decodeTracesText(fixture('recorded/jaeger-v3-search.json').toString())
  const other = decodeTracesText(fixture('opentelemetry-proto/trace.json').toString()).spans
  expect(spans.filter((each) => each.traceId === rich[0]?.traceId)).toHaveLength(9)
  expect(spans.map((each) => each.spanId)).toContain(other[0]?.spanId)
})

const ids = '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"'
const span = `{${ids},"name":"a"}`
const group = `{"scopeSpans":[{"spans":[${span}]}]}`
const data = `{"resourceSpans":[${group}]}`

test.for<readonly [string, string, number]>([
  ['one document', data, 1],
  ['JSON lines', `${data}\n${data}\n`, 2],
  ['lines of all signals', `${data}\n{"resourceLogs":[]}\n{"resourceMetrics":[]}\n`, 1],
  ['documents behind each other', `${data}${data} ${data}`, 3],
  ['an array of documents', `[${data},${data}]`, 2],
  ['an array of resource spans', `[${group}]`, 1],
  ['batches', `{"batches":[${group}]}`, 1],
  ['a trace around it', `{"trace":${data}}`, 1],
  ['a result around it', `{"result":${data}}`, 1],
  ['nothing', '{}', 0],
  ['an empty array', '[]', 0],
  [
    'the libraries of old',
    `{"resourceSpans":[{"instrumentationLibrarySpans":[{"instrumentationLibrary":{"name":"l"},"spans":[${span}]}]}]}`,
    1,
  ],
  ['snake_case', `{"resource_spans":[{"scope_spans":[{"spans":[${span}]}]}]}`, 1],
])('%s is read', ([, text, count]) => {
  expect(decodeTracesText(text).spans.map((each) => each.name)).toEqual(
    Array.from({ length: count }, () => 'a'),
  )
})

test('the name of an old library is the name of the scope', () => {
  const text = `{"resourceSpans":[{"instrumentationLibrarySpans":[{"instrumentationLibrary":{"name":"l"},"spans":[${span}]}]}]}`
  expect(decodeTracesText(text).spans[0]?.scope.name).toBe('l')
})

const trace = '0af7651916cd43dd8448eb211c80319c'
const decimal = String(BigInt(`0x${trace}`))

test.for<readonly [string, string, string]>([
  ['hex', `"${trace}"`, trace],
  ['base64', '"CvdlGRbNQ92ESOshHIAxnA=="', trace],
  ['a decimal text', `"${decimal}"`, trace],
  ['a decimal number', decimal, trace],
  ['hex without its leading zeros', '"7d5c1c2e9a3b4f60"', '00000000000000007d5c1c2e9a3b4f60'],
])('a trace id as %s is read', ([, json, expected]) => {
  const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":${json},"spanId":12345678901234567}]}]}]}`
  const { spans } = decodeTracesText(text)
  expect(spans.map((each) => [each.traceId, each.spanId])).toEqual([[expected, '002bdc545d6b4b87']])
})

test('enums may have their names', () => {
  const text = `{"batches":[{"scopeSpans":[{"spans":[{${ids},"kind":"SPAN_KIND_CONSUMER","status":{"code":"STATUS_CODE_ERROR"}}]}]}]}`
  const { spans } = decodeTracesText(text)
  expect(spans.map((each) => [each.kind, each.status.code])).toEqual([['consumer', 'error']])
})

test.for<readonly [string, string]>([
  ['an answer with an error', fixture('recorded/jaeger-v3-unknown.json').toString()],
  ['a number', '7'],
  ['a cut document', data.slice(0, -2)],
  ['text', 'hello'],
  ['a deep wrapper', `${'{"trace":'.repeat(600)}{}${'}'.repeat(600)}`],
])('%s is a Fault', ([, text]) => {
  expect(() => decodeTracesText(text)).toThrow(expect.objectContaining({ code: 'TRACE_INVALID' }))
})
