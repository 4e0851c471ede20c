import { z } from 'zod'
import type { TraceFilter } from '../app/trace-filter.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { Call } from './call.ts'
import { foundShape } from './found-shape.ts'
import { from } from './from-shape.ts'
import { cursor, filterText, limit, shortText } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

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
  readonly query?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
  readonly from?: string | undefined
}

/** What was captured, newest first. */
export const getTraces: Tool = defineTool({
  name: 'get_traces',
  title: 'List captured traces',
  description:
    'Use to find captured traces by service, operation, time, errors or run; newest first.',
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
    query: filterText
      .optional()
      .describe('As status=error duration>100ms http.route="/x" since=10m.'),
    cursor: cursor.optional(),
    from,
  }),
  output: z.strictObject(foundShape),
  effect: 'reads',
  example: { service_name: 'shop', limit: 5 },
  handle: async (input, call) => ({ structured: await search(input, call) }),
})

async function search(input: Input, call: Call): Promise<Readonly<Record<string, unknown>>> {
  const { joinedFilters, parseTraceFilter } = await import('../app/trace-filter.ts')
  const { foundTraces } = await import('./found-traces.ts')
  await using wire = await call.open()
  const filter = joinedFilters([filterOf(input), parseTraceFilter(input.query ?? '', wire.now())])
  const { limit: most, cursor: after, from: named } = input
  return await foundTraces(wire, {
    filter,
    limit: most,
    cursor: after,
    matches: false,
    from: named,
    signal: call.signal,
  })
}

function filterOf(input: Input): TraceFilter {
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
  }
}

function nanosAt(text: string): Nanos {
  return nanosOf(BigInt(Date.parse(text)) * 1_000_000n)
}
