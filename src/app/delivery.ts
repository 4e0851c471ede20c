import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import { millisOf, type Nanos } from '../trace/time.ts'
import type { Delivery } from '../verify/delivery.ts'
import { bounded, spanRef } from '../verify/shown.ts'
import { deliveredChanges } from './delivered-changes.ts'

/** Where the spans of a run should have come to, and how long that may take. */
export interface DeliveryPorts {
  readonly source: TraceSource
  /** As the user names it. */
  readonly name: string
  readonly waitMs: number
  readonly now: () => Nanos
  readonly pause: (ms: number) => Promise<void>
}

/** Each trace is a request, again and again. */
const MAX_TRACES = 1000
const MAX_SHOWN = 20
const PAUSE_MS = 250
/** Every trace is asked for once, however short the wait, unless even this is over. */
const FIRST_ROUND_MS = 10_000

/** Asks a backend for the traces of a run until it has every span, or the time is up, and says what is lost, changed or late. */
export async function checkDelivery(
  spans: readonly Span[],
  ports: DeliveryPorts,
): Promise<Delivery> {
  const start = ports.now()
  const traces = [...Map.groupBy(spans, (span) => span.traceId)]
  const asked = traces.slice(0, MAX_TRACES).map(([id, sent]) => expectedOf(id, sent))
  const until = start + BigInt(Math.ceil(Math.max(ports.waitMs, FIRST_ROUND_MS))) * 1_000_000n
  let problem = await askAll(asked, until, ports)
  const late = asked.flatMap(missing)
  while (asked.some((one) => missing(one).length > 0)) {
    if (millisOf(ports.now() - start) + PAUSE_MS > ports.waitMs) break
    await ports.pause(PAUSE_MS)
    problem = await askAll(asked, until, ports)
  }
  return deliveryOf(asked, {
    source: ports.name,
    late: late.filter((span) => asked.some((one) => one.there.has(keyOf(span)))),
    waited_ms: Math.round(millisOf(ports.now() - start)),
    traces_left_out: traces.length - asked.length,
    problem,
  })
}

/** What was sent of a trace, and what the backend has of it. */
interface Expected {
  readonly id: TraceId
  readonly sent: readonly Span[]
  readonly there: Map<string, Span>
  losses: SourceTrace['losses'] | undefined
}

function expectedOf(id: TraceId, sent: readonly Span[]): Expected {
  return { id, sent, there: new Map(), losses: undefined }
}

function keyOf({ traceId, spanId }: Span): string {
  return `${traceId} ${spanId}`
}

function missing({ sent, there }: Expected): readonly Span[] {
  return sent.filter((span) => !there.has(keyOf(span)))
}

/** Asks for what is not whole yet; answers why what is missing then may be there all the same. */
async function askAll(
  expected: readonly Expected[],
  until: bigint,
  { source, now }: DeliveryPorts,
): Promise<string | null> {
  let cut: string | null = null
  for (const one of expected) {
    if (missing(one).length === 0) continue
    if (now() > until) return 'the time was up before every trace was asked for'
    try {
      const answer = await source.trace(one.id)
      if (answer === undefined) continue
      one.losses = answer.losses
      for (const span of answer.spans) one.there.set(keyOf(span), span)
      if (answer.cut !== undefined && missing(one).length > 0) {
        cut = `it gave a part of a trace (${answer.cut})`
      }
    } catch (error) {
      // a pipeline that is away now may be back before the time is up
      if (!(error instanceof Fault)) throw error
      return error.message
    }
  }
  return cut
}

function deliveryOf(
  asked: readonly Expected[],
  facts: Pick<Delivery, 'source' | 'waited_ms' | 'traces_left_out' | 'problem'> & {
    readonly late: readonly Span[]
  },
): Delivery {
  const lost = asked.flatMap(missing)
  const changed = asked.flatMap((one) => changesOf(one))
  const sent = asked.reduce((sum, one) => sum + one.sent.length, 0)
  const isWrong = changed.length > 0 || (lost.length > 0 && facts.problem === null)
  const isWhole = facts.problem === null && facts.traces_left_out === 0 && sent > 0
  const decided = isWhole ? 'pass' : 'inconclusive'
  const how = `show --from ${facts.source} trace:ID`
  return {
    source: facts.source,
    status: isWrong ? 'fail' : decided,
    sent,
    arrived: sent - lost.length,
    waited_ms: facts.waited_ms,
    lost: bounded(lost.map(spanRef), MAX_SHOWN, how),
    changed: bounded(changed, MAX_SHOWN, how),
    late: bounded(facts.late.map(spanRef), MAX_SHOWN, how),
    traces_left_out: facts.traces_left_out,
    problem: facts.problem,
  }
}

function changesOf({ sent, there, losses }: Expected): Delivery['changed']['items'] {
  if (losses === undefined) return []
  return sent.flatMap((span) => {
    const delivered = there.get(keyOf(span))
    if (delivered === undefined) return []
    const changes = deliveredChanges(span, delivered, losses)
    return changes.length === 0 ? [] : [{ span: spanRef(span), changes }]
  })
}
