import { z } from 'zod'
import type { Call } from './call.ts'
import { from } from './from-shape.ts'
import {
  evidence,
  judgedSpec,
  limit,
  MOST_FINDINGS,
  nextSteps,
  outcomes,
  sortedFindings,
  specName,
  traceReference,
  waitMs,
} from './schema-parts.ts'
import { runShape } from './run-shape.ts'
import { sentence } from '../report/schema-parts.ts'
import { Fault } from '../trace/fault.ts'
import { defineTool, type Tool } from './tool.ts'

/** Judges what was captured before. */
export const compareTraceToSpec: Tool = defineTool({
  name: 'compare_trace_to_spec',
  title: 'Compare a trace to a spec',
  description:
    'Use to judge what was captured (a run, a trace, a trace file) by a spec, above all after the spec changed; without spec, to take up a run: its verdict, or that it still runs.',
  input: z.strictObject({
    trace: traceReference,
    from,
    spec: specName.optional(),
    wait_ms: waitMs.optional().describe('For a run that still runs.'),
    limit: limit(MOST_FINDINGS).optional().describe('Findings to show; default 8.'),
  }),
  // What is answered of a capture, and what of a run.
  output: z.strictObject({
    ...optional({ ...judgedSpec, ...sortedFindings, ...runShape }),
    summary: sentence,
    status: z.enum([...outcomes, 'running', 'not_exercised']),
    evidence,
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { trace: 'last', spec: 'checkout' },
  handle: async (input, call) => ({ structured: await compare(input, call) }),
})

function optional(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, type.optional()]))
}

interface Input {
  readonly trace: string
  readonly from?: string | undefined
  readonly spec?: string | undefined
  readonly wait_ms?: number | undefined
  readonly limit?: number | undefined
}

async function compare(input: Input, call: Call): Promise<Answered> {
  const { stillRunning, verdictOfRun } = await import('./run-verdict.ts')
  const { trace, from, spec, wait_ms: waitMs, limit: most } = input
  if (from !== undefined) return judgedBy(specOf(input), { trace, from, most: most ?? 8 }, call)
  const running = await stillRunning({ trace, spec, waitMs }, call)
  if (running !== undefined) return running
  if (spec === undefined) return verdictOfRun(trace, most, call)
  return judgedBy(spec, { trace, from, most: most ?? 8 }, call)
}

function specOf({ spec, trace }: Input): string {
  if (spec !== undefined) return spec
  throw new Fault('USAGE', `a spec is needed to judge ${trace}`, {
    hint: 'without spec, trace names a run that is kept here, as run:ID or last',
  })
}

interface Judging extends Pick<Input, 'trace' | 'from'> {
  readonly most: number
}

async function judgedBy(
  spec: string,
  { trace, from, most }: Judging,
  call: Call,
): Promise<Answered> {
  const { isKept, openCaptureIn, openSpecsIn } = await import('./captures.ts')
  const { check } = await import('../app/check.ts')
  const { resultOf } = await import('../report/json.ts')
  const {
    compactEvidence,
    compactSpec,
    fitting,
    judgedLimit,
    sortedFindings: sorted,
  } = await import('./verdict.ts')
  const { verdictSteps } = await import('./verdict-steps.ts')
  await using wire = await call.open()
  const specs = await openSpecsIn(wire, [spec])
  const { openFrom, stepsFrom } = await import('./from.ts')
  using source = await openFrom(wire, from, call.signal)
  const capture = await openCaptureIn(wire, trace, {
    from: source?.reader,
    signal: call.signal,
    specs,
  })
  const asked = { traces: [trace], specs: [spec], common_options: [], run_options: [] }
  const outcome = check({
    version: call.version,
    asked,
    specs,
    capture,
    requireAll: true,
    limit: judgedLimit(most),
  })
  const result = resultOf(outcome)
  const [judged] = result.specs
  if (judged === undefined) throw new RangeError('a named spec is always judged')
  const steps = verdictSteps(result, {
    run: call.runs.find(capture.source.replace(/^run:/, ''))?.input,
    trace: capture.source.startsWith('run:') ? capture.source : trace,
    isKept: isKept(wire, trace),
  })
  const answer = fitting(most, most > 8 ? Infinity : 4000, (shown) => ({
    summary: result.summary,
    ...compactSpec(judged, shown),
    ...sorted(judged),
    evidence: compactEvidence(result.evidence),
    next_steps: steps,
  }))
  return stepsFrom(answer, from)
}

type Answered = Readonly<Record<string, unknown>>
