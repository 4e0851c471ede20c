import type { TraceId } from '../../../src/trace/ids.ts'
import type { Span } from '../../../src/trace/span.ts'
import { nanosOf } from '../../../src/trace/time.ts'
import { newTraceId } from '../sources/traces.ts'

const now = BigInt(Date.now()) * 1_000_000n

/** The same spans in traces of other ids, ten minutes ago, moved by whole milliseconds: servers keep what they had before, and forget. */
export function asOfToday(spans: readonly Span[]): readonly Span[] {
  const ids = new Map<TraceId, TraceId>()
  for (const { traceId } of spans) {
    if (!ids.has(traceId)) ids.set(traceId, newTraceId(/^0{16}/.test(traceId) ? 16 : 32))
  }
  const first = spans.reduce((least, { start }) => (start < least ? start : least), now)
  const shift = ((now - first) / 1_000_000n - 600_000n) * 1_000_000n
  return spans.map((span) => ({
    ...span,
    traceId: ids.get(span.traceId) ?? span.traceId,
    start: nanosOf(span.start + shift),
    end: nanosOf(span.end + shift),
    events: span.events.map((event) => ({ ...event, time: nanosOf(event.time + shift) })),
    links: span.links.map((link) => ({ ...link, traceId: ids.get(link.traceId) ?? link.traceId })),
  }))
}
