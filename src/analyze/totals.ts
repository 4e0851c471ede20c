import { serviceName } from '../trace/span.ts'
import { millisOf } from '../trace/time.ts'
import type { SpanIndex } from '../trace/trace.ts'
import type { Bounded } from '../verify/result.ts'
import { spanAt } from '../verify/span-at.ts'
import { answerOf } from './callee.ts'
import { clipped } from './extent.ts'
import { descending } from './order.ts'
import { pageOf } from './page-of.ts'
import { lengthAt, type Timing } from './timing.ts'
import type { CallTotal, Place, ServiceTotal } from './trace-analysis.ts'

/** Where a span's own time is spent: on the way to the server that answered it, else in the span's own process. */
export function placeOf({ trace, times }: Timing, index: SpanIndex): Place {
  const answer = answerOf(trace, index)
  const own = times[index]
  const time = answer === undefined ? undefined : times[answer]
  if (answer === undefined || own === undefined || time === undefined) return OWN
  // A server outside the client's time, by a clock that differs, says nothing of what the client waited for.
  if (clipped(time, own) === undefined) return OWN
  return { where: 'network', callee: serviceName(spanAt(trace, answer)) }
}

const OWN: Place = { where: 'own', callee: null }

interface ServiceSums {
  readonly service: string
  spans: number
  errors: number
  self: bigint
  critical: bigint
}

/** Every service with its own time, most self time first. */
export function serviceTotalsOf(timing: Timing, limit: number): Bounded<ServiceTotal> {
  const totals = new Map<string, ServiceSums>()
  for (const [index, span] of timing.trace.spans.entries()) {
    const service = serviceName(span)
    const sums = totals.get(service) ?? { service, spans: 0, errors: 0, self: 0n, critical: 0n }
    totals.set(service, sums)
    sums.spans += 1
    sums.errors += timing.failed[index] === true ? 1 : 0
    if (placeOf(timing, index).where === 'network') continue
    sums.self += timing.self[index]?.total ?? 0n
    sums.critical += timing.critical[index] ?? 0n
  }
  const ordered = [...totals.values()].toSorted((a, b) => descending(a.self, b.self))
  return pageOf(ordered, limit, ({ self, critical, ...counts }) => ({
    ...counts,
    self_ms: millisOf(self),
    critical_ms: millisOf(critical),
  }))
}

interface CallSums {
  readonly caller: string
  readonly callee: string
  calls: number
  errors: number
  duration: bigint
  network: bigint
  critical: bigint
}

/** Every way from service to service that a CLIENT and its SERVER show, most network time first. */
export function callTotalsOf(timing: Timing, limit: number): Bounded<CallTotal> {
  const { trace, times } = timing
  const totals = new Map<string, CallSums>()
  for (const [index, span] of trace.spans.entries()) {
    const answer = answerOf(trace, index)
    if (answer === undefined) continue
    const sums = sumsOf(totals, serviceName(span), serviceName(spanAt(trace, answer)))
    sums.calls += 1
    sums.errors += timing.failed[index] === true ? 1 : 0
    sums.duration += lengthAt(times, index)
    if (placeOf(timing, index).where === 'own') continue
    sums.network += timing.self[index]?.total ?? 0n
    sums.critical += timing.critical[index] ?? 0n
  }
  const ordered = [...totals.values()].toSorted((a, b) => descending(a.network, b.network))
  return pageOf(ordered, limit, ({ duration, network, critical, ...counts }) => ({
    ...counts,
    duration_ms: millisOf(duration),
    network_ms: millisOf(network),
    critical_network_ms: millisOf(critical),
  }))
}

function sumsOf(totals: Map<string, CallSums>, caller: string, callee: string): CallSums {
  const key = JSON.stringify([caller, callee])
  const nothing = { calls: 0, errors: 0, duration: 0n, network: 0n, critical: 0n }
  const sums = totals.get(key) ?? { caller, callee, ...nothing }
  totals.set(key, sums)
  return sums
}
