import { Fault } from '../trace/fault.ts'
import { serviceName, type Span, type SpanKind } from '../trace/span.ts'
import type { Trace } from '../trace/trace.ts'
import { kindOf, treesOf, type Tree } from './trees.ts'

/** One expectation learnt from spans: how often it came below one span of its parent. */
export interface DraftSpan {
  readonly name: string
  /** Empty when the resource names none. */
  readonly service: string
  readonly kind: SpanKind
  /** Asked for where a span is an error, and where a sibling of the same identity is one. */
  readonly status: 'ok' | 'error' | undefined
  /** What tells it from a sibling with the same identity. */
  readonly where: { readonly name: string; readonly value: string } | undefined
  readonly min: number
  readonly max: number
  /** The longest that was seen. */
  readonly durationNs: bigint
  readonly children: readonly DraftSpan[]
}

export interface Draft {
  /** The root that every case has; `expected` begins with it. */
  readonly root: { readonly name: string; readonly service: string; readonly kind: SpanKind }
  /** Cases in the capture, with `spans` spans in all. */
  readonly cases: number
  readonly spans: number
  /** Whether any span of the capture has a kind other than internal, so that kinds tell something. */
  readonly hasKinds: boolean
  readonly expected: readonly DraftSpan[]
  /** Whether all cases have the same tree: then any one missing span is noticed. */
  readonly exact: boolean
  /** The other roots of the capture, which this draft says nothing of. */
  readonly others: readonly string[]
}

// Nested deeper or longer than this nobody reads a spec, and the parser would refuse it.
const maxDepth = 90
const maxExpectations = 1000

/**
 * What the largest tree of the capture shows, over all trees with the same root: names, services, kinds, nesting.
 * Undefined without a span; a Fault `TOO_LARGE` when no readable spec can say it.
 */
export function draftOf(traces: readonly Trace[]): Draft | undefined {
  const shapes = new Map<string, number>()
  const trees = traces.flatMap((trace) => treesOf(trace, shapes))
  const groups = Map.groupBy(trees, (tree) => identityOf(tree.span))
  const [largest, ...rest] = [...groups.values()].toSorted(byWorth)
  const [first] = largest ?? []
  if (largest === undefined || first === undefined) return undefined
  refuseTooDeep(largest)
  const expected = [...listOf(largest.map((tree) => [tree])), ...deeperLikeRoot(largest)]
  refuseTooMany(expected)
  return {
    root: { name: first.span.name, service: serviceName(first.span), kind: kindOf(first.span) },
    cases: largest.length,
    spans: largest.reduce((sum, tree) => sum + tree.size, 0),
    hasKinds: traces.some(({ spans }) => spans.some((span) => kindOf(span) !== 'internal')),
    expected,
    exact: largest.every((tree) => tree.shape === first.shape),
    others: rest.flatMap(([tree]) => (tree === undefined ? [] : [tree.span.name])),
  }
}

/** The group with the largest tree first; the order of the capture breaks ties. */
function byWorth(a: readonly Tree[], b: readonly Tree[]): number {
  return largestOf(b) - largestOf(a)
}

function largestOf(trees: readonly Tree[]): number {
  return trees.reduce((size, tree) => Math.max(size, tree.size), 0)
}

function refuseTooDeep(trees: readonly Tree[]): void {
  if (trees.every((tree) => tree.depth <= maxDepth)) return
  throw new Fault('TOO_LARGE', `the trace is nested deeper than ${maxDepth} spans`, {
    hint: 'write the spec by hand for the part that matters: relation: descendant reaches any depth',
  })
}

function refuseTooMany(expected: readonly DraftSpan[]): void {
  let count = 0
  const open = [...expected]
  for (let draft = open.pop(); draft !== undefined; draft = open.pop()) {
    count += 1
    if (count > maxExpectations) throw tooMany()
    open.push(...draft.children)
  }
}

function tooMany(): Fault {
  return new Fault('TOO_LARGE', `the trace has more than ${maxExpectations} different spans`, {
    hint: 'name a smaller trace: tracespec traces, then tracespec init trace:ID',
  })
}

/**
 * The expectations for the children of some parents, given as one list of children per parent. When all parents look alike,
 * siblings of one shape are one expectation with its exact count; else siblings of one identity are, with a range.
 */
function listOf(families: readonly (readonly Tree[])[]): readonly DraftSpan[] {
  const shapes = new Set(families.map(shapeOfFamily))
  const keyOf = shapes.size === 1 ? shapeKey : errorKey
  const groups = Map.groupBy(families.flat(), keyOf)
  if (groups.size > maxExpectations) throw tooMany()
  const tallies = families.map((family) => tallyOf(family.map(keyOf)))
  return [...groups].map(([key, members]) => {
    const counts = tallies.map((tally) => tally.get(key) ?? 0)
    const siblings = [...groups.values()].filter((others) => others !== members)
    const alike = siblings.filter((others) => isAlike(members, others))
    return {
      ...draftSpan(members, rangeOf(counts)),
      where: whereOf(members, alike),
      status: statusOf(members, alike),
    }
  })
}

function draftSpan(members: readonly Tree[], range: Pick<DraftSpan, 'min' | 'max'>): DraftSpan {
  const [first] = members
  if (first === undefined) throw new RangeError('an expectation needs a span')
  return {
    name: first.span.name,
    service: serviceName(first.span),
    kind: kindOf(first.span),
    status: undefined,
    where: undefined,
    ...range,
    durationNs: members.reduce((longest, tree) => maxOf(longest, durationOf(tree.span)), 0n),
    children: listOf(members.map((tree) => tree.children)),
  }
}

function isAlike([a]: readonly Tree[], [b]: readonly Tree[]): boolean {
  return a !== undefined && b !== undefined && identityOf(a.span) === identityOf(b.span)
}

/** The members of a group are errors all or none. */
function statusOf(
  [first]: readonly Tree[],
  alike: readonly (readonly Tree[])[],
): DraftSpan['status'] {
  if (first !== undefined && isError(first.span)) return 'error'
  return alike.some(([other]) => other !== undefined && isError(other.span)) ? 'ok' : undefined
}

function shapeOfFamily(family: readonly Tree[]): string {
  return family
    .map((tree) => tree.shape)
    .toSorted((a, b) => a - b)
    .join()
}

function shapeKey(tree: Tree): string {
  return String(tree.shape)
}

function errorKey(tree: Tree): string {
  return `${isError(tree.span)} ${identityOf(tree.span)}`
}

function tallyOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const tally = new Map<string, number>()
  for (const key of keys) tally.set(key, (tally.get(key) ?? 0) + 1)
  return tally
}

function rangeOf(counts: readonly number[]): Pick<DraftSpan, 'min' | 'max'> {
  return {
    min: counts.reduce((a, b) => Math.min(a, b)),
    max: counts.reduce((a, b) => Math.max(a, b)),
  }
}

/** At the top level a spec speaks of every span of a case, so spans below that look like its root are counted too. */
function deeperLikeRoot(trees: readonly Tree[]): readonly DraftSpan[] {
  const below = trees.map((tree) => likeRootBelow(tree))
  const members = below.flat()
  if (members.length === 0) return []
  const range = rangeOf(below.map((spans) => spans.length))
  const bare = members.map((tree) => ({ ...tree, children: [] }))
  return [draftSpan(bare, range)]
}

function likeRootBelow(root: Tree): readonly Tree[] {
  const identity = identityOf(root.span)
  const found: Tree[] = []
  const open = [...root.children]
  for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
    if (identityOf(tree.span) === identity) found.push(tree)
    open.push(...tree.children)
  }
  return found
}

// Attributes that say which call is meant and stay the same from run to run.
const telling = [
  'http.route',
  'url.template',
  'rpc.service',
  'rpc.method',
  'messaging.destination.name',
  'db.operation.name',
  'db.collection.name',
  'db.query.summary',
  'gen_ai.tool.name',
  'gen_ai.request.model',
  'peer.service',
  'server.address',
]

/** An attribute whose value tells these spans from all siblings of the same identity. */
function whereOf(
  members: readonly Tree[],
  alike: readonly (readonly Tree[])[],
): DraftSpan['where'] {
  if (alike.length === 0) return undefined
  for (const name of telling) {
    const value = commonText(members, name)
    const taken = alike.map((others) => commonText(others, name))
    if (value !== undefined && !taken.includes(undefined) && !taken.includes(value)) {
      return { name, value }
    }
  }
  return undefined
}

function commonText(trees: readonly Tree[], attribute: string): string | undefined {
  const values = new Set(trees.map((tree) => tree.span.attributes.get(attribute)))
  const [value] = values
  return values.size === 1 && typeof value === 'string' ? value : undefined
}

function identityOf(span: Span): string {
  return JSON.stringify([span.name, serviceName(span), kindOf(span)])
}

function isError(span: Span): boolean {
  return span.status.code === 'error'
}

function durationOf(span: Span): bigint {
  return span.end - span.start
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
