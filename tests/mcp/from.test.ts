import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { place, type Place } from '../cli/tracespec.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { sketch, spanIdOf, TRACE_ID, traceIdOf } from '../report/spans.ts'
import { backend, type Backend } from '../sources/backend.ts'
import { verifies } from '../verifies.ts'
import { connect } from './host.ts'

const spans = [
  sketch({ id: 1, name: 'POST /checkout', from: 0, to: 100 }),
  sketch({ id: 2, parent: 1, name: 'order.write', from: 10, to: 20 }),
]

const spec = `name: checkout
expected_spans:
  - operation_name: POST /checkout
    children: [{ operation_name: order.write }, { operation_name: mail.send }]
`

function jaeger(): Promise<Backend> {
  return backend((request, response) => {
    const isTrace = request.url?.startsWith(`/api/v3/traces/${TRACE_ID}`) === true
    if (isTrace) response.end(`{"result":${encodeTracesJson(spans)}}`)
    else if (request.url === '/api/v3/services') response.end('{"services":["shop"]}')
    else response.writeHead(404).end('{"error":{"httpCode":404,"message":"No traces found"}}')
  })
}

function projectOf(server: Backend): Place {
  const project = place({ 'checkout.trace.yaml': spec })
  project.write(
    'tracespec.yaml',
    `backends:\n  prod: { type: jaeger, endpoint: "${server.url.href}" }\n`,
  )
  project.write('trace.json', encodeTracesJson(spans))
  return project
}

test.for(['prod', 'trace.json'])('a trace of %s is judged, shown and analysed', async (from) => {
  verifies('P-27')
  await using server = await jaeger()
  using project = projectOf(server)
  await using host = await connect(project, '2026-07-28')
  const judged = await host.call('compare_trace_to_spec', {
    trace: `trace:${TRACE_ID}`,
    spec: 'checkout',
    from,
  })
  expect(judged.structured).toMatchObject({
    status: 'fail',
    evidence: { complete: true },
    missing_spans: { items: ['mail.send'] },
  })
  const steps = judged.structured['next_steps'] as { tool: string; arguments: object }[]
  expect(steps.map(({ tool }) => tool)).toContain('get_trace_by_id')
  for (const step of steps) {
    const { isError } = await host.call(step.tool, { ...step.arguments })
    expect({ step, isError }).toEqual({
      step: expect.objectContaining({ arguments: expect.objectContaining({ from }) }),
      isError: false,
    })
  }
  const shown = await host.call('get_trace_by_id', { trace_id: TRACE_ID, from })
  expect(shown.structured).toMatchObject({ spans: { shown: 2, total: 2 }, run: null })
  const analysed = await host.call('analyze_trace', { trace_id: TRACE_ID, from })
  expect(analysed.structured).toMatchObject({ tree: { spans: 2 } })
})

test.for<readonly [string, string]>([
  ['http://127.0.0.1:1', 'from takes no URL: those are for the command line'],
  ['grpc://evil.example.com', 'from takes no URL: those are for the command line'],
  ['file:///etc/passwd', 'tracespec.yaml names no backend file:///etc/passwd, nor is it a file'],
  ['../outside.json', '../outside.json is outside the project'],
  ['/etc/passwd', '/etc/passwd is outside the project'],
  ['prdo', 'tracespec.yaml names no backend prdo, nor is it a file'],
  ['jaeger', 'tracespec.yaml names no backend jaeger, nor is it a file'],
  ['-', 'tracespec.yaml names no backend -, nor is it a file'],
])('from %s is refused', async ([from, says]) => {
  await using server = await jaeger()
  using project = projectOf(server)
  project.write('../outside.json', encodeTracesJson(spans))
  await using host = await connect(project, '2026-07-28')
  const { isError, structured } = await host.call('analyze_trace', { trace_id: TRACE_ID, from })
  expect(isError).toBe(true)
  expect(structured['summary']).toContain(says)
  expect(server.asked).toEqual([])
})

test.for([
  [{ trace: 'last', spec: 'checkout' }, 'prod has traces by their ids, and no last'],
  [{ trace: `trace:${TRACE_ID}` }, 'a spec is needed to judge'],
] as const)('%j of a backend is refused', async ([args, says]) => {
  await using server = await jaeger()
  using project = projectOf(server)
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('compare_trace_to_spec', { ...args, from: 'prod' })
  expect(structured['summary']).toContain(says)
})

/** A Jaeger that has more traces of one span than anybody asks for, an hour old. */
function crowded(): Promise<Backend> {
  const newest = BigInt(Date.now() - 3_600_000) * 1_000_000n
  const traceOf = (at: number): (typeof spans)[number] => ({
    ...sketch({ id: 1, name: 'POST /checkout', from: 0, to: 0, attributes: { items: BigInt(at) } }),
    traceId: traceIdOf((at + 1).toString(16).padStart(32, '0')),
    start: nanosOf(newest - BigInt(at)),
    end: nanosOf(newest + 5_000_000n),
  })
  return backend((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    const [, id] = /^\/api\/v3\/traces\/([0-9a-f]{32})$/.exec(url.pathname) ?? []
    const count = Number(url.searchParams.get('query.num_traces') ?? 0)
    const all = Array.from({ length: count }, (_, at) => traceOf(at))
    const found = id === undefined ? all : [traceOf(Number.parseInt(id, 16) - 1)]
    const isList = url.pathname === '/api/v3/services'
    response.end(isList ? '{"services":["shop"]}' : `{"result":${encodeTracesJson(found)}}`)
  })
}

test('traces of a backend are found, and what was not looked at is said', async () => {
  verifies('P-06')
  await using server = await crowded()
  using project = projectOf(server)
  await using host = await connect(project, '2026-07-28', ['--toolsets', 'all'])
  const first = await host.call('get_traces', { service_name: 'shop', limit: 2, from: 'prod' })
  expect(first).toMatchObject({
    isError: false,
    structured: {
      summary: expect.stringMatching(/^2 traces, newest first; how many there are is not known\./),
      traces: { shown: 2, omitted: null, total: null, how: 'cursor: next_cursor' },
      next_cursor: expect.any(String),
      next_steps: [{ tool: 'get_trace_by_id', arguments: { from: 'prod' } }],
    },
  })
  const cursor = first.structured['next_cursor']
  const next = await host.call('get_traces', {
    service_name: 'shop',
    limit: 2,
    cursor,
    from: 'prod',
  })
  expect(next.structured['traces']).toMatchObject({ shown: 2, total: null })
  expect(next.structured['traces']).not.toEqual(first.structured['traces'])
  const query = 'items>=1 items<3'
  const searched = await host.call('search_traces', { query, limit: 5, from: 'prod' })
  expect(searched.structured).toMatchObject({
    summary: expect.stringMatching(
      /^2 traces, .* The backend gave only \d+ traces to choose from, so others may match\.$/,
    ),
    traces: {
      items: [{ matches: { total: 1 } }, { matches: { total: 1 } }],
      cut_at: expect.any(Number),
    },
    next_steps: [{ tool: 'get_trace_by_id', arguments: { span_id: spanIdOf(1), from: 'prod' } }],
  })
  const [step] = searched.structured['next_steps'] as { tool: string; arguments: object }[]
  expect((await host.call(step?.tool ?? '', { ...step?.arguments })).isError).toBe(false)
  const none = await host.call('search_traces', { query: 'items=never', from: 'prod' })
  expect(none.structured).toMatchObject({
    summary: expect.stringMatching(/^No trace of these matches\. The backend gave only/),
    next_steps: [{ tool: 'get_traces', arguments: { from: 'prod' } }],
  })
})

test('traces of a file are found and counted', async () => {
  await using server = await jaeger()
  using project = projectOf(server)
  await using host = await connect(project, '2026-07-28')
  const query = 'operation=order.write'
  const { structured } = await host.call('get_traces', { query, from: 'trace.json' })
  expect(structured).toMatchObject({
    summary: '1 of 1 trace, newest first.',
    traces: { items: [{ trace_id: TRACE_ID }], omitted: 0, total: 1, how: null },
  })
  const url = await host.call('get_traces', { from: server.url.href })
  expect([url.isError, server.asked]).toEqual([true, []])
})

test('a trace that is not there is looked for where it was asked for', async () => {
  await using server = await jaeger()
  using project = projectOf(server)
  await using host = await connect(project, '2026-07-28')
  const { structured } = await host.call('get_trace_by_id', {
    trace_id: 'f'.repeat(32),
    from: 'trace.json',
  })
  expect(structured).toMatchObject({
    error: { code: 'TRACE_NOT_FOUND' },
    next_steps: [{ tool: 'get_traces', arguments: { from: 'trace.json' } }],
  })
})

test('a time of a backend is judged, and stays open when it is cut', async () => {
  await using server = await crowded()
  using project = projectOf(server)
  project.write('specs/guard.trace.yaml', 'name: guard\nforbidden_spans: [{ operation_name: x }]\n')
  await using host = await connect(project, '2026-07-28')
  const args = { trace: 'since:2h..30m', spec: 'guard', from: 'prod' }
  const { structured } = await host.call('compare_trace_to_spec', args)
  expect(structured).toMatchObject({
    status: 'inconclusive',
    evidence: {
      complete: false,
      reasons: {
        items: expect.arrayContaining(['Only the newest 100 traces of the time were read.']),
      },
    },
  })
})

test('raw is not offered of what is not kept here', async () => {
  await using server = await jaeger()
  using project = projectOf(server)
  await using host = await connect(project, '2026-07-28')
  const { isError } = await host.call('get_trace_by_id', {
    trace_id: TRACE_ID,
    from: 'prod',
    detail: 'raw',
  })
  expect(isError).toBe(true)
})
