import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openXray, type XrayOptions } from '../../src/sources/xray.ts'
import { xrayLosses } from '../../src/sources/xray-spans.ts'
import { parseTraceId } from '../../src/trace/ids.ts'
import type { TraceQuery } from '../../src/trace/query.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'
import { closedUrl } from './backend.ts'
import { cloud, type Question, type Reply } from './cloud.ts'

// Answers are written from https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html, API_GetTraceSummaries.html and
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html; none was recorded from AWS.

const own: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_EC2_METADATA_DISABLED: 'true',
}
const before = Object.fromEntries(Object.keys(own).map((name) => [name, process.env[name]]))
beforeAll(() => Object.assign(process.env, own))
afterAll(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

const traceId = defined(parseTraceId('5f84c7a1e7d1852db8c4fd35d88bf49a'))
const xrayId = '1-5f84c7a1-e7d1852db8c4fd35d88bf49a'

function at(endpoint: URL): XrayOptions {
  return { endpoint, region: 'eu-central-1', timeoutMs: 5_000 }
}

const checkout = {
  id: 'a1b2c3d4e5f60718',
  trace_id: xrayId,
  name: 'shop',
  start_time: 1602537377.25,
  end_time: 1602537377.5,
  http: { request: { method: 'POST', url: 'http://shop/checkout' }, response: { status: 201 } },
  aws: { xray: { sdk: 'opentelemetry for nodejs' } },
  annotations: { tier: 'gold', retries: 2, fast: true },
  metadata: {
    default: { 'cart.items': ['a', 'b'], 'otel.resource.host.name': 'h1' },
    debug: { level: 3 },
  },
  subsegments: [
    {
      id: 'b1b2c3d4e5f60718',
      name: 'stock"; drop',
      namespace: 'remote',
      start_time: 1602537377.3,
      end_time: 1602537377.4,
      fault: true,
      cause: {
        exceptions: [
          { id: 'e1', type: 'TimeoutError', message: 'late', cause: 'e2' },
          { id: 'e2', type: 'SocketError', message: 'closed' },
        ],
      },
      subsegments: [
        {
          id: 'b2b2c3d4e5f60718',
          name: 'encode',
          start_time: 1602537377.31,
          end_time: 1602537377.32,
        },
      ],
    },
  ],
}
const stock = {
  id: 'c1b2c3d4e5f60718',
  parent_id: 'b1b2c3d4e5f60718',
  trace_id: xrayId,
  name: 'stock',
  start_time: 1602537377.31,
  end_time: 1602537377.39,
  links: [{ trace_id: '1-581cf771-a006649127e371903a2de979', span_id: '53995c3f42cd8ad8' }],
}
const inferred = { ...stock, id: 'd1b2c3d4e5f60718', name: 'stock:80', inferred: true }

function segment(document: unknown): { readonly Id: string; readonly Document: string } {
  return { Id: 'a1b2c3d4e5f60718', Document: JSON.stringify(document) }
}

function traces(Segments: readonly unknown[], rest: object = {}): Reply {
  return { json: { Traces: [{ Id: xrayId, Segments, ...rest }], UnprocessedTraceIds: [] } }
}

test('segments and what is in them are spans, over pages', async () => {
  verifies('P-26')
  await using aws = await cloud(({ body }) =>
    body['NextToken'] === 'page 2'
      ? traces([segment(stock), segment(inferred)])
      : { json: { Traces: [{ Id: xrayId, Segments: [segment(checkout)] }], NextToken: 'page 2' } },
  )
  using source = await openXray(at(aws.url))
  const found = defined(await source.trace(traceId))
  expect(aws.questions.map(({ path, body }) => [path, body])).toEqual([
    ['/Traces', { TraceIds: [xrayId] }],
    ['/Traces', { TraceIds: [xrayId], NextToken: 'page 2' }],
  ])
  expect(
    found.spans.map(({ name, kind, parentSpanId, status, resource, start, end }) => [
      name,
      kind,
      parentSpanId,
      status.code,
      resource.attributes.get('service.name'),
      start,
      end - start,
    ]),
  ).toEqual([
    ['shop', 'server', undefined, 'unset', 'shop', 1602537377250000000n, 250000000n],
    ['stock"; drop', 'client', checkout.id, 'error', 'shop', 1602537377299999952n, 100000143n],
    ['encode', 'internal', 'b1b2c3d4e5f60718', 'unset', 'shop', 1602537377309999943n, 9999990n],
    ['stock', 'server', 'b1b2c3d4e5f60718', 'unset', 'stock', 1602537377309999943n, 80000162n],
  ])
  const [first, second, , last] = found.spans
  expect(first?.attributes).toEqual(
    new Map<string, unknown>([
      ['http.request.method', 'POST'],
      ['http.response.status_code', 201n],
      ['cart.items', ['a', 'b']],
      ['debug.level', 3n],
      ['tier', 'gold'],
      ['retries', 2n],
      ['fast', true],
    ]),
  )
  expect(first?.resource.attributes.get('host.name')).toBe('h1')
  expect(second?.events.map(({ name, attributes }) => [name, ...attributes])).toEqual([
    ['exception', ['exception.type', 'TimeoutError'], ['exception.message', 'late']],
  ])
  expect(last?.links.map((link) => [link.traceId, link.spanId])).toEqual([
    ['581cf771a006649127e371903a2de979', '53995c3f42cd8ad8'],
  ])
  expect([found.cut, found.losses]).toEqual([undefined, { ...xrayLosses, statuses: 'ok' }])
})

test('an HTTP status that makes an error leaves open what is one', async () => {
  verifies('P-26')
  const missing = { ...checkout, error: true, http: { response: { status: 404 } }, subsegments: [] }
  await using aws = await cloud(() => traces([segment(missing)]))
  using source = await openXray(at(aws.url))
  expect(defined(await source.trace(traceId)).losses.statuses).toBe('errors')
})

test('what the SDKs of X-Ray wrote was never named otherwise', async () => {
  verifies('P-26')
  const native = { ...checkout, aws: { xray: { sdk: 'X-Ray for Java' } } }
  await using aws = await cloud(() => traces([segment(native), segment(stock)]))
  using source = await openXray(at(aws.url))
  const { losses, spans } = defined(await source.trace(traceId))
  expect([losses.renamed, losses.kinds, losses.statuses]).toEqual([undefined, undefined, 'ok'])
  expect(spans[0]?.attributes.get('url.full')).toBe('http://shop/checkout')
})

test('a segment in progress, and a trace that is too large, are no whole trace', async () => {
  verifies('P-26')
  const running = { ...checkout, end_time: undefined, in_progress: true }
  await using aws = await cloud(() => traces([segment(running)]))
  await using large = await cloud(() => traces([segment(checkout)], { LimitExceeded: true }))
  using first = await openXray(at(aws.url))
  using second = await openXray(at(large.url))
  const found = defined(await first.trace(traceId))
  expect([found.cut, found.losses.unknownDurations]).toEqual([
    'the segment "shop" is in progress',
    true,
  ])
  expect(defined(await second.trace(traceId)).cut).toBe(
    'the trace exceeds the size that X-Ray keeps',
  )
})

test('a trace that is not there, or not yet, is none', async () => {
  verifies('P-26')
  await using aws = await cloud(() => ({ json: { Traces: [], UnprocessedTraceIds: [xrayId] } }))
  using source = await openXray(at(aws.url))
  expect(await source.trace(traceId)).toBeUndefined()
})

const query: TraceQuery = {
  service: 'shop',
  minDuration: nanosOf(200_000_000n),
  from: nanosOf(1602537000000000000n),
  to: nanosOf(1602538000000000000n),
  limit: 10,
}

function searching({ path, body }: Question): Reply {
  if (path === '/Traces') return traces([segment(checkout), segment(stock)])
  return body['NextToken'] === undefined
    ? { json: { TraceSummaries: [], NextToken: 'more', ApproximateTime: 1602537377 } }
    : { json: { TraceSummaries: [{ Id: xrayId }], TracesProcessedCount: 1 } }
}

test('a search asks for service and duration, filters the rest, and never says that it has all', async () => {
  verifies('P-26')
  await using aws = await cloud(searching)
  using source = await openXray(at(aws.url))
  const found = await source.search(query)
  const none = await source.search({
    ...query,
    attributes: [{ name: 'tier', compare: 'eq', value: 'x' }],
  })
  expect(found.items.map((item) => [item.traceId, item.spans])).toEqual([[traceId, 4]])
  expect([found.cutAt, found.total, none.items]).toEqual([1, undefined, []])
  expect(aws.questions[0]?.body).toEqual({
    StartTime: 1602537000,
    EndTime: 1602541600,
    TimeRangeType: 'Event',
    Sampling: false,
    FilterExpression: 'service("shop") AND duration >= 0.2',
  })
})

test('a name with quotes is not put into the filter', async () => {
  verifies('P-26')
  await using aws = await cloud(searching)
  using source = await openXray(at(aws.url))
  await source.search({ service: 'a") OR service("b', limit: 1 })
  expect(aws.questions[0]?.body).not.toHaveProperty('FilterExpression')
})

const refusal = (status: number, type: string, message: string): Reply => ({
  status,
  headers: { 'x-amzn-errortype': type },
  json: { message },
})

test.for<readonly [string, Reply, string]>([
  ['a throttled one', refusal(429, 'ThrottledException', 'slow down'), 'SOURCE_UNAVAILABLE'],
  ['a wrong token', refusal(403, 'UnrecognizedClientException', 'invalid'), 'SOURCE_REFUSED'],
  ['a wrong request', refusal(400, 'InvalidRequestException', 'no'), 'SOURCE_REFUSED'],
  ['a broken server', refusal(500, 'InternalFailure', 'oops'), 'SOURCE_UNAVAILABLE'],
  ['a page', { headers: { 'content-type': 'text/html' }, json: '<html>' }, 'SOURCE_INVALID'],
  ['a document that is none', traces([{ Id: 'x', Document: '{"id":' }]), 'SOURCE_INVALID'],
  ['an id that is none', traces([segment({ ...checkout, id: 'zz' })]), 'SOURCE_INVALID'],
  ['a time that is none', traces([segment({ ...checkout, start_time: 'now' })]), 'SOURCE_INVALID'],
])('%s is a fault without credentials', { timeout: 20_000 }, async ([, reply, code]) => {
  verifies('P-26')
  await using aws = await cloud(() => reply)
  using source = await openXray(at(aws.url))
  const fault = await source.trace(traceId).catch((error: unknown) => error)
  expect(fault).toMatchObject({ name: 'Fault', code })
  expect(JSON.stringify([fault, String(fault)])).not.toMatch(/AKID|wJalr/)
})

test('nothing that listens, and an answer that does not come, are unavailable', async () => {
  verifies('P-26')
  using source = await openXray(at(await closedUrl()))
  await expect(source.trace(traceId)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  await using slow = await cloud(() => ({ status: 500, json: {} }))
  using late = await openXray({ ...at(slow.url), timeoutMs: 1 })
  await expect(late.trace(traceId)).rejects.toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    message: 'AWS X-Ray gave no answer in 1 ms',
  })
})

test('without its package the fault names the command that installs it', () => {
  verifies('P-26')
  const hooks = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (name !== '@aws-sdk/client-xray') return next(name, context)
  throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
} })`
  const program = `import { openXray } from './src/sources/xray.ts'
openXray({ endpoint: undefined, region: 'x', timeoutMs: 1 }).catch(({ code, hint }) => console.log(code, hint))`
  const said = execFileSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(hooks)}`,
      '--input-type=module',
      '-e',
      program,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  expect(said).toBe(
    'PACKAGE_MISSING install it beside tracespec: npm install @aws-sdk/client-xray@3\n',
  )
})
