import { summaryOf, type TraceSummary } from '../../../src/trace/query.ts'
import type { TraceSource } from '../../../src/trace/source.ts'
import type { Span } from '../../../src/trace/span.ts'
import { idOf } from './traces.ts'

/** What a search says of a trace, whose times are whole microseconds and whose service has a name in lower case. */
export function expectedSummary(
  spans: readonly Span[],
  { capabilities }: TraceSource,
): TraceSummary {
  const summary = summaryOf(spans, { traceId: idOf(spans), runId: runOf(spans) })
  const { nameCase } = capabilities.losses
  return { ...summary, rootName: nameCase ? summary.rootName.toLowerCase() : summary.rootName }
}

/** What `tracespec run` gives to the resources of a program. */
export function runOf([first]: readonly Span[]): string | undefined {
  const run = first?.resource.attributes.get('tracespec.run.id')
  return typeof run === 'string' ? run : undefined
}
