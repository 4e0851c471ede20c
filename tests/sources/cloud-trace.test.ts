import { expect, test } from 'vitest'
import { openCloudTrace, type CloudTraceOptions } from '../../src/sources/cloud-trace.ts'
import { cloudTraceLosses } from '../../src/sources/cloud-trace-spans.ts'
import { parseTraceId } from '../../src/trace/ids.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'
import { closedUrl } from './backend.ts'
import { cloud, type Reply } from './cloud.ts'

// Answers are written from https://cloud.google.com/trace/docs/reference/v1/rest/v1/projects.traces, trace-labels and trace-filters of
// the same documentation; none was recorded from Google Cloud.

const traceId = defined(parseTraceId('5f84c7a1e7d1852db8c4fd35d88bf49a'))

function at(endpoint: URL): CloudTraceOptions {
  return { endpoint, project: 'shop-42', bearer: 'ya29.secret', timeoutMs: 5_000 }
}

const root = {
  spanId: '2205310701640571284',
  kind: 'RPC_SERVER',
  name: 'POST /checkout "now"',
  startTime: '2020-10-12T21:16:17.250000001Z',
  endTime: '2020-10-12T21:16:17.5Z',
  labels: {
    'service.name': 'shop',
    '/http/method': 'POST',
    '/http/status_code': '500',
    '/error/message': 'no stock',
    tier: 'gold',
    long: 'x'.repeat(256),
  },
}
const work = {
  spanId: '18446744073709551615',
  parentSpanId: '2205310701640571284',
  name: 'reserve',
  startTime: '2020-10-12T21:16:17.3Z',
  endTime: '2020-10-12T21:16:17.4Z',
}

function answering(spans: readonly unknown[]): () => Reply {
  return () => ({ json: { projectId: 'shop-42', traceId, spans } })
}

test('spans, their labels and their decimal ids', async () => {
  verifies('P-26')
  await using google = await cloud(answering([root, work]))
  using source = await openCloudTrace(at(google.url))
  const found = defined(await source.trace(traceId))
  const [question] = google.questions
  expect([question?.path, question?.headers.authorization]).toEqual([
    `/v1/projects/shop-42/traces/${traceId}`,
    'Bearer ya29.secret',
  ])
  expect(
    found.spans.map((span) => [
      span.spanId,
      span.parentSpanId,
      span.name,
      span.kind,
      span.start,
      span.end - span.start,
      span.status,
      [...span.attributes],
      [...span.resource.attributes],
    ]),
  ).toEqual([
    [
      '1e9ad6661ea75994',
      undefined,
      'POST /checkout "now"',
      'server',
      1602537377250000001n,
      249999999n,
      { code: 'error', message: 'no stock' },
      [
        ['http.request.method', 'POST'],
        ['http.response.status_code', '500'],
        ['/error/message', 'no stock'],
        ['tier', 'gold'],
      ],
      [['service.name', 'shop']],
    ],
    [
      'ffffffffffffffff',
      '1e9ad6661ea75994',
      'reserve',
      'internal',
      1602537377300000000n,
      100000000n,
      { code: 'unset', message: '' },
      [],
      [],
    ],
  ])
  expect([found.cut, found.losses]).toEqual([undefined, cloudTraceLosses])
})

test('a trace that is not there is none', async () => {
  verifies('P-26')
  await using google = await cloud(() => ({
    status: 404,
    json: { error: { code: 404, message: 'Resource not found', status: 'NOT_FOUND' } },
  }))
  using source = await openCloudTrace(at(google.url))
  expect(await source.trace(traceId)).toBeUndefined()
})

test('a span without an end, and as many spans as one answer holds, are no whole trace', async () => {
  verifies('P-26')
  await using google = await cloud(answering([{ ...root, endTime: '' }]))
  using source = await openCloudTrace(at(google.url))
  const found = defined(await source.trace(traceId))
  expect([found.cut, found.losses.unknownDurations]).toEqual(['a span has no end yet', true])
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    ...work,
    spanId: String(index + 1),
  }))
  await using large = await cloud(answering(many))
  using other = await openCloudTrace(at(large.url))
  expect(defined(await other.trace(traceId)).cut).toBe('Cloud Trace gives no more than 10000 spans')
})

test('a name as long as names may be may have been cut', async () => {
  verifies('P-26')
  await using google = await cloud(answering([{ ...root, name: 'n'.repeat(127) }]))
  using source = await openCloudTrace(at(google.url))
  expect(defined(await source.trace(traceId)).losses.renamed).toEqual([
    'internal',
    'server',
    'client',
  ])
})

test('a search asks for the name, quoted, turns pages and filters the rest', async () => {
  verifies('P-26')
  const other = traceId.replace('5f', '6f')
  await using google = await cloud(({ query }) =>
    query.get('pageToken') === 'p2'
      ? { json: { traces: [{ traceId: other, spans: [work] }] } }
      : { json: { traces: [{ traceId, spans: [root, work] }], nextPageToken: 'p2' } },
  )
  using source = await openCloudTrace(at(google.url))
  const found = await source.search({
    operation: 'POST /checkout "now"\\',
    from: nanosOf(1602537000000000000n),
    to: nanosOf(1602538000000000000n),
    limit: 5,
  })
  expect([found.items, found.total]).toEqual([[], 0])
  expect(google.questions.map(({ path, query }) => [path, ...query])).toEqual([
    [
      '/v1/projects/shop-42/traces',
      ['view', 'COMPLETE'],
      ['orderBy', 'start desc'],
      ['pageSize', '100'],
      ['startTime', '2020-10-12T20:10:00.000Z'],
      ['endTime', '2020-10-12T22:26:40.000Z'],
      ['filter', String.raw`+span:"POST /checkout \"now\"\\"`],
    ],
    expect.arrayContaining([['pageToken', 'p2']]),
  ])
  const all = await source.search({ operation: 'reserve', limit: 5 })
  expect(all.items.map((item) => item.traceId)).toEqual([other, traceId])
  expect([all.total, all.cutAt]).toEqual([2, undefined])
  const first = await source.search({ operation: 'reserve', limit: 0 })
  expect(first.cutAt).toBe(1)
})

function refusal(code: number, status: string): Reply {
  return { status: code, json: { error: { code, message: `${status} indeed`, status } } }
}

test.for<readonly [string, Reply, string]>([
  ['a throttled one', refusal(429, 'RESOURCE_EXHAUSTED'), 'SOURCE_UNAVAILABLE'],
  ['a token of another', refusal(403, 'PERMISSION_DENIED'), 'SOURCE_REFUSED'],
  ['an old token', refusal(401, 'UNAUTHENTICATED'), 'SOURCE_REFUSED'],
  ['a wrong request', refusal(400, 'INVALID_ARGUMENT'), 'SOURCE_REFUSED'],
  ['a broken server', refusal(503, 'UNAVAILABLE'), 'SOURCE_UNAVAILABLE'],
  ['an id that is none', { json: { spans: [{ ...root, spanId: '0x1' }] } }, 'SOURCE_INVALID'],
  ['a time that is none', { json: { spans: [{ ...root, startTime: 'now' }] } }, 'SOURCE_INVALID'],
])('%s is a fault without the token', { timeout: 20_000 }, async ([, reply, code]) => {
  verifies('P-26')
  await using google = await cloud(() => reply)
  using source = await openCloudTrace(at(google.url))
  const fault = await source.trace(traceId).catch((error: unknown) => error)
  expect(fault).toMatchObject({ name: 'Fault', code })
  expect(JSON.stringify([fault, String(fault)])).not.toContain('ya29')
})

test('nothing that listens is unavailable', async () => {
  verifies('P-26')
  using source = await openCloudTrace(at(await closedUrl()))
  await expect(source.trace(traceId)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
})

test('no redirect is followed', async () => {
  verifies('P-26')
  await using other = await cloud(answering([root]))
  const headers = { location: `${other.url.href}stolen` }
  await using google = await cloud(() => ({ status: 302, headers, json: {} }))
  using source = await openCloudTrace(at(google.url))
  await expect(source.trace(traceId)).rejects.toMatchObject({ name: 'Fault' })
  expect(other.questions).toEqual([])
})
