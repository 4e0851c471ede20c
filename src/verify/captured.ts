import { serviceName } from '../trace/span.ts'
import type { Trace } from '../trace/trace.ts'
import type { Bounded } from './result.ts'

/** What arrived, whatever a spec makes of it. */
export interface Captured {
  readonly spans: number
  readonly traces: number
  /** Most spans first. */
  readonly services: Bounded<{ readonly name: string; readonly spans: number }>
  /** Root operations folded by service and name, most frequent first. */
  readonly roots: Bounded<{
    readonly service: string
    readonly name: string
    readonly count: number
  }>
}

const LIMIT = 20

/** Counts what the traces hold; at most 20 services and 20 root operations are listed. */
export function capturedOf(traces: readonly Trace[]): Captured {
  const services = new Map<string, number>()
  const roots = new Map<string, { service: string; name: string; count: number }>()
  let spans = 0
  for (const trace of traces) {
    spans += trace.spans.length
    for (const span of trace.spans) {
      const service = serviceName(span)
      services.set(service, (services.get(service) ?? 0) + 1)
    }
    for (const index of trace.roots) {
      const span = trace.spans[index]
      if (span === undefined) continue
      const service = serviceName(span)
      const key = JSON.stringify([service, span.name])
      const root = roots.get(key) ?? { service, name: span.name, count: 0 }
      roots.set(key, { ...root, count: root.count + 1 })
    }
  }
  return {
    spans,
    traces: traces.length,
    services: bounded(
      [...services]
        .map(([name, count]) => ({ name, spans: count }))
        .toSorted((a, b) => compareText(a.name, b.name))
        .toSorted((a, b) => b.spans - a.spans),
    ),
    roots: bounded(
      [...roots.values()]
        .toSorted((a, b) => compareText(a.name, b.name))
        .toSorted((a, b) => compareText(a.service, b.service))
        .toSorted((a, b) => b.count - a.count),
    ),
  }
}

function bounded<T>(items: readonly T[]): Bounded<T> {
  const shown = Math.min(items.length, LIMIT)
  const omitted = items.length - shown
  return {
    items: items.slice(0, shown),
    shown,
    omitted,
    total: items.length,
    how: omitted === 0 ? null : 'tracespec traces lists every trace',
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
