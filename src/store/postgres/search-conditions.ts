import type { TraceQuery } from '../../trace/query.ts'
import { within64Bits } from '../found.ts'

/** Takes a value into a statement and answers its name there. */
export type Use = (value: Value) => string

type Value = string | number | bigint | boolean | Uint8Array

/** The values of one statement, in the order of their names. */
export function collector(): { readonly values: readonly Value[]; readonly use: Use } {
  const values: Value[] = []
  return { values, use: (value) => `$${values.push(value)}` }
}

/** What is asked of the row of a trace `t`. */
export function ofTrace({ runId, to }: TraceQuery, project: string, use: Use): string {
  return [
    `t.project = ${use(project)}`,
    ...(runId === undefined ? [] : [`t.run = ${use(runId)}`]),
    // its first span starts no later than the one that is asked for
    ...(to === undefined ? [] : [`t.start <= ${use(within64Bits(to))}::bigint`]),
  ].join(' AND ')
}

/** The spans `s` of a trace `t`, each with its scope `c` and resource `r`. */
export const spansOfTrace = `
  FROM tracespec.spans s JOIN tracespec.scopes c ON c.id = s.scope
  JOIN tracespec.resources r ON r.id = c.resource WHERE s.trace = t.number`

/** That one span of a trace `t` meets all conditions on columns. */
export function hasSpan(query: TraceQuery, use: Use): string {
  const asked = spansWhere(query, use)
  return asked === anySpan ? anySpan : `EXISTS (SELECT 1 ${spansOfTrace} AND ${asked})`
}

const anySpan = 'true'

/** What the columns of a span, its scope and its resource tell of a query; an attribute must at least be named in them. */
export function spansWhere(query: TraceQuery, use: Use): string {
  const { service, operation, from, to, minDuration, maxDuration, status, attributes } = query
  const bound = (condition: string, value: bigint | undefined): readonly string[] =>
    value === undefined ? [] : [`${condition} ${use(within64Bits(value))}::bigint`]
  const conditions = [
    ...(service === undefined ? [] : [`r.service = ${use(Buffer.from(service))}`]),
    ...(operation === undefined ? [] : [`s.name = ${use(Buffer.from(operation))}`]),
    ...bound('s.start >=', from),
    ...bound('s.start <=', to),
    ...bound('s.duration >=', minDuration),
    ...bound('s.duration <=', maxDuration),
    ...(status === undefined ? [] : [`s.is_error = ${use(status === 'error')}`]),
    ...(attributes ?? []).map(({ name }) => {
      const bytes = `${use(Buffer.from(name))}::bytea`
      const owners = ['s', 'c', 'r'].map((owner) => `position(${bytes} IN ${owner}.bytes) > 0`)
      return `(${owners.join(' OR ')})`
    }),
  ]
  return conditions.length === 0 ? anySpan : conditions.join(' AND ')
}
