import type { Span } from './span.ts'

/** The attribute of resources by which `tracespec run` marks all that its command sends. */
export const runAttribute = 'tracespec.run.id'

/** The run that a span names; some forms put what a resource says among the attributes of spans. */
export function namedRunOf({ resource, attributes }: Span): string | undefined {
  const run = resource.attributes.get(runAttribute) ?? attributes.get(runAttribute)
  return typeof run === 'string' ? run : undefined
}
