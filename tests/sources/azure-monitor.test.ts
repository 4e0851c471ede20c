import { beforeAll, expect, test } from 'vitest'
import { openAzureMonitor, type AzureMonitorOptions } from '../../src/sources/azure-monitor.ts'
import { azureLosses } from '../../src/sources/azure-monitor-rows.ts'
import { parseTraceId } from '../../src/trace/ids.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { defined } from '../trace/defined.ts'
import { verifies } from '../verifies.ts'
import { certificates, closedUrl, type Certificates } from './backend.ts'
import { cloud, type Cloud, type Question, type Reply } from './cloud.ts'

// Answers are written from https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format and the references of the tables
// AppRequests, AppDependencies, AppExceptions, AppTraces and OTelSpans; none was recorded from Azure.

let tls: Certificates
beforeAll(() => {
  tls = certificates('IP:127.0.0.1')
})

const traceId = defined(parseTraceId('5f84c7a1e7d1852db8c4fd35d88bf49a'))

function at(endpoint: URL): AzureMonitorOptions {
  const workspace = '00000000-1111-2222-3333-444444444444'
  return { endpoint, workspace, bearer: 'eyJ.secret', ca: tls.ca, timeoutMs: 5_000 }
}

type Cells = Readonly<Record<string, string | number | boolean | null>>

/** Rows as the API gives them: columns with types, and cells in their order. */
function table(rows: readonly Cells[], rest: object = {}): Reply {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const types: Readonly<Record<string, string>> = { DurationMs: 'real', Success: 'bool' }
  const typeOf = (name: string): string => types[name] ?? 'string'
  const columns = names.map((name) => ({ name, type: typeOf(name) }))
  const cells = rows.map((row) => names.map((name) => row[name] ?? null))
  return { json: { tables: [{ name: 'PrimaryResult', columns, rows: cells }], ...rest } }
}

function azure(answer: (question: Question) => Reply): Promise<Cloud> {
  return cloud(answer, tls)
}

const request: Cells = {
  Row: 'request',
  TraceId: traceId,
  ParentId: traceId,
  Start: '2020-10-12T21:16:17.2500001',
  Role: 'shop',
  Properties:
    '{"tier":"gold","_MS.links":"[{\\"operation_Id\\":\\"581cf771a006649127e371903a2de979\\",\\"id\\":\\"53995c3f42cd8ad8\\"}]"}',
  Id: 'a1b2c3d4e5f60718',
  Name: 'POST /checkout',
  DurationMs: 250.5,
  Success: true,
  ResultCode: '201',
  Data: 'https://shop/checkout',
}
const call: Cells = {
  ...request,
  Row: 'dependency',
  ParentId: 'a1b2c3d4e5f60718',
  Id: 'b1b2c3d4e5f60718',
  Name: 'stock \'"\\ | take 1',
  Success: false,
  ResultCode: '0',
  Data: '',
  Kind: 'SQL',
  Properties: '',
}
const thrown: Cells = {
  Row: 'exception',
  TraceId: traceId,
  ParentId: 'b1b2c3d4e5f60718',
  Start: '2020-10-12T21:16:17.3000000',
  Name: 'TimeoutError',
  Data: 'late',
  Properties: '{"exception.escaped":"False"}',
}

test('rows of requests, dependencies, exceptions and traces are spans with events', async () => {
  verifies('P-26')
  const message = { ...thrown, Row: 'event', Name: 'retry', Data: null, Properties: '' }
  await using server = await azure(() => table([request, call, thrown, message]))
  using source = await openAzureMonitor(at(server.url))
  const found = defined(await source.trace(traceId))
  expect(
    found.spans.map((span) => [
      span.spanId,
      span.parentSpanId,
      span.name,
      span.kind,
      span.start,
      span.end - span.start,
      span.status.code,
      [...span.attributes],
      [...span.resource.attributes],
      span.events.map(({ name, attributes }) => [name, ...attributes]),
      span.links.map((link) => [link.traceId, link.spanId]),
    ]),
  ).toEqual([
    [
      'a1b2c3d4e5f60718',
      undefined,
      'POST /checkout',
      'server',
      1602537377250000100n,
      250500000n,
      'unset',
      [
        ['http.response.status_code', 201n],
        ['tier', 'gold'],
      ],
      [['service.name', 'shop']],
      [],
      [['581cf771a006649127e371903a2de979', '53995c3f42cd8ad8']],
    ],
    [
      'b1b2c3d4e5f60718',
      'a1b2c3d4e5f60718',
      'stock \'"\\ | take 1',
      'client',
      1602537377250000100n,
      250500000n,
      'error',
      [],
      [['service.name', 'shop']],
      [
        [
          'exception',
          ['exception.type', 'TimeoutError'],
          ['exception.message', 'late'],
          ['exception.escaped', 'False'],
        ],
        ['retry'],
      ],
      [],
    ],
  ])
  expect(found.losses).toEqual({ ...azureLosses, renamed: ['server'], statuses: 'ok' })
  const [question] = server.questions
  expect([question?.path, question?.headers.authorization, question?.body['timespan']]).toEqual([
    '/v1/workspaces/00000000-1111-2222-3333-444444444444/query',
    'Bearer eyJ.secret',
    'P90D',
  ])
  expect(String(question?.body['query'])).toContain(
    `AppRequests | where OperationId in ("${traceId}")`,
  )
})

test('rows of OTelSpans win against their copies in the older tables, and keep kinds and statuses', async () => {
  verifies('P-26')
  const span: Cells = {
    ...request,
    Row: 'span',
    Kind: 'Consumer',
    ParentId: '',
    Properties: '{"n":3,"list":["a"]}',
    ResultCode: 'Error',
    Data: 'no stock',
    Role: 'prod.shop',
    Resource: '{"host.name":"h1"}',
    Scope: 'lib',
  }
  await using server = await azure(() => table([span, request]))
  using source = await openAzureMonitor(at(server.url))
  const { spans, losses } = defined(await source.trace(traceId))
  expect(
    spans.map(({ kind, status, attributes, resource, scope }) => [
      kind,
      status,
      [...attributes],
      [...resource.attributes],
      scope.name,
    ]),
  ).toEqual([
    [
      'consumer',
      { code: 'error', message: 'no stock' },
      [
        ['n', 3n],
        ['list', ['a']],
      ],
      [
        ['service.name', 'prod.shop'],
        ['host.name', 'h1'],
      ],
      'lib',
    ],
  ])
  expect([losses.kinds, losses.statuses, losses.renamed]).toEqual([undefined, undefined, undefined])
})

test('a role with a namespace does not tell the service, nor a status of HTTP an error', async () => {
  verifies('P-26')
  const failed = { ...request, Role: 'prod.shop', Success: false, ResultCode: '404' }
  await using server = await azure(() => table([failed]))
  using source = await openAzureMonitor(at(server.url))
  const { spans, losses } = defined(await source.trace(traceId))
  expect([...(spans[0]?.resource.attributes ?? [])]).toEqual([['azure.role.name', 'prod.shop']])
  expect(losses.statuses).toBe('errors')
})

test('a trace that is not there is none, and a part of the rows no whole trace', async () => {
  verifies('P-26')
  await using empty = await azure(() => table([]))
  using first = await openAzureMonitor(at(empty.url))
  expect(await first.trace(traceId)).toBeUndefined()
  const error = {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
  }
  await using server = await azure(() => table([request], { error }))
  using source = await openAzureMonitor(at(server.url))
  expect(defined(await source.trace(traceId)).cut).toBe(
    'PartialError: There were some errors when processing your query.',
  )
})

test('a search asks with texts that are no language, and filters the rest', async () => {
  verifies('P-26')
  await using server = await azure(({ body }) =>
    String(body['query']).includes('top ') ? table([{ TraceId: traceId }]) : table([request, call]),
  )
  using source = await openAzureMonitor(at(server.url))
  const hostile = 'x") | union (SecretTable'
  const found = await source.search({
    service: 'shop',
    operation: 'POST /checkout',
    status: 'unset',
    minDuration: nanosOf(100_000_000n),
    from: nanosOf(1602537000000000000n),
    limit: 5,
  })
  const none = await source.search({ operation: hostile, limit: 5 })
  expect(found.items.map((item) => [item.traceId, item.spans, item.errors])).toEqual([
    [traceId, 2, 1],
  ])
  expect([found.total, found.cutAt, none.items]).toEqual([1, undefined, []])
  const asked = server.questions.map(({ body }) => String(body['query']))
  expect(asked[0]).toContain(
    'AppRequests | where AppRoleName endswith_cs base64_decode_tostring("c2hvcA==") | where Name == base64_decode_tostring("UE9TVCAvY2hlY2tvdXQ=") | where TimeGenerated >= datetime(2020-10-12T21:09:59.999Z) | where DurationMs >= 99',
  )
  expect(asked.join('')).not.toContain('SecretTable')
})

function refusal(status: number, code: string): Reply {
  return { status, json: { error: { code, message: `${code} indeed` } } }
}

test.for<readonly [string, Reply, string]>([
  [
    'a throttled one',
    { ...refusal(429, 'ThrottledError'), headers: { 'retry-after': '1' } },
    'SOURCE_UNAVAILABLE',
  ],
  ['a token of another', refusal(403, 'InsufficientAccessError'), 'SOURCE_REFUSED'],
  ['an old token', refusal(401, 'InvalidTokenError'), 'SOURCE_REFUSED'],
  ['a wrong query', refusal(400, 'BadArgumentError'), 'SOURCE_REFUSED'],
  ['an unknown workspace', refusal(404, 'WorkspaceNotFoundError'), 'SOURCE_REFUSED'],
  ['an id of another form', table([{ ...request, Id: '|a.b.' }]), 'SOURCE_INVALID'],
  ['a parent of another form', table([{ ...request, ParentId: '|a.b.' }]), 'SOURCE_INVALID'],
  ['a time of another form', table([{ ...request, Start: 'now' }]), 'SOURCE_INVALID'],
  ['properties that are no JSON', table([{ ...request, Properties: '{' }]), 'SOURCE_INVALID'],
  ['a page', { headers: { 'content-type': 'text/html' }, json: '<html>' }, 'SOURCE_INVALID'],
])('%s is a fault without the token', { timeout: 30_000 }, async ([, reply, code]) => {
  verifies('P-26')
  await using server = await azure(() => reply)
  using source = await openAzureMonitor(at(server.url))
  const fault = await source.trace(traceId).catch((error: unknown) => error)
  expect(fault).toMatchObject({ name: 'Fault', code })
  expect(JSON.stringify([fault, String(fault)])).not.toContain('eyJ')
})

test(
  'a certificate that nobody trusts is refused, and nothing that listens unavailable',
  { timeout: 30_000 },
  async () => {
    verifies('P-26')
    await using server = await azure(() => table([]))
    using source = await openAzureMonitor({ ...at(server.url), ca: undefined })
    await expect(source.trace(traceId)).rejects.toMatchObject({ code: 'SOURCE_REFUSED' })
    const gone = await closedUrl()
    using other = await openAzureMonitor(at(new URL(`https://${gone.host}`)))
    await expect(other.trace(traceId)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  },
)

test('without a token and without @azure/identity the fault names both', async () => {
  verifies('P-26')
  await expect(
    openAzureMonitor({ ...at(new URL('https://127.0.0.1')), bearer: undefined }),
  ).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    hint: 'install it beside tracespec: npm install @azure/identity@4',
  })
})

test('no redirect is followed', async () => {
  verifies('P-26')
  await using other = await azure(() => table([request]))
  const headers = { location: `${other.url.href}stolen` }
  await using server = await azure(() => ({ status: 307, headers, json: {} }))
  using source = await openAzureMonitor(at(server.url))
  await expect(source.trace(traceId)).rejects.toMatchObject({ name: 'Fault' })
  expect(other.questions).toEqual([])
})
