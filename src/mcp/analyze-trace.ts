import { z } from 'zod'
import { boundedOf, count, sentence, untrusted } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { from } from './from-shape.ts'
import { limit, nextSteps } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const DEFAULT_LIMIT = 5

const id = z.string().describe('Hex.')

/** What one trace shows by itself. */
export const analyzeTrace: Tool = defineTool({
  name: 'analyze_trace',
  title: 'Analyse a trace',
  description:
    'Use to learn why a trace is slow or failed, without a spec: error origins and how far they went, repeated siblings (N+1), serial calls, critical path, slowest spans by self time.',
  input: z.strictObject({
    trace_id: z.string().min(1).max(200).describe('32 hex digits.'),
    from,
    limit: limit(50).optional().describe('Items of each list; default 5.'),
  }),
  output: z.strictObject({
    summary: sentence,
    trace_id: id,
    duration_ms: z.number(),
    tree: z.strictObject({
      spans: count,
      services: count,
      errors: count,
      depth: count,
      roots: count,
      defects: z.array(sentence),
    }),
    errors: boundedOf(z.strictObject({ message: sentence, span_id: id, count })),
    repeated: boundedOf(
      z.strictObject({ message: sentence, span_id: id, count, n_plus_one: z.boolean() }),
    ),
    serial: boundedOf(z.strictObject({ message: sentence, span_id: id, saving_ms: z.number() })),
    critical_path: boundedOf(
      z.strictObject({
        service: untrusted,
        name: untrusted,
        where: z.enum(['own', 'network']),
        duration_ms: z.number(),
        share: z.number(),
      }),
    ),
    slowest: boundedOf(
      z.strictObject({
        name: untrusted,
        service: untrusted,
        span_id: id,
        self_ms: z.number(),
        duration_ms: z.number(),
      }),
    ),
    services: boundedOf(
      z.strictObject({ service: untrusted, spans: count, errors: count, self_ms: z.number() }),
    ),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' },
  handle: async (input, call) => ({ structured: await analyse(input, call) }),
})

interface Input {
  readonly trace_id: string
  readonly from?: string | undefined
  readonly limit?: number | undefined
}

async function analyse(
  { trace_id: traceId, from, limit: most = DEFAULT_LIMIT }: Input,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { openTrace } = await import('./open-trace.ts')
  const { analyzeTraces } = await import('../app/analyze.ts')
  const { publishedAnalysis } = await import('../report/analysis.ts')
  const { analysisAnswer } = await import('./analysis-answer.ts')
  const { openFrom, stepsFrom } = await import('./from.ts')
  await using wire = await call.open()
  using source = await openFrom(wire, from, call.signal)
  const { trace } = await openTrace(wire, traceId, { from: source?.reader })
  const options = { traceId: undefined, maxTraces: 1, limit: most }
  const [analysis] = analyzeTraces([trace], options).items
  if (analysis === undefined) throw new RangeError('a trace that was found is analysed')
  return stepsFrom(analysisAnswer(publishedAnalysis(analysis)), from)
}
