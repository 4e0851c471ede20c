import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import { place, type Place } from '../cli/tracespec.ts'
import { sketch, TRACE_ID } from '../report/spans.ts'
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
