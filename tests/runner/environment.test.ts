import { expect, test } from 'vitest'
import { childEnvironment, mayPreload } from '../../src/runner/environment.ts'
import { verifies } from '../verifies.ts'
import { runOptions } from './run-options.ts'

test('a bare environment gets what an SDK needs to export everything to us at once', () => {
  verifies('P-15')
  const { variables } = childEnvironment(runOptions({ env: { HOME: '/home/me' } }), undefined)
  expect(variables).toEqual({
    HOME: '/home/me',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4999',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_TRACES_SAMPLER: 'always_on',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_QUEUE_SIZE: '65536',
    OTEL_RESOURCE_ATTRIBUTES: 'tracespec.run.id=r1',
    TRACEPARENT: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    TRACESPEC_RUN_ID: 'r1',
  })
})

test('what belongs to other endpoints and contexts goes, and what a user says of the program stays', () => {
  verifies('P-15')
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://prod',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=b',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: 'k',
    OTEL_EXPORTER_OTLP_TRACES_INSECURE: 'true',
    TRACESTATE: 'a=b',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_METRICS_EXPORTER: 'console',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_SDK_DISABLED: 'true',
    OTEL_CONFIG_FILE: 'otel.yaml',
  }
  const { variables, changes } = childEnvironment(runOptions({ env }), undefined)
  expect(changes.removed).toEqual([
    'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_EXPORTER_OTLP_LOGS_HEADERS',
    'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'OTEL_EXPORTER_OTLP_TRACES_INSECURE',
    'TRACESTATE',
  ])
  expect(variables).toMatchObject({
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_METRICS_EXPORTER: 'console',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_SDK_DISABLED: 'true',
    OTEL_CONFIG_FILE: 'otel.yaml',
  })
})

test.for([
  { given: undefined, made: 'tracespec.run.id=r1' },
  { given: 'a=1,b=2', made: 'a=1,b=2,tracespec.run.id=r1' },
  { given: 'a=1,', made: 'a=1,tracespec.run.id=r1' },
  { given: 'tracespec.run.id=outer,a=1', made: 'a=1,tracespec.run.id=r1' },
])('resource attributes $given are merged to $made', ({ given, made }) => {
  const { variables } = childEnvironment(
    runOptions({ env: { OTEL_RESOURCE_ATTRIBUTES: given } }),
    undefined,
  )
  expect(variables['OTEL_RESOURCE_ATTRIBUTES']).toBe(made)
})

test.for([
  { env: {}, made: {} },
  { env: { NO_PROXY: 'corp' }, made: { NO_PROXY: 'corp' } },
  {
    env: { HTTP_PROXY: 'http://p' },
    made: {
      HTTP_PROXY: 'http://p',
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    },
  },
  {
    env: { https_proxy: 'http://p', no_proxy: 'corp, localhost' },
    made: {
      https_proxy: 'http://p',
      NO_PROXY: 'corp,localhost,127.0.0.1',
      no_proxy: 'corp,localhost,127.0.0.1',
    },
  },
  {
    env: { HTTP_PROXY: 'http://p', NO_PROXY: '*' },
    made: { HTTP_PROXY: 'http://p', NO_PROXY: '*' },
  },
])('a proxy does not catch loopback: $env', ({ env, made }) => {
  const { variables } = childEnvironment(runOptions({ env }), undefined)
  const proxies = Object.entries(variables).filter(([name]) => /proxy$/i.test(name))
  expect(Object.fromEntries(proxies)).toEqual(made)
})

test('--keep-env leaves a variable alone, whatever would have been done to it', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://mine',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    OTEL_BSP_SCHEDULE_DELAY: '5000',
    NODE_OPTIONS: '--max-old-space-size=99',
  }
  const keepEnv = [...Object.keys(env), 'TRACEPARENT']
  const { variables, changes, exportDelayMs } = childEnvironment(runOptions({ env, keepEnv }), {
    path: '/p.cjs',
    notes: '/notes',
  })
  expect(variables).toMatchObject(env)
  expect(variables['TRACEPARENT']).toBeUndefined()
  expect(changes.kept).toEqual(Object.keys(env).toSorted())
  expect(exportDelayMs).toBe(5000)
})

test.for([
  { given: undefined, path: '/a/p.cjs', made: '--require "/a/p.cjs"' },
  {
    given: '--trace-warnings',
    path: '/a b/p.cjs',
    made: '--trace-warnings --require "/a b/p.cjs"',
  },
  { given: undefined, path: '/a"b\\c/p.cjs', made: '--require "/a\\"b\\\\c/p.cjs"' },
])('the preload at $path is appended to NODE_OPTIONS', ({ given, path, made }) => {
  const { variables } = childEnvironment(runOptions({ env: { NODE_OPTIONS: given } }), {
    path,
    notes: '/notes',
  })
  expect(variables).toMatchObject({ NODE_OPTIONS: made, TRACESPEC_NOTES: '/notes' })
})

test.for([
  { command: ['node', 'app.js'], options: undefined, may: true },
  { command: ['node', '--permission', 'app.js'], options: undefined, may: false },
  { command: ['sh', '-c', 'node --experimental-permission a.js'], options: undefined, may: false },
  { command: ['node', 'app.js'], options: '--permission --allow-fs-read=*', may: false },
  { command: ['node', 'app.js', '--permissions'], options: undefined, may: true },
] as const)('$command with $options may be preloaded: $may', ({ command, options, may }) => {
  expect(mayPreload(runOptions({ command, env: { NODE_OPTIONS: options } }))).toBe(may)
})
