import { expect, test } from 'vitest'
import { analyzeTrace } from '../../src/analyze/analyze-trace.ts'
import type { Span } from '../../src/trace/span.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const size = 100_000
const whole = size * 4

const numbers = Array.from({ length: size }, (_, at) => at + 1)
const failed = { code: 'error', message: 'broken' } as const

const traces: Readonly<Record<string, readonly Span[]>> = {
  'a chain': numbers.map((id) =>
    span({ id, ...(id === 1 ? {} : { parent: id - 1 }), start: id, end: whole - id }),
  ),
  'a chain that failed': numbers.map((id) =>
    span({
      id,
      ...(id === 1 ? {} : { parent: id - 1 }),
      start: id,
      end: whole - id,
      status: failed,
    }),
  ),
  'a fan one after the other': numbers.map((id) =>
    id === 1
      ? span({ id, start: 0, end: whole })
      : span({ id, parent: 1, start: id, end: id + 1, name: 'item' }),
  ),
  'a fan all at once': numbers.map((id) =>
    id === 1
      ? span({ id, start: 0, end: whole })
      : span({ id, parent: 1, start: 1, end: id, kind: 'client', status: failed }),
  ),
  'spans without a parent': numbers.map((id) => span({ id, parent: size + id, end: whole + id })),
}

test.for(Object.entries(traces))(
  '%s of 100,000 spans is analysed without recursion and in bounded lists',
  ([, spans]) => {
    verifies('P-09', 'P-10', 'P-11')
    const trace = buildTrace(spans)
    const analysis = analyzeTrace(trace, { limit: 10 })
    expect(analysis.tree.spans).toBe(size)
    expect(JSON.stringify(analysis).length).toBeLessThan(100_000)
  },
)
