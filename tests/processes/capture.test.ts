import { expect, test } from 'vitest'
import { verifies } from '../verifies.ts'
import { openEndpoint } from './endpoint.ts'
import { plainEnvironment, programs, runProgram, sdk3 } from './run-program.ts'

const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }
const autoInstrumentation = '@opentelemetry/auto-instrumentations-node/register'

test.for([
  { line: '2.x', cwd: programs, args: ['protobuf.mjs'], span: 'as protobuf', env: {} },
  { line: '2.x', cwd: programs, args: ['json.mjs'], span: 'as json', env: {} },
  { line: '2.x', cwd: programs, args: ['protobuf.mjs'], span: 'as protobuf', env: gzip },
  { line: '2.x', cwd: programs, args: ['json.mjs'], span: 'as json', env: gzip },
  { line: '3.x', cwd: sdk3, args: ['protobuf.mjs'], span: 'as protobuf', env: {} },
  { line: '3.x', cwd: sdk3, args: ['json.mjs'], span: 'as json', env: {} },
  { line: '3.x', cwd: sdk3, args: ['json.mjs'], span: 'as json', env: gzip },
  { line: '2.x', cwd: programs, args: ['grpc-exporter.mjs'], span: 'over grpc', env: {} },
  { line: '2.x', cwd: programs, args: ['grpc-exporter.mjs'], span: 'over grpc', env: gzip },
])('a span of $args on the $line line arrives with the run id, $env', async (one) => {
  verifies('P-15', 'P-25')
  const { outcome, endpoint } = await runProgram(one.args, {
    cwd: one.cwd,
    env: plainEnvironment(one.env),
    runId: 'run-of-one',
  })
  expect(outcome.exitCode).toBe(0)
  expect(await endpoint.received(one.span)).toBe(1)
  expect(await endpoint.received('run-of-one')).toBe(1)
  expect(outcome.evidence.complete).toBe(true)
})

test('an SDK that the environment sets up speaks gRPC when it is asked to', async () => {
  verifies('P-15', 'P-25')
  const args = ['--require', autoInstrumentation, 'http.cjs']
  const { outcome, endpoint } = await runProgram(args, { cwd: sdk3, protocol: 'grpc' })
  expect(outcome.evidence).toMatchObject({ complete: true, lossyEnds: [] })
  expect(endpoint.view.facts().requests).toContainEqual(
    expect.objectContaining({ content_type: 'application/grpc', signal: 'traces', status: 200 }),
  )
})

test.for([
  { line: '2.x', cwd: programs, args: ['--require', './http-sdk.cjs', 'http.cjs'] },
  { line: '3.x', cwd: sdk3, args: ['--require', autoInstrumentation, 'http.cjs'] },
  { line: '2.x', cwd: programs, args: ['--import', './http-sdk.cjs', 'http.cjs'] },
])('HTTP instrumentation of the $line line by $args is captured', async ({ cwd, args }) => {
  verifies('P-15')
  const { outcome, endpoint } = await runProgram(args, { cwd })
  expect(outcome.evidence).toMatchObject({ complete: true, lossyEnds: [] })
  // Once in the CLIENT and once in the SERVER span.
  expect(await endpoint.received('/hello')).toBeGreaterThanOrEqual(2)
})

test('a provider that ignores OTEL_RESOURCE_ATTRIBUTES is captured all the same', async () => {
  verifies('P-15')
  const { endpoint } = await runProgram(['own-resource.mjs'], { runId: 'unheard' })
  expect([await endpoint.received('stubborn'), await endpoint.received('unheard')]).toEqual([1, 0])
})

test('a shell that points at production neither loses the capture nor gets a test span', async () => {
  verifies('P-15')
  await using production = await openEndpoint('production')
  const { outcome, endpoint } = await runProgram(['protobuf.mjs'], {
    env: plainEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: production.url,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${production.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=secret',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere.pem',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      HTTP_PROXY: 'http://proxy.invalid:3128',
    }),
  })
  expect(await endpoint.received('as protobuf')).toBe(1)
  expect(await endpoint.received('shop')).toBe(1)
  expect(await endpoint.received('deployment.environment.name')).toBe(1)
  expect(production.view.facts().connections).toBe(0)
  expect(outcome.environment).toEqual({
    set: [
      'NODE_OPTIONS',
      'NO_PROXY',
      'OTEL_BSP_MAX_QUEUE_SIZE',
      'OTEL_BSP_SCHEDULE_DELAY',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'TRACEPARENT',
      'TRACESPEC_NOTES',
      'TRACESPEC_RUN_ID',
      'no_proxy',
    ],
    overridden: ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_EXPORTER', 'OTEL_TRACES_SAMPLER'],
    removed: [
      'OTEL_EXPORTER_OTLP_CERTIFICATE',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
      'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    ],
    extended: ['OTEL_RESOURCE_ATTRIBUTES'],
    kept: [],
  })
})

test('process.exit right after a span is seen on the 3.x line, too', async () => {
  verifies('X-02')
  const { outcome } = await runProgram(['exit-at-once.mjs'], { cwd: sdk3 })
  expect(outcome.evidence.reasons).toEqual([
    expect.objectContaining({ code: 'spans_waiting_at_exit', spans: 1 }),
  ])
})
