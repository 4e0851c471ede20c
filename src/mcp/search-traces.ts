import { z } from 'zod'
import type { Call } from './call.ts'
import { foundShape } from './found-shape.ts'
import { from } from './from-shape.ts'
import { cursor, filterText, limit } from './schema-parts.ts'
import { defineTool, type Tool } from './tool.ts'

const input = z.strictObject({
  query: filterText.describe(
    'Terms NAME=VALUE, all of one span: service, operation, status, duration, run, from, to, since, else an attribute; = != > >= < <=; quotes.',
  ),
  limit: limit(100).optional().describe('Default 10.'),
  cursor: cursor.optional(),
  from,
})

/** The traces that meet a filter, with the spans that do. */
export const searchTraces: Tool = defineTool({
  name: 'search_traces',
  title: 'Search captured traces',
  description:
    'Use to find captured traces by any attribute, status, duration or time, as service=shop status=error duration>100ms http.route="/checkout" since=10m; names the spans that match.',
  input,
  output: z.strictObject(foundShape),
  effect: 'reads',
  example: { query: 'service=shop status=error duration>100ms http.route="/checkout" since=10m' },
  handle: async (asked, call) => ({ structured: await search(asked, call) }),
})

async function search(
  { query, limit: most, cursor: after, from: named }: z.output<typeof input>,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { parseTraceFilter } = await import('../app/trace-filter.ts')
  const { foundTraces } = await import('./found-traces.ts')
  await using wire = await call.open()
  const filter = parseTraceFilter(query, wire.now())
  return await foundTraces(wire, {
    filter,
    limit: most,
    cursor: after,
    matches: true,
    from: named,
    signal: call.signal,
  })
}
