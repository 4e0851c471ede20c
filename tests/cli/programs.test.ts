import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { verifies } from '../verifies.ts'
import { fixture, place, program } from './tracespec.ts'

const sdk3 = (name: string): readonly string[] => ['node', fixture(`fixtures/apps/sdk3/${name}`)]
const auto3 = [
  'node',
  '--require',
  '@opentelemetry/auto-instrumentations-node/register',
  'http.cjs',
]
const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }
const production = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.production.invalid:4318',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.production.invalid:4318/v1/traces',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer secret',
}

interface Row {
  readonly what: string
  readonly command: readonly string[]
  /** The span that the spec expects. */
  readonly span: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
  readonly exit: number
  /** Codes of the evidence. */
  readonly evidence: readonly string[]
}

const COMPLETE = ['all_processes_ended', 'connections_drained']

const rows: readonly Row[] = [
  {
    what: 'protobuf, 2.x',
    command: program('protobuf.mjs'),
    span: 'as protobuf',
    exit: 0,
    evidence: COMPLETE,
  },
  {
    what: 'gzip, 2.x',
    command: program('protobuf.mjs'),
    span: 'as protobuf',
    env: gzip,
    exit: 0,
    evidence: COMPLETE,
  },
  { what: 'JSON, 2.x', command: program('json.mjs'), span: 'as json', exit: 0, evidence: COMPLETE },
  {
    what: 'protobuf, 3.x',
    command: sdk3('protobuf.mjs'),
    span: 'as protobuf',
    exit: 0,
    evidence: COMPLETE,
  },
  {
    what: 'JSON and gzip, 3.x',
    command: sdk3('json.mjs'),
    span: 'as json',
    env: gzip,
    exit: 0,
    evidence: COMPLETE,
  },
  {
    what: 'auto-instrumentation, 3.x',
    command: auto3,
    cwd: fixture('fixtures/apps/sdk3'),
    span: 'GET',
    exit: 0,
    evidence: COMPLETE,
  },
  {
    what: 'a resource of its own',
    command: program('own-resource.mjs'),
    span: 'own resource',
    exit: 0,
    evidence: COMPLETE,
  },
  {
    what: 'a production endpoint in the shell',
    command: program('json.mjs'),
    span: 'as json',
    env: production,
    exit: 0,
    evidence: COMPLETE,
  },
  { what: 'children', command: program('forks.mjs'), span: 'work', exit: 0, evidence: COMPLETE },
  {
    what: 'shutdown and then process.exit(0)',
    command: program('shutdown-then-exit.mjs'),
    span: 'work',
    exit: 0,
    evidence: COMPLETE,
  },
  {
    what: 'a failing test command whose spans match',
    command: program('failing-test.mjs'),
    span: 'work',
    exit: 1,
    evidence: COMPLETE,
  },
  { what: 'no spans', command: program('no-spans.mjs'), span: 'work', exit: 3, evidence: COMPLETE },
  {
    what: 'process.exit with spans waiting',
    command: program('exit-at-once.mjs'),
    span: 'work',
    exit: 3,
    evidence: ['spans_waiting_at_exit'],
  },
  {
    what: 'process.exit right after the second of two requests',
    command: program('exit-after-second.cjs'),
    span: 'GET',
    exit: 3,
    evidence: ['spans_waiting_at_exit'],
  },
  {
    what: 'a callee killed right after it answered',
    command: program('callee-killed.cjs'),
    span: 'GET',
    exit: 3,
    evidence: ['end_unseen'],
  },
  {
    what: 'a crash',
    command: program('crash.mjs'),
    span: 'exported',
    exit: 1,
    evidence: ['crashed'],
  },
  {
    what: 'a program that hangs',
    command: program('hang.mjs'),
    span: 'work',
    options: ['--timeout', '1500ms'],
    exit: 3,
    evidence: ['ended_by_signal', 'time_limit'],
  },
  {
    what: 'a daemon left behind',
    command: [...program('leaves-behind.mjs'), 'chatter.mjs', 'session'],
    span: 'chatter',
    options: ['--wait', '1s'],
    exit: 3,
    evidence: ['ended_by_signal', 'outlived_command'],
  },
]

const specFor = (span: string): string => `name: programs
expected_spans:
  - operation_name: ${span}
    count: { min: 1, max: 9 }
`

const result = z.object({
  evidence: z.object({ reasons: z.array(z.object({ code: z.string() })) }),
})

describe.concurrent('the built program captures and judges', () => {
  test.for(rows)(
    '$what: exit $exit',
    async ({ command, cwd, span, env, options, exit, evidence }) => {
      verifies('P-15', 'P-25', 'X-02')
      using project = place({ 'programs.trace.yaml': specFor(span) })
      const asked = [
        'run',
        '--json',
        '--project',
        project.folder,
        '--spec',
        'programs',
        ...(options ?? []),
        '--',
        ...command,
      ]
      const { code, stdout, stderr } = await project.run(asked, {
        env: env ?? {},
        cwd: cwd ?? project.folder,
      })
      const { evidence: found } = result.parse(JSON.parse(stdout))
      const codes = found.reasons.map((reason) => reason.code)
      expect({ code, codes: codes.toSorted() }).toEqual({
        code: exit,
        codes: evidence.toSorted(),
      })
      expect(stdout + stderr).not.toContain('Bearer secret')
    },
  )
})
