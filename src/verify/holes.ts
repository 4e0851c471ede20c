import type { RunEvidence } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import type { Span } from '../trace/span.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import { lookUpTag } from './lookup.ts'
import { failed, hasKind, isCallee, isCaller } from './shown-facts.ts'
import { shownValue } from './shown.ts'
import { spanAt } from './span-at.ts'
import { isUntimed, slackOf } from './times.ts'

/**
 * The CLIENT and PRODUCER spans below which spans were lost: without an answer and without an error, and either others to
 * their address have one while nothing later came from the process there, or another process was lost as they ended.
 * One set of positions per trace.
 */
export function holesOf(
  traces: readonly Trace[],
  run: RunEvidence | undefined,
  losses: Losses,
): readonly ReadonlySet<SpanIndex>[] {
  if (run === undefined) return traces.map(() => new Set())
  const callees = calleesOf(traces)
  return traces.map((trace) => {
    const holes = trace.spans.flatMap((span, index) => {
      if (!mayCall(span, losses) || failed(span, losses) === 'yes') return []
      if (surelyAnswered(trace, index, losses)) return []
      const lost = calleeFellSilent(span, callees, losses) || endedWithAnother(span, run, losses)
      return lost ? [index] : []
    })
    return new Set(holes)
  })
}

/** The process that a span says it comes from. */
export function processOf(span: Span): number | undefined {
  const pid = span.resource.attributes.get('process.pid')
  return typeof pid === 'bigint' || typeof pid === 'number' ? Number(pid) : undefined
}

function mayCall(span: Span, losses: Losses): boolean {
  return hasKind(span, losses, isCaller) !== 'no'
}

/** Where processes are known by their attributes alone, and those are lost, only its kind says that a child is an answer. */
function surelyAnswered(trace: Trace, index: SpanIndex, losses: Losses): boolean {
  const answers = answersTo(trace, index)
  if (losses.attributes !== true && losses.kinds === undefined) return answers.length > 0
  return answers.some((answer) => hasKind(answer, losses, isCallee) === 'yes')
}

/** The children of a call on its other side; a child of the caller's own process, as a name lookup, is none. */
function answersTo(trace: Trace, index: SpanIndex): readonly Span[] {
  const own = resourceKey(spanAt(trace, index))
  return (trace.children[index] ?? [])
    .map((child) => spanAt(trace, child))
    .filter((child) => isCallee(child.kind) || resourceKey(child) !== own)
}

interface Callees {
  /** The resources that answered at an address. */
  readonly answering: ReadonlyMap<string, ReadonlySet<string>>
  /** When the latest span of a resource ended. */
  readonly lastEnd: ReadonlyMap<string, bigint>
}

function calleesOf(traces: readonly Trace[]): Callees {
  const answering = new Map<string, Set<string>>()
  const lastEnd = new Map<string, bigint>()
  for (const trace of traces) {
    for (const [index, span] of trace.spans.entries()) {
      const own = resourceKey(span)
      const last = lastEnd.get(own)
      if (last === undefined || last < span.end) lastEnd.set(own, span.end)
      const address = isCaller(span.kind) ? addressOf(span) : undefined
      if (address === undefined) continue
      for (const answer of answersTo(trace, index)) {
        const known = answering.get(address) ?? new Set()
        answering.set(address, known.add(resourceKey(answer)))
      }
    }
  }
  return { answering, lastEnd }
}

/** Where processes cannot be told apart by their resources, the one that fell silent may be any. */
function calleeFellSilent(span: Span, callees: Callees, losses: Losses): boolean {
  if (losses.attributes === true || losses.kinds !== undefined) return true
  const address = addressOf(span)
  const resources = address === undefined ? undefined : callees.answering.get(address)
  if (resources === undefined) return false
  if (losses.resourceLevel || losses.unknownDurations === true) return true
  const latest = span.end + 4n * slackOf(losses)
  return [...resources].every((resource) => (callees.lastEnd.get(resource) ?? 0n) <= latest)
}

/** The ends after which the spans of a request that had just been answered are gone. */
const UNANNOUNCED: ReadonlySet<string> = new Set(['ended_by_signal', 'crashed', 'end_unseen'])

function endedWithAnother(span: Span, run: RunEvidence, losses: Losses): boolean {
  const own = processOf(span)
  const slack = 2n * slackOf(losses)
  return run.lossyEnds.some(
    (end) =>
      UNANNOUNCED.has(end.reason.code) &&
      end.pid !== own &&
      (isUntimed(span, losses) || (end.from <= span.end + slack && span.end - slack <= end.to)),
  )
}

/** Where a call went, by the attributes that say it; undefined when none does. */
function addressOf(span: Span): string | undefined {
  const destination = text(span, 'messaging.destination.name')
  if (destination !== undefined) return `destination ${destination}`
  const host = text(span, 'server.address')
  if (host !== undefined) return `server ${host}:${text(span, 'server.port') ?? ''}`
  const url = text(span, 'url.full')
  if (url !== undefined) return `server ${/^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? url}`
  return text(span, 'peer.service')
}

function text(span: Span, name: string): string | undefined {
  const { value, level } = lookUpTag(span, name)
  return level === 'span' ? String(shownValue(value)) : undefined
}

/** A process as its telemetry tells it: by pid or instance where they are given, else by all that its resource says. */
function resourceKey(span: Span): string {
  const known = resourceKeys.get(span.resource)
  if (known !== undefined) return known
  const parts = [...span.resource.attributes].map(
    ([name, value]) => `${name}=${String(shownValue(value))}`,
  )
  const key = parts.toSorted().join('\n')
  resourceKeys.set(span.resource, key)
  return key
}

const resourceKeys = new WeakMap<Span['resource'], string>()
