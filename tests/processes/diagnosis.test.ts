import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/app/diagnose.ts'
import type { Diagnosis } from '../../src/trace/diagnosis.ts'
import { verifies } from '../verifies.ts'
import { plainEnvironment, runProgram, runTheCommand, sdk3, type Ran } from './run-program.ts'

const node = process.execPath
const auto = ['--require', '@opentelemetry/auto-instrumentations-node/register', 'http.cjs']
const unheard = 'http://127.0.0.1:1'

type Told = Pick<Diagnosis, 'layer' | 'likely' | 'fix'>

function told({ outcome }: Ran): Told {
  const { layer, likely, fix } = diagnose(outcome.facts)
  return { layer, likely, fix }
}

interface Story {
  readonly what: string
  readonly run: () => Promise<Ran>
  readonly told: Told
}

/** Each program has exactly one fault; neighbours in the list differ in that alone. */
const stories: readonly Story[] = [
  {
    what: 'a program without OpenTelemetry where none is installed',
    run: runWithoutPackages,
    told: { layer: 'no_sdk', likely: true, fix: { code: 'install_sdk' } },
  },
  {
    what: 'a program that uses the API and sets no SDK up',
    run: () => runProgram(['sdk-not-started.mjs']),
    told: { layer: 'sdk_not_started', likely: true, fix: { code: 'start_sdk' } },
  },
  {
    what: 'a program with an SDK that makes no span',
    run: () => runProgram(['no-spans.mjs']),
    told: { layer: 'no_spans_made', likely: true, fix: { code: 'instrument_what_runs' } },
  },
  {
    what: 'a program whose sampler drops all',
    run: () => runProgram(['sampled-out.mjs']),
    told: {
      layer: 'sampled_out',
      likely: false,
      fix: { code: 'sample_always', sampler: 'AlwaysOffSampler' },
    },
  },
  {
    what: 'a sampler of the shell that was kept',
    run: () =>
      runProgram(['protobuf.mjs'], {
        env: plainEnvironment({ OTEL_TRACES_SAMPLER: 'always_off' }),
        keepEnv: ['OTEL_TRACES_SAMPLER'],
      }),
    told: {
      layer: 'sampled_out',
      likely: false,
      fix: { code: 'do_not_keep', names: ['OTEL_TRACES_SAMPLER'] },
    },
  },
  {
    what: 'an exporter to the console',
    run: () => runProgram(['console-exporter.mjs']),
    told: {
      layer: 'other_exporter',
      likely: false,
      fix: { code: 'add_otlp_exporter', instead_of: ['ConsoleSpanExporter'] },
    },
  },
  {
    what: 'a console exporter of the shell that was kept',
    run: () =>
      runProgram(auto, {
        cwd: sdk3,
        env: plainEnvironment({ OTEL_TRACES_EXPORTER: 'console' }),
        keepEnv: ['OTEL_TRACES_EXPORTER'],
      }),
    told: {
      layer: 'other_exporter',
      likely: false,
      fix: { code: 'do_not_keep', names: ['OTEL_TRACES_EXPORTER'] },
    },
  },
  {
    what: 'process.exit before the flush',
    run: () => runProgram(['exit-at-once.mjs']),
    told: {
      layer: 'killed_before_flush',
      likely: false,
      fix: { code: 'flush_before_exit', command: 'node exit-at-once.mjs' },
    },
  },
  {
    what: 'SIGKILL before the flush',
    run: () => runProgram(['kill-itself.mjs']),
    told: {
      layer: 'killed_before_flush',
      likely: true,
      fix: { code: 'end_normally', command: 'node kill-itself.mjs', signal: 'SIGKILL' },
    },
  },
  {
    what: 'a time limit before the flush',
    run: () =>
      runProgram(['hang.mjs'], {
        timeoutMs: 2000,
        env: plainEnvironment({ OTEL_BSP_SCHEDULE_DELAY: '60000' }),
        keepEnv: ['OTEL_BSP_SCHEDULE_DELAY'],
      }),
    told: { layer: 'killed_before_flush', likely: false, fix: { code: 'raise_time_limit' } },
  },
  {
    what: 'an endpoint in the code',
    run: () => runProgram(['fixed-endpoint.mjs']),
    told: {
      layer: 'wrong_endpoint',
      likely: false,
      fix: { code: 'use_endpoint_variable', hosts: ['127.0.0.1:1'] },
    },
  },
  {
    what: 'an endpoint that the program sets in its own environment',
    run: () => runProgram(['changes-endpoint.mjs']),
    told: {
      layer: 'wrong_endpoint',
      likely: false,
      fix: { code: 'leave_variables', names: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] },
    },
  },
  {
    what: 'an endpoint of the shell that was kept',
    run: () =>
      runProgram(['exit-at-once.mjs'], {
        env: plainEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: unheard }),
        keepEnv: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
      }),
    told: {
      layer: 'wrong_endpoint',
      likely: false,
      fix: { code: 'do_not_keep', names: ['OTEL_EXPORTER_OTLP_ENDPOINT'] },
    },
  },
  {
    what: 'an endpoint in the arguments, seen without our preload',
    run: () =>
      runTheCommand(['env', `OTEL_EXPORTER_OTLP_ENDPOINT=${unheard}`, node, 'exit-at-once.mjs'], {
        preload: false,
      }),
    told: {
      layer: 'wrong_endpoint',
      likely: true,
      fix: { code: 'use_endpoint_variable', hosts: ['127.0.0.1:1'] },
    },
  },
  {
    what: 'TLS to a port without it',
    run: () => runProgram(['grpc-tls-exporter.mjs']),
    told: { layer: 'wrong_protocol', likely: false, fix: { code: 'connect_without_tls' } },
  },
  {
    what: 'a path that nobody serves',
    run: () => runProgram(['wrong-path.mjs']),
    told: { layer: 'refused', likely: false, fix: { code: 'correct_requests', status: 404 } },
  },
  {
    what: 'a receiver that refuses what comes',
    run: () => runProgram(['protobuf.mjs'], { endpoint: 'refuses' }),
    told: { layer: 'refused', likely: false, fix: { code: 'correct_requests', status: 400 } },
  },
  {
    what: 'OTEL_SDK_DISABLED',
    run: () =>
      runProgram(auto, { cwd: sdk3, env: plainEnvironment({ OTEL_SDK_DISABLED: 'true' }) }),
    told: {
      layer: 'sdk_disabled',
      likely: true,
      fix: { code: 'unset_variable', name: 'OTEL_SDK_DISABLED' },
    },
  },
  {
    what: 'OTEL_CONFIG_FILE that names another endpoint',
    run: () =>
      runProgram(['config-file.cjs'], {
        cwd: sdk3,
        env: plainEnvironment({ OTEL_CONFIG_FILE: 'elsewhere.yaml' }),
      }),
    told: {
      layer: 'config_file',
      likely: false,
      fix: { code: 'unset_variable', name: 'OTEL_CONFIG_FILE' },
    },
  },
  {
    what: 'OTEL_CONFIG_FILE that exports to the console',
    run: () =>
      runProgram(['config-file.cjs'], {
        cwd: sdk3,
        env: plainEnvironment({ OTEL_CONFIG_FILE: 'console.yaml' }),
      }),
    told: {
      layer: 'config_file',
      likely: false,
      fix: { code: 'unset_variable', name: 'OTEL_CONFIG_FILE' },
    },
  },
  {
    what: 'OTEL_CONFIG_FILE that cannot be read',
    run: () =>
      runProgram(['config-file.cjs'], {
        cwd: sdk3,
        env: plainEnvironment({ OTEL_CONFIG_FILE: 'missing.yaml' }),
      }),
    told: {
      layer: 'config_file',
      likely: true,
      fix: { code: 'unset_variable', name: 'OTEL_CONFIG_FILE' },
    },
  },
  {
    what: 'an exporter to the console in a program that does not read OTEL_CONFIG_FILE',
    run: () =>
      runProgram(['console-exporter.mjs'], {
        env: plainEnvironment({ OTEL_CONFIG_FILE: 'missing.yaml' }),
      }),
    told: {
      layer: 'other_exporter',
      likely: false,
      fix: { code: 'add_otlp_exporter', instead_of: ['ConsoleSpanExporter'] },
    },
  },
  {
    what: 'a program that is not Node and sends nothing',
    run: () => runTheCommand(['sh', '-c', 'exit 0']),
    told: { layer: 'never_connected', likely: true, fix: { code: 'check_exporter' } },
  },
  {
    what: 'a program that is not Node and is killed',
    run: () => runTheCommand(['sh', '-c', 'kill -KILL $$']),
    told: {
      layer: 'killed_before_flush',
      likely: true,
      fix: { code: 'end_normally', command: 'sh', signal: 'SIGKILL' },
    },
  },
]

describe('the layer where spans got lost', () => {
  test.for(stories)('$what', async (story) => {
    verifies('X-08')
    const ran = await story.run()
    expect(ran.outcome.facts.receiver.spans).toBe(0)
    expect(told(ran)).toEqual(story.told)
  })
})

test('a diagnosis lists what was seen', async () => {
  verifies('X-08')
  const { outcome } = await runProgram(['exit-at-once.mjs'], {
    env: plainEnvironment({ OTEL_SERVICE_NAME: 'shop' }),
  })
  const { pid } = outcome
  expect(diagnose(outcome.facts).observations).toEqual([
    { code: 'connections', connections: 0 },
    {
      code: 'process_ended',
      pid,
      command: 'node exit-at-once.mjs',
      end: 'exit',
      exit_code: 0,
      signal: null,
    },
    { code: 'provider', pid, name: 'NodeTracerProvider' },
    { code: 'sampler', pid, name: 'AlwaysOnSampler' },
    { code: 'exporter', pid, name: 'OTLPTraceExporter', host: outcome.facts.endpoint },
    { code: 'spans_waiting', pid, spans: 1 },
    {
      code: 'otel_variables',
      names: [
        'OTEL_BSP_MAX_QUEUE_SIZE',
        'OTEL_BSP_SCHEDULE_DELAY',
        'OTEL_EXPORTER_OTLP_ENDPOINT',
        'OTEL_EXPORTER_OTLP_PROTOCOL',
        'OTEL_RESOURCE_ATTRIBUTES',
        'OTEL_SERVICE_NAME',
        'OTEL_TRACES_EXPORTER',
        'OTEL_TRACES_SAMPLER',
      ],
    },
    {
      code: 'packages',
      packages: expect.arrayContaining([
        { name: '@opentelemetry/sdk-trace-node', version: expect.any(String) },
      ]),
    },
  ])
})

async function runWithoutPackages(): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'tracespec-test-'))
  try {
    await writeFile(join(folder, 'app.mjs'), 'await Promise.resolve()\n')
    return await runProgram(['app.mjs'], { cwd: folder })
  } finally {
    await rm(folder, { recursive: true })
  }
}
