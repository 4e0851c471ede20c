import { Fault, type FaultCode } from '../trace/fault.ts'
import type { Losses } from '../trace/losses.ts'
import { spanMatches, type TraceQuery, type TraceSearchAnswer } from '../trace/query.ts'
import type { Span } from '../trace/span.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import { chosen, type Choosing } from './found-traces.ts'
import type { JaegerAnswer, JaegerSearch, JaegerWay } from './jaeger-way.ts'

export interface Asking {
  readonly way: JaegerWay
  readonly now: Nanos
  readonly signal: AbortSignal | undefined
}

/** Asks Jaeger for what it can filter, and for more than the limit where the rest is filtered here. */
export async function searchJaeger(query: TraceQuery, asking: Asking): Promise<TraceSearchAnswer> {
  if (isEmpty(query)) return answerOf(nothing, query, 'all')
  const { recent, all } = windowsOf(query, asking.now)
  const newest = recent === undefined ? nothing : await foundIn(recent, query, asking)
  if (!newest.isAll) return answerOf(newest, query, 'part')
  const answer = answerOf(newest, query, 'rest')
  // older ones cannot come before these
  if (answer.cursor !== undefined) return answer
  try {
    const found = await foundIn(all, query, asking)
    return answerOf(found, query, found.isAll ? 'all' : 'part')
  } catch (error) {
    if (recent === undefined || !(error instanceof Fault) || !mayBeTooFar.has(error.code))
      throw error
    return answerOf(newest, query, 'part')
  }
}

/** How storages fail that keep each day by itself and are asked for all of them. */
const mayBeTooFar: ReadonlySet<FaultCode> = new Set(['SOURCE_UNAVAILABLE', 'SOURCE_INVALID'])

interface Found {
  readonly spans: readonly Span[]
  readonly losses: Losses | undefined
  /** Jaeger gave fewer traces than it was asked for. */
  readonly isAll: boolean
}

const nothing: Found = { spans: [], losses: undefined, isAll: true }

function answerOf(
  { spans, losses }: Found,
  query: TraceQuery,
  given: Choosing['given'],
): TraceSearchAnswer {
  const traces = [...Map.groupBy(spans, (span) => span.traceId)]
  const candidates = traces.map(([traceId, members]) => ({ traceId, spans: members }))
  const asked = coarse(query, BigInt(losses?.grainNanos ?? 1))
  return chosen(candidates, query, { matches: (_, span) => spanMatches(asked, span), given })
}

/** Times that were cut are compared with bounds that are cut too, so that nothing is left out. */
function coarse(query: TraceQuery, grain: bigint): TraceQuery {
  const { from, minDuration } = query
  return {
    ...query,
    ...(from !== undefined && { from: nanosOf(from - (from % grain)) }),
    ...(minDuration !== undefined && { minDuration: nanosOf(minDuration - (minDuration % grain)) }),
  }
}

/** Bounds that nothing meets, which Jaeger refuses. */
function isEmpty({ from, to, minDuration, maxDuration }: TraceQuery): boolean {
  return (
    (from !== undefined && to !== undefined && from > to) ||
    (minDuration !== undefined && maxDuration !== undefined && minDuration > maxDuration)
  )
}

interface Window {
  readonly from: Nanos
  readonly to: Nanos
}

const hour = 3_600_000_000_000n
/** As far as a search of Jaeger reaches back when it is not told. */
const lookback = 48n * hour
/** 2200-01-01. */
const farFuture = nanosOf(7_258_118_400_000_000_000n)

/** Jaeger wants both bounds. Without them the newest are asked for first, for a storage may keep each day by itself. */
function windowsOf(
  { from, to }: TraceQuery,
  now: Nanos,
): { readonly recent: Window | undefined; readonly all: Window } {
  const all = { from: from ?? nanosOf(0n), to: to ?? farFuture }
  if (from !== undefined && to !== undefined) return { recent: undefined, all }
  const end = to ?? nanosOf(now + hour)
  const recent = { from: from ?? nanosOf(end > lookback ? end - lookback : 0n), to: end }
  return { recent: recent.from > recent.to ? undefined : recent, all }
}

async function foundIn(window: Window, query: TraceQuery, asking: Asking): Promise<Found> {
  const asked = { ...askedOf(query), from: window.from, to: window.to }
  if (asked.service !== undefined) return atDepth(asked, asking)
  if (!asking.way.needsService) {
    try {
      return await atDepth(asked, asking)
    } catch (error) {
      if (!wantsService(error)) throw error
    }
  }
  return ofAllServices(asked, asking)
}

/** "service name is required", "parameter 'service' is required", "service name must be set". */
function wantsService(error: unknown): boolean {
  return (
    error instanceof Fault && /service\W*(?:name)?\W*(?:is required|must be)/i.test(error.message)
  )
}

const maxServices = 50

async function ofAllServices(asked: JaegerSearch, asking: Asking): Promise<Found> {
  const services = (await asking.way.services(asking.signal)).toSorted()
  let found = nothing
  for (const service of services.slice(0, maxServices)) {
    found = merged(found, await atDepth({ ...asked, service }, asking))
  }
  return { ...found, isAll: found.isAll && services.length <= maxServices }
}

/** A trace comes with each of its services. */
function merged(a: Found, b: Found): Found {
  const known = new Set(a.spans.map(({ traceId }) => traceId))
  return {
    spans: [...a.spans, ...b.spans.filter(({ traceId }) => !known.has(traceId))],
    losses: coarser(a.losses, b.losses),
    isAll: a.isAll && b.isAll,
  }
}

function coarser(a: Losses | undefined, b: Losses | undefined): Losses | undefined {
  return (a?.grainNanos ?? 0) > (b?.grainNanos ?? 0) ? a : b
}

/** As many traces as one answer can hold; fewer where the storage has room for fewer. */
async function atDepth(asked: JaegerSearch, asking: Asking): Promise<Found> {
  for (let { depth } = asked; ; depth = Math.floor(depth / 4)) {
    try {
      const answer = await asking.way.find({ ...asked, depth }, asking.signal)
      const { spans, losses } = answer
      return { spans, losses, isAll: tracesIn(answer) < depth }
    } catch (error) {
      if (depth < 4 || !isTooDeep(error)) throw error
    }
  }
}

function isTooDeep(error: unknown): boolean {
  if (!(error instanceof Fault)) return false
  return error.code === 'TOO_LARGE' || /search depth must be/.test(error.message)
}

function tracesIn({ spans }: JaegerAnswer): number {
  return new Set(spans.map(({ traceId }) => traceId)).size
}

/** As many traces as Jaeger gives when it is not told. */
const leastDepth = 100
/** Whole traces come as answers. */
const mostDepth = 2000

function askedOf(query: TraceQuery): Omit<JaegerSearch, 'from' | 'to'> {
  const { service, operation, minDuration, maxDuration, limit } = query
  const attributes = attributesOf(query)
  const isPushed =
    query.cursor === undefined &&
    query.status === undefined &&
    query.runId === undefined &&
    (query.attributes ?? []).length === 0
  return {
    service: pushable(service),
    operation: pushable(operation),
    minDuration,
    maxDuration,
    attributes,
    depth: Math.max(leastDepth, limit + 1, isPushed ? 0 : Math.min(10 * limit, mostDepth)),
  }
}

/**
 * Equal texts only. `error` has a meaning of its own, and 2.13 finds nothing by it:
 * https://github.com/jaegertracing/jaeger/blob/v1.76.0/internal/storage/v2/memory/tenant.go#L240
 * The name of a service is no tag in storages of Jaeger's own model.
 */
function attributesOf({ attributes = [] }: TraceQuery): ReadonlyMap<string, string> {
  return new Map(
    attributes.flatMap(({ name, compare, value }) =>
      compare === 'eq' && !noTags.has(name) && pushable(value) !== undefined ? [[name, value]] : [],
    ),
  )
}

const noTags: ReadonlySet<string> = new Set(['error', 'service.name'])

/** Storages have no index of longer texts, and Cassandra none of JSON. */
function pushable(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text.length > 256 || /^[{[]/.test(text)
    ? undefined
    : text
}
