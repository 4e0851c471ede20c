import type { EvidenceReason } from '../trace/evidence.ts'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { Losses } from '../trace/losses.ts'
import { namedRunOf } from '../trace/run-attribute.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import type { Nanos } from '../trace/time.ts'
import { buildTraces } from '../trace/tree.ts'
import { evidenceOf } from './evidence.ts'
import { withoutOwnRoot, type OwnRoot } from './own-root.ts'

/** A source, how it is called, and how long it is asked. */
export interface ReadPorts {
  readonly source: TraceSource
  /** As `jaeger` or its URL. */
  readonly name: string
  /** The most time for a trace to become whole; 0 asks once. */
  readonly waitMs: number
  readonly now: () => Nanos
  readonly pause: (ms: number) => Promise<void>
  readonly ownRootOf: (runId: string) => OwnRoot
  /** Called once, before a trace that is not there or may still grow is waited for. */
  readonly onWaiting?: (() => void) | undefined
}

/** A trace as a source gave it at last. */
export interface ReadTrace {
  readonly spans: readonly Span[]
  readonly losses: Losses
  /** Whether it came to rest, and the source left nothing out. */
  readonly isWhole: boolean
  /** Why it is believed to be whole or not. */
  readonly reasons: readonly EvidenceReason[]
}

/**
 * Asks a source for a trace until two answers in a row are the same, no parent is missing in them and what its programs may still
 * hold back would have come, or the time is up: right after a run a backend may not have everything. Throws a Fault TRACE_NOT_FOUND when it does not have the trace, and those of the source.
 */
export async function readTrace(id: TraceId, ports: ReadPorts): Promise<ReadTrace> {
  const start = ports.now()
  const waitedMs = (): number => Number(ports.now() - start) / 1e6
  let reading = await ask(id, ports)
  for (let isFirst = true; !isSettled(reading); isFirst = false) {
    if (reading === undefined && isFile(ports)) break
    const pauseMs = isOld(reading, ports.now()) ? quickPauseMs : pauseAfter(reading)
    if (waitedMs() + pauseMs > ports.waitMs) break
    if (isFirst && pauseMs !== quickPauseMs) ports.onWaiting?.()
    await ports.pause(pauseMs)
    reading = following(reading, await ask(id, ports))
    if (reading !== undefined && reading.equal > 1 && isOld(reading, ports.now())) break
  }
  if (reading === undefined) throw notThere(id, waitedMs(), ports)
  return judged(id, reading, waitedMs())
}

/** Between readings of a trace that may still grow: more than the export delay in a run and a batch on the way. */
const restPauseMs = 1000
/** The export delay of an SDK that nobody has set up, and a batch on the way. */
const restNanos = 6_000_000_000n
/** Between those of a trace that ended long ago. */
const quickPauseMs = 100
/** What ended before is all there by now, or lost. */
const oldNanos = 60_000_000_000n

interface Reading {
  readonly spans: readonly Span[]
  readonly losses: Losses
  readonly cut: string | undefined
  /** Equal for equal spans in any order. */
  readonly key: string
  readonly hasAllParents: boolean
  /** When it was asked for, and the first one in a row with these spans. */
  readonly at: Nanos
  readonly since: Nanos
  /** How many readings there were in all, and in a row with these spans. */
  readonly asked: number
  readonly equal: number
}

async function ask(
  id: TraceId,
  { source, name, now, ownRootOf }: ReadPorts,
): Promise<Reading | undefined> {
  const at = now()
  const answer = await source.trace(id)
  if (answer === undefined || answer.spans.length === 0) return undefined
  const spans = ofProgram(ofTrace(id, answer, name), ownRootOf)
  return {
    spans,
    losses: answer.losses,
    cut: answer.cut,
    key: keyOf(spans),
    hasAllParents: evidenceOf(buildTraces(spans), undefined).complete,
    at,
    since: at,
    asked: 1,
    equal: 1,
  }
}

function ofTrace(id: TraceId, { spans }: SourceTrace, name: string): readonly Span[] {
  const other = spans.find((span) => span.traceId !== id)
  if (other === undefined) return spans
  throw new Fault('SOURCE_INVALID', `${name} answered with spans of trace ${other.traceId}`, {
    hint: `asked for was ${id}; what stands between here and the backend?`,
  })
}

/** A run's program hangs its spans below a span of tracespec, which no backend has. */
function ofProgram(spans: readonly Span[], ownRootOf: ReadPorts['ownRootOf']): readonly Span[] {
  const runs = new Set(spans.flatMap((span) => namedRunOf(span) ?? []))
  return [...runs].reduce<readonly Span[]>(
    (left, run) => withoutOwnRoot(left, { spanId: ownRootOf(run).spanId }),
    spans,
  )
}

function keyOf(spans: readonly Span[]): string {
  return spans
    .map(({ spanId, parentSpanId, start, end, name, status, attributes, events, links }) =>
      [
        spanId,
        parentSpanId,
        start,
        end,
        name,
        status.code,
        attributes.size,
        events.length,
        links.length,
      ].join(' '),
    )
    .toSorted()
    .join('\n')
}

function following(before: Reading | undefined, next: Reading | undefined): Reading | undefined {
  if (next === undefined || before === undefined) return next
  const asked = before.asked + 1
  if (next.key !== before.key) return { ...next, asked }
  return { ...next, asked, since: before.since, equal: before.equal + 1 }
}

function isSettled(reading: Reading | undefined): boolean {
  if (reading === undefined || reading.equal === 1) return false
  return reading.cut !== undefined || (reading.hasAllParents && missingRest(reading) <= 0n)
}

/** How much later it would have to be read for nothing of it to be on its way; by its own times, or where clocks differ by ours. */
function missingRest({ spans, at, since }: Pick<Reading, 'spans' | 'at' | 'since'>): bigint {
  const end = lastEnd(spans)
  return (end < since ? end : since) + restNanos - at
}

function lastEnd(spans: readonly Span[]): bigint {
  return spans.reduce((latest, { end }) => (end > latest ? end : latest), 0n)
}

/** What has stayed the same is asked for when it can be whole. */
function pauseAfter(reading: Reading | undefined): number {
  if (reading === undefined || reading.equal === 1 || !reading.hasAllParents) return restPauseMs
  return Math.ceil(Number(missingRest(reading)) / 1e6)
}

/** To a file nobody sends what is still on its way. */
function isFile({ source }: ReadPorts): boolean {
  return source.capabilities.kind === 'file'
}

function isOld(reading: Reading | undefined, now: Nanos): boolean {
  return reading !== undefined && reading.spans.every(({ end }) => end + oldNanos < now)
}

function judged(id: TraceId, reading: Reading, waitedMs: number): ReadTrace {
  const { spans, losses, cut } = reading
  const left: readonly EvidenceReason[] =
    cut === undefined ? [] : [{ code: 'source_cut', trace_id: id, said: cut }]
  const rest = restOf(id, reading, waitedMs)
  const isWhole = cut === undefined && rest.code === 'trace_settled'
  return { spans, losses, isWhole, reasons: [rest, ...left] }
}

function restOf(id: TraceId, reading: Reading, waitedMs: number): EvidenceReason {
  const { spans, at, asked, equal } = reading
  if (equal > 1 && missingRest(reading) <= 0n) {
    return { code: 'trace_settled', trace_id: id, readings: equal }
  }
  if (asked === 1) return { code: 'trace_read_once', trace_id: id }
  if (equal === 1) return { code: 'trace_growing', trace_id: id, waited_ms: Math.round(waitedMs) }
  const agoMs = Math.round(Number(at - lastEnd(spans)) / 1e6)
  return { code: 'trace_recent', trace_id: id, ago_ms: Math.max(0, agoMs) }
}

function notThere(id: TraceId, waitedMs: number, ports: ReadPorts): Fault {
  const seconds = Math.round(waitedMs / 1000)
  const waited = seconds === 0 ? '' : `, and had not after ${seconds} s`
  return new Fault('TRACE_NOT_FOUND', `${ports.name} has no trace ${id}${waited}`, {
    hint: isFile(ports)
      ? 'name a trace that is in the file'
      : 'is it sampled and exported there? --wait 30s gives it longer',
  })
}
