import { z } from 'zod'
import type { Call } from './call.ts'
import {
  evidence,
  judgedSpec,
  limit,
  sortedFindings,
  nextSteps,
  specName,
  traceReference,
} from './schema-parts.ts'
import { sentence } from '../report/schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

/** Judges what was captured before. */
export const compareTraceToSpec: Tool = defineTool({
  name: 'compare_trace_to_spec',
  title: 'Compare a trace to a spec',
  description:
    'Use to judge a capture that exists (a run, a trace, a trace file) by a spec, above all after the spec changed. Answers what matched, what is missing and what came nearest.',
  input: z.strictObject({
    trace: traceReference,
    spec: specName,
    limit: limit(50).optional().describe('Findings to show; default 8.'),
  }),
  output: z.strictObject({
    summary: sentence,
    ...judgedSpec,
    ...sortedFindings,
    evidence,
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { trace: 'last', spec: 'checkout' },
  handle: async ({ trace, spec, limit: most }, call) => ({
    structured: await compare({ trace, spec, most: most ?? 8 }, call),
  }),
})

interface Comparison {
  readonly trace: string
  readonly spec: string
  readonly most: number
}

async function compare({ trace, spec, most }: Comparison, call: Call): Promise<Answered> {
  const { isKept, openCaptureIn, openSpecsIn } = await import('./captures.ts')
  const { check } = await import('../app/check.ts')
  const { resultOf } = await import('../report/json.ts')
  const {
    compactEvidence,
    compactSpec,
    fitting,
    sortedFindings: sorted,
  } = await import('./verdict.ts')
  const { verdictSteps } = await import('./verdict-steps.ts')
  await using wire = await call.open()
  const specs = await openSpecsIn(wire, [spec])
  const capture = await openCaptureIn(wire, trace)
  const asked = { traces: [trace], specs: [spec], common_options: [], run_options: [] }
  const outcome = check({ version: call.version, asked, specs, capture, requireAll: true })
  const result = resultOf(outcome)
  const [judged] = result.specs
  if (judged === undefined) throw new RangeError('a named spec is always judged')
  const steps = verdictSteps(result, {
    run: undefined,
    trace: capture.source.startsWith('run:') ? capture.source : trace,
    isKept: isKept(wire, trace),
  })
  return fitting(most, most > 8 ? Infinity : 4000, (shown) => ({
    summary: result.summary,
    ...compactSpec(judged, shown),
    ...sorted(judged),
    evidence: compactEvidence(result.evidence),
    next_steps: steps,
  }))
}

type Answered = Readonly<Record<string, unknown>>
