import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../src/otlp/encode.ts'
import type { Span } from '../../src/trace/span.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { sketch, traceIdOf } from '../report/spans.ts'
import { verifies } from '../verifies.ts'
import { place } from './tracespec.ts'

const spec = `name: work
expected_spans: [{ id: work, operation_name: work }]
performance_constraints:
  percentiles: [{ span: work, p95_ms: 100 }]
`

function traceOf(number: number, durationMs: number): Span {
  const span = sketch({ id: 1, name: 'work', from: 0, to: durationMs })
  return { ...span, traceId: traceIdOf(number.toString(16).padStart(32, '0')) }
}

const doors = ['a folder', 'a time'] as const
const outcomes = [
  { traces: 60, durationMs: 50, code: 0, status: 'pass' },
  { traces: 60, durationMs: 150, code: 1, status: 'fail' },
  { traces: 58, durationMs: 50, code: 3, status: 'inconclusive' },
] as const

test.for(doors.flatMap((door) => outcomes.map((outcome) => ({ door, ...outcome }))))(
  'a percentile over $traces traces of $door, each of $durationMs ms: $status',
  async ({ door, traces, durationMs, code, status }) => {
    verifies('P-05')
    using project = place({ 'work.trace.yaml': spec })
    const spans = Array.from({ length: traces }, (_, at) => traceOf(at + 1, durationMs))
    for (const [at, span] of spans.entries()) {
      project.write(`captured/${at}.otlp.json`, encodeTracesJson([span]))
    }
    project.write('all.otlp.json', encodeTracesJson(spans))
    if (door === 'a time') await project.run(['import', 'all.otlp.json'])
    const started = new Date(Number((spans[0]?.start ?? 0n) / 1_000_000n)).toISOString()
    const reference = door === 'a time' ? `since:${started}..${started}` : 'captured'
    const { code: exit, stdout } = await project.run(['check', reference, '--json'])
    const { specs } = JSON.parse(stdout) as { readonly specs: readonly SpecResult[] }
    const [judged] = specs
    const checks = judged?.expectations[0]?.checks ?? []
    const check = checks.find(({ condition }) => condition === 'p95_ms')
    expect({ exit, cases: judged?.summary.cases, check }).toEqual({
      exit: code,
      cases: traces,
      check: { condition: 'p95_ms', expected: 100, observed: durationMs, status },
    })
  },
)
