import { contentOf } from './content.ts'
import type { SpanId, TraceId } from './ids.ts'
import { by, inTurn, type Order } from './order.ts'
import { type Span, serviceName } from './span.ts'
import type { Defect, SpanIndex, Trace } from './trace.ts'

/** Spans of any number of traces as one `Trace` per trace id, by their first spans and only then by id. */
export function buildTraces(spans: readonly Span[]): readonly Trace[] {
  const byTrace = Map.groupBy(spans, (span) => span.traceId)
  const inContent = contentOrder(contentsOnce())
  return [...byTrace]
    .map(([traceId, members]) => forest(traceId, inOrder(members, inContent)))
    .toSorted(
      inTurn(
        byFirstSpan(inContent),
        by((trace) => trace.traceId),
      ),
    )
}

function byFirstSpan(order: Order<Span>): Order<Trace> {
  return (a, b) => {
    const [one, other] = [a.spans[0], b.spans[0]]
    return one === undefined || other === undefined ? 0 : order(one, other)
  }
}

/** The spans of one trace id as a `Trace`; a RangeError when there is no span, or one of another trace. */
export function buildTrace(spans: readonly Span[]): Trace {
  const [trace, other] = buildTraces(spans)
  if (trace === undefined || other !== undefined) throw new RangeError('not spans of one trace id')
  return trace
}

/** Linear and without recursion, so that chains of 100,000 spans work. */
function forest(traceId: TraceId, spans: readonly Span[]): Trace {
  const positions = positionsById(spans)
  const parent = spans.map((span, index) => parentOf(span, index, { spans, positions }))
  const cycles = cutCycles(parent)
  const children = childrenOf(parent)
  const roots = [...parent.keys()].filter((index) => parent[index] === -1)
  const defects = [
    ...orphans(spans, parent, positions),
    ...duplicates(positions),
    ...cycles,
    ...severalRoots(spans, roots),
    ...skews(spans, parent),
  ]
  return { traceId, spans, parent, children, roots, defects }
}

/** By content and the ids last; a span that came twice stands once. */
function inOrder(members: readonly Span[], inContent: Order<Span>): readonly Span[] {
  const order = inTurn(
    inContent,
    by<Span, string>((span) => span.spanId),
    by((span) => span.parentSpanId ?? ''),
  )
  const sorted = members.toSorted(order)
  return sorted.filter((span, index) => {
    const before = sorted[index - 1]
    return before === undefined || order(before, span) !== 0
  })
}

/** By start, end, name, service, kind and all other content but ids. */
function contentOrder(content: (span: Span) => string): Order<Span> {
  return inTurn(
    by<Span, bigint>((span) => span.start),
    by((span) => span.end),
    by((span) => span.name),
    by(serviceName),
    by((span) => span.kind),
    by(content),
  )
}

/** Content is made only for spans that all else ties, and once. */
function contentsOnce(): (span: Span) => string {
  const contents = new Map<Span, string>()
  return (span) => {
    const known = contents.get(span) ?? contentOf(span)
    contents.set(span, known)
    return known
  }
}

type Positions = ReadonlyMap<SpanId, readonly SpanIndex[]>

function positionsById(spans: readonly Span[]): Positions {
  const positions = new Map<SpanId, SpanIndex[]>()
  for (const [index, span] of spans.entries()) {
    const sharing = positions.get(span.spanId)
    if (sharing === undefined) positions.set(span.spanId, [index])
    else sharing.push(index)
  }
  return positions
}

interface Indexed {
  readonly spans: readonly Span[]
  readonly positions: Positions
}

/** Where a CLIENT and a SERVER share one id (Zipkin), the SERVER is below the CLIENT and has the children. */
function parentOf(span: Span, index: SpanIndex, { spans, positions }: Indexed): SpanIndex {
  const shared = pairOf(positions.get(span.spanId) ?? [], spans)
  if (shared?.server === index) return shared.client
  if (span.parentSpanId === undefined) return -1
  const candidates = positions.get(span.parentSpanId) ?? []
  return pairOf(candidates, spans)?.server ?? candidates[0] ?? -1
}

function pairOf(
  sharing: readonly SpanIndex[],
  spans: readonly Span[],
): { readonly client: SpanIndex; readonly server: SpanIndex } | undefined {
  if (sharing.length < 2) return undefined
  const client = sharing.find((index) => spans[index]?.kind === 'client')
  const server = sharing.find((index) => spans[index]?.kind === 'server')
  return client === undefined || server === undefined ? undefined : { client, server }
}

/** Takes the parent from the earliest span of each cycle. */
function cutCycles(parent: SpanIndex[]): readonly Defect[] {
  const walkOf = new Int32Array(parent.length).fill(-1)
  const cycles: Defect[] = []
  for (const start of parent.keys()) {
    let at = start
    while (at !== -1 && walkOf[at] === -1) {
      walkOf[at] = start
      at = parent[at] ?? -1
    }
    if (at === -1 || walkOf[at] !== start) continue
    const cycle = [at]
    for (let next = parent[at] ?? -1; next !== at; next = parent[next] ?? -1) cycle.push(next)
    const spans = cycle.toSorted((a, b) => a - b)
    parent[spans[0] ?? at] = -1
    cycles.push({ code: 'cycle', spans })
  }
  return cycles.toSorted((a, b) => firstOf(a) - firstOf(b))
}

function firstOf(defect: Defect): SpanIndex {
  return defect.code === 'cycle' ? (defect.spans[0] ?? -1) : -1
}

function childrenOf(parent: readonly SpanIndex[]): readonly (readonly SpanIndex[])[] {
  const children: SpanIndex[][] = parent.map(() => [])
  for (const [index, above] of parent.entries()) children[above]?.push(index)
  return children
}

/** A missing parent is lost for all spans that name it as soon as one of them was in its process. */
function orphans(
  spans: readonly Span[],
  parent: readonly SpanIndex[],
  positions: Positions,
): readonly Defect[] {
  const found = [...spans.entries()].flatMap(([index, span]) =>
    parent[index] === -1 && span.parentSpanId !== undefined && !positions.has(span.parentSpanId)
      ? [{ index, span, missingParent: span.parentSpanId }]
      : [],
  )
  const lost = new Set(
    found.filter(({ span }) => hasLocalParent(span)).map((orphan) => orphan.missingParent),
  )
  return found.map(({ index, missingParent }) => ({
    code: 'orphan',
    span: index,
    missingParent,
    parent: lost.has(missingParent) ? 'lost' : 'foreign',
  }))
}

const flagHasIsRemote = 0x100
const flagIsRemote = 0x200

/** Whether the parent was in the same process: by the flags, and without them by the kind. */
function hasLocalParent(span: Span): boolean {
  if ((span.flags & flagHasIsRemote) !== 0) return (span.flags & flagIsRemote) === 0
  return span.kind !== 'server' && span.kind !== 'consumer'
}

function duplicates(positions: Positions): readonly Defect[] {
  return [...positions]
    .filter(([, spans]) => spans.length > 1)
    .map(([spanId, spans]) => ({ code: 'duplicate_id', spanId, spans }))
}

/** Roots that name no parent; what is a root for lack of its parent is an orphan or was a cycle. */
function severalRoots(spans: readonly Span[], roots: readonly SpanIndex[]): readonly Defect[] {
  const own = roots.filter((index) => spans[index]?.parentSpanId === undefined)
  return own.length > 1 ? [{ code: 'several_roots', spans: own }] : []
}

function skews(spans: readonly Span[], parent: readonly SpanIndex[]): readonly Defect[] {
  return [...spans.entries()].flatMap(([index, span]): readonly Defect[] => {
    const aboveIndex = parent[index] ?? -1
    const above = spans[aboveIndex]
    if (above === undefined || isOneClock(span, above) || !isSkewed(span, above)) return []
    return [{ code: 'clock_skew', span: index, parent: aboveIndex }]
  })
}

/** Only an answered call must end within its caller: what was sent off may well outlive it. */
function isSkewed(span: Span, parent: Span): boolean {
  const isCall = parent.kind === 'client' && span.kind === 'server'
  return span.start < parent.start || (isCall && span.end > parent.end)
}

function isOneClock(a: Span, b: Span): boolean {
  const hostA = a.resource.attributes.get('host.name')
  const hostB = b.resource.attributes.get('host.name')
  if (hostA !== undefined && hostB !== undefined) return hostA === hostB
  return serviceName(a) === serviceName(b)
}
