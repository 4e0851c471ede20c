import { z } from 'zod'
import { boundedOf, count, sentence, shown, untrusted } from '../report/schema-parts.ts'
import { Fault } from '../trace/fault.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { from } from './from-shape.ts'
import { limit, nextSteps } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const id = z.string().describe('Hex.')

const row = {
  depth: count.describe('Below the root.'),
  span_id: id,
  name: untrusted,
  service: untrusted,
  kind: z.string(),
  status: z.string(),
  start_ms: z.number().describe('Since the start of the trace.'),
  duration_ms: z.number(),
}

const attributes = z.strictObject({
  items: z.array(z.strictObject({ name: untrusted, value: shown })),
  shown: count,
  omitted: count,
  total: count,
  how: z.string().nullable(),
})

/** One trace, in as much detail as is asked for. */
export const getTraceById: Tool = defineTool({
  name: 'get_trace_by_id',
  title: 'Look into a trace',
  description:
    'Use to see where a finding stands: summary, tree (around span_id when given), spans with their attributes, or raw as a link to OTLP JSON. Small by default.',
  input: z.strictObject({
    trace_id: z.string().min(1).max(200).describe('32 hex digits.'),
    from,
    detail: z.enum(['summary', 'tree', 'spans', 'raw']).optional().describe('Default tree.'),
    span_id: z.string().min(1).max(32).optional().describe('16 hex digits.'),
    limit: limit(500).optional(),
    cursor: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional()
      .describe('From next_cursor.'),
  }),
  output: z.strictObject({
    summary: sentence,
    trace_id: id,
    run: z.string().nullable(),
    duration_ms: z.number(),
    services: boundedOf(z.strictObject({ name: untrusted, spans: count })),
    defects: z.array(z.string()),
    errors: boundedOf(z.strictObject({ span_id: id, name: untrusted, status_message: untrusted })),
    spans: boundedOf(
      z.strictObject({
        ...row,
        attributes: attributes.optional(),
        resource: attributes.optional(),
        events: boundedOf(z.strictObject({ name: untrusted, attributes })).optional(),
        status_message: untrusted.optional(),
        parent_id: id.nullable().optional(),
      }),
    ).nullable(),
    next_cursor: z.string().nullable(),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', detail: 'tree' },
  handle: (input, call) => look(input, call),
})

interface Input {
  readonly trace_id: string
  readonly from?: string | undefined
  readonly detail?: 'summary' | 'tree' | 'spans' | 'raw' | undefined
  readonly span_id?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

async function look(input: Input, call: Call): Promise<Answer> {
  const { openTrace } = await import('./open-trace.ts')
  const { traceAnswer } = await import('./trace-answer.ts')
  const { openFrom, stepsFrom } = await import('./from.ts')
  await using wire = await call.open()
  if (input.from !== undefined && input.detail === 'raw') throw noRaw()
  using source = await openFrom(wire, input.from, call.signal)
  const opened = await openTrace(wire, input.trace_id, { from: source?.reader })
  const answer = traceAnswer(opened, {
    detail: input.detail ?? 'tree',
    spanId: input.span_id,
    limit: input.limit,
    from: Number(input.cursor ?? 0),
  })
  return { ...answer, structured: stepsFrom(answer.structured, input.from) }
}

function noRaw(): Fault {
  return new Fault('USAGE', 'raw is a link to what is kept here, and this trace is not', {
    hint: 'use detail: spans; a person can keep it with: tracespec import',
  })
}
