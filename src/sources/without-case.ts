import { spanMatches, type TraceQuery } from '../trace/query.ts'
import type { Span } from '../trace/span.ts'

/**
 * Whether a span meets a query where names have lost their case, as in Zipkin; one of unknown duration is not known to be short.
 */
export function matchesWithoutCase(query: TraceQuery, span: Span): boolean {
  const { service, operation, maxDuration } = query
  if (maxDuration !== undefined && span.start === span.end) return false
  return spanMatches(
    {
      ...query,
      ...(service !== undefined && { service: service.toLowerCase() }),
      ...(operation !== undefined && { operation: operation.toLowerCase() }),
    },
    withLowerNames(span),
  )
}

function withLowerNames(span: Span): Span {
  const { attributes } = span.resource
  const service = attributes.get('service.name')
  if (typeof service !== 'string') return { ...span, name: span.name.toLowerCase() }
  const lowered = new Map([...attributes, ['service.name', service.toLowerCase()]])
  return {
    ...span,
    name: span.name.toLowerCase(),
    resource: { ...span.resource, attributes: lowered },
  }
}
