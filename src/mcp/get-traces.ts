import { z } from 'zod'
import { boundedOf, count, sentence, untrusted } from '../report/schema-parts.ts'
import type { TraceQuery } from '../trace/query.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { Call } from './call.ts'
import { limit, nextSteps, shortText } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const DEFAULT_LIMIT = 10

const iso = z.iso.datetime({ offset: true })

// Nanoseconds in 64 bits end in 2262. The pattern of a moment is long, and every conversation would pay for it.
const moment = z
  .string()
  .refine((text) => iso.safeParse(text).success, 'write a moment as 2026-11-20T14:30:00Z')
  .refine((text) => /^(?:19[7-9]|20|21)/.test(text), 'write a year from 1970 to 2199')

interface Input {
  readonly service_name?: string | undefined
  readonly operation_name?: string | undefined
  readonly time_range?:
    | { readonly from?: string | undefined; readonly to?: string | undefined }
    | undefined
  readonly min_duration_ms?: number | undefined
  readonly errors?: boolean | undefined
  readonly run?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** What was captured, newest first. */
export const getTraces: Tool = defineTool({
  name: 'get_traces',
  title: 'List captured traces',
  description:
    'Use to find captured traces by service, operation, time, errors or run; newest first, one line each.',
  input: z.strictObject({
    service_name: shortText.optional(),
    operation_name: shortText.optional(),
    time_range: z
      .strictObject({ from: moment.optional(), to: moment.optional() })
      .optional()
      .describe('ISO 8601.'),
    min_duration_ms: z.number().min(0).max(1e9).optional().describe('Of one span.'),
    errors: z.boolean().optional().describe('Only with an error span.'),
    run: shortText.optional().describe('A run id.'),
    limit: limit(100).optional(),
    cursor: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional()
      .describe('From next_cursor.'),
  }),
  output: z.strictObject({
    summary: sentence,
    traces: boundedOf(
      z.strictObject({
        trace_id: z.string(),
        root: untrusted,
        service: untrusted,
        started_at: z.string(),
        duration_ms: z.number(),
        spans: count,
        errors: count,
        services: boundedOf(untrusted),
        run: z.string().nullable(),
      }),
    ),
    next_cursor: z.string().nullable(),
    next_steps: nextSteps,
  }),
  effect: 'reads',
  example: { service_name: 'shop', limit: 5 },
  handle: async (input, call) => ({ structured: await search(input, call) }),
})

async function search(input: Input, call: Call): Promise<Readonly<Record<string, unknown>>> {
  const { traceListOf } = await import('../app/trace-list.ts')
  const { inert } = await import('../report/sanitize.ts')
  const { nextCallWhy } = await import('../report/wording/next-call.ts')
  const { plural } = await import('../report/wording/phrases.ts')
  const { nextCall } = await import('./next-call.ts')
  const { counted, cut } = await import('./verdict.ts')
  await using wire = await call.open()
  const store = await wire.existingStore()
  const from = Number(input.cursor ?? 0)
  const most = input.limit ?? DEFAULT_LIMIT
  const found = (await store?.search(queryOf(input, from + most))) ?? { items: [], total: 0 }
  const items = traceListOf(found).traces.items.slice(from)
  const next = from + items.length
  const [first] = items
  return {
    summary: `${items.length} of ${plural(found.total, 'trace')}, newest first.`,
    traces: counted(
      items.map((trace) => ({
        ...trace,
        root: inert(trace.root, 200),
        service: inert(trace.service, 200),
        duration_ms: Math.round(trace.duration_ms * 1000) / 1000,
        services: cut(
          trace.services.map((service) => inert(service, 200)),
          5,
          'get_trace_by_id names all',
        ),
      })),
      found.total,
      next < found.total ? `cursor: "${next}"` : 'without cursor: the first',
    ),
    next_cursor: next < found.total ? String(next) : null,
    next_steps:
      first === undefined
        ? []
        : [nextCall(nextCallWhy('see_newest'), 'get_trace_by_id', { trace_id: first.trace_id })],
  }
}

function queryOf(input: Input, most: number): TraceQuery {
  const { service_name, operation_name, time_range: range, min_duration_ms, errors, run } = input
  return {
    ...(service_name === undefined ? {} : { service: service_name }),
    ...(operation_name === undefined ? {} : { operation: operation_name }),
    ...(range?.from === undefined ? {} : { from: nanosAt(range.from) }),
    ...(range?.to === undefined ? {} : { to: nanosAt(range.to) }),
    ...(min_duration_ms === undefined
      ? {}
      : { minDuration: nanosOf(BigInt(Math.round(min_duration_ms * 1e6))) }),
    ...(errors === true ? { status: 'error' } : {}),
    ...(run === undefined ? {} : { runId: run.replace(/^run:/, '') }),
    limit: most,
  }
}

function nanosAt(text: string): Nanos {
  return nanosOf(BigInt(Date.parse(text)) * 1_000_000n)
}
