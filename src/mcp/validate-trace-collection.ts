import { z } from 'zod'
import { boundedOf, count, place, sentence } from '../report/schema-parts.ts'
import type { Call } from './call.ts'
import { filterText, limit, nextSteps, shortText, specName } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const share = z.number().nullable()

const input = z.strictObject({
  spec: specName,
  trace_ids: z
    .array(shortText)
    .min(1)
    .max(20_000)
    .optional()
    .describe('Trace ids, or run:ID for a run as a whole.'),
  query: filterText.optional().describe('Instead: a filter, as run=ID, or service=shop since=1h.'),
  k: z.array(z.int().min(1).max(1000)).max(10).optional().describe('For pass^k; default 3, 5, 10.'),
  limit: limit(50).optional().describe('Items of each list; default 5.'),
})

const finding = z.strictObject({ code: z.string(), at: place, message: sentence })

/** Judges many captures by one spec. */
export const validateTraceCollection: Tool = defineTool({
  name: 'validate_trace_collection',
  title: 'Judge many traces by a spec',
  description:
    'Use to see how steadily a spec holds over many traces or runs, 1,000 and more in one call: pass rate with its interval, pass^k, which expectations fail now and then, the most frequent causes, the worst traces.',
  input,
  output: z.strictObject({
    summary: sentence,
    status: z.enum(['pass', 'fail', 'inconclusive', 'not_exercised']),
    spec: z.strictObject({ name: z.string(), path: z.string() }),
    traces: z.strictObject({
      judged: count,
      passed: count,
      failed: count,
      open: count,
      not_exercised: count,
      unknown: boundedOf(z.string()).optional().describe('Named, and not there.'),
      not_judged: count.optional().describe('Found beyond the most that are judged.'),
    }),
    pass_rate: z.strictObject({ rate: share, low: share, high: share }),
    pass_all: z.array(z.strictObject({ k: count, likely: share })).describe('pass^k.'),
    expectations: boundedOf(
      z.strictObject({
        label: z.string(),
        at: place,
        stability: z.enum(['steady', 'flaky', 'failing', 'open']),
        passed: count,
        failed: count,
        open: count,
        durations: z
          .strictObject({
            spans: count,
            median_ms: z.number(),
            p95_ms: z.number().nullable(),
            max_ms: z.number(),
          })
          .nullable(),
      }),
    ),
    percentiles: boundedOf(
      z.strictObject({
        label: z.string(),
        check: z.string(),
        max_ms: z.number(),
        observed_ms: share,
        status: z.enum(['pass', 'fail', 'inconclusive']),
        at: place.optional(),
        message: sentence.optional(),
      }),
    )
      .optional()
      .describe('Over all traces.'),
    causes: boundedOf(finding.extend({ traces: count, example: z.string() })),
    worst: boundedOf(
      z.strictObject({
        trace: z.string(),
        status: z.enum(['fail', 'inconclusive']),
        findings: count,
        finding: finding.nullable(),
      }),
    ),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { spec: 'checkout', query: 'service=shop since=1h' },
  handle: async (asked, call) => ({ structured: await validate(asked, call) }),
})

async function validate(
  asked: z.output<typeof input>,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { judgeCollection } = await import('./judge-collection.ts')
  const { collectionAnswer } = await import('./collection-answer.ts')
  return collectionAnswer(await judgeCollection(asked, call), asked.limit)
}
