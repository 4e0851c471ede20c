import type { Expectation, Identity, Matcher, SourceRange, Spec } from '../../src/spec/spec.ts'
import type { SpanId, TraceId } from '../../src/trace/ids.ts'
import { parseSpanId, parseTraceId } from '../../src/trace/ids.ts'
import type { Span, SpanKind, StatusCode } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import type { Random } from './random.ts'
import { randomFrom } from './random.ts'
import type { Candidate, SmallTree } from './tree.ts'
import { candidatesAt, spanAt } from './tree.ts'

/** A spec of up to 4 expectations and a trace of up to 6 spans that one of its cases covers whole. */
export interface Pair {
  readonly spec: Spec
  readonly tree: SmallTree
}

/** How often counts are unbounded and conditions asked: on partial evidence only loose specs can pass. */
export type Style = 'strict' | 'loose'

const NAMES = ['a', 'b', 'c'] as const
/** Equal names make lists with something to share. */
const SPAN_NAMES = ['a', 'a', ...NAMES] as const
const SERVICES = ['s', 't'] as const
const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']
/** Calls are what `child` looks through. */
const SPAN_KINDS: readonly SpanKind[] = [...KINDS, 'client', 'client', 'producer']
const FLAVOURS = [undefined, 'p', 'q'] as const
const STATUSES: readonly StatusCode[] = ['unset', 'ok', 'error']
const AT: SourceRange = { file: 'random.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 }
const IGNORED = 'ignored'
const TRACE = traceIdOf('0123456789abcdef0123456789abcdef')

/** The same pairs for the same seed, each in one of the styles. */
export function randomPairs(wanted: {
  readonly seed: number
  readonly count: number
  readonly styles: readonly Style[]
}): readonly Pair[] {
  const random = randomFrom(wanted.seed)
  return Array.from({ length: wanted.count }, () => randomPair(random, random.pick(wanted.styles)))
}

/** Which part of the pairs came out so: a comparison over pairs that all pass would prove little. */
export function share<T>(all: readonly T[], wanted: T): number {
  return all.filter((each) => each === wanted).length / all.length
}

export function randomPair(random: Random, style: Style): Pair {
  const ignores = random.chance(0.2)
  const tree = randomTree(random, ignores)
  const draft = emptySpec(ignores)
  const budget = { left: random.between(1, 4) }
  const expected = randomList({ random, style, spec: draft, tree, budget }, 'case', 'expected')
  return { spec: { ...draft, expected }, tree }
}

function randomTree(random: Random, ignores: boolean): SmallTree {
  const size = random.between(1, 6)
  const parent = Array.from({ length: size }, (_, at) => {
    if (at === 0) return -1
    return random.chance(0.2) ? 0 : random.between(Math.max(0, at - 3), at - 1)
  })
  const names = ignores ? [...SPAN_NAMES, IGNORED] : SPAN_NAMES
  const spans = parent.map((above, at) =>
    smallSpan({
      at,
      above,
      name: random.pick(at === 0 ? NAMES : names),
      service: random.pick(SERVICES),
      kind: random.pick(SPAN_KINDS),
      flavour: random.pick(FLAVOURS),
      tag: random.pick(FLAVOURS),
      status: random.pick(STATUSES),
      millis: random.between(1, 3) * 10,
    }),
  )
  return { spans, parent }
}

interface Draft {
  readonly random: Random
  readonly style: Style
  readonly spec: Spec
  readonly tree: SmallTree
  readonly budget: { left: number }
}

function randomList(draft: Draft, place: number | 'case', path: string): readonly Expectation[] {
  const { random, budget } = draft
  const wanted = place === 'case' ? random.pick([1, 1, 2, 3]) : random.between(0, budget.left)
  const list: Expectation[] = []
  while (list.length < wanted && budget.left > 0) {
    budget.left -= 1
    list.push(randomExpectation(draft, place, `${path}[${list.length}]`))
  }
  return list
}

/** Mostly drawn after a span that stands there, so that about half of the pairs fit. */
function randomExpectation(draft: Draft, place: number | 'case', path: string): Expectation {
  const { random, tree, style } = draft
  const relation =
    place === 'case' ? 'child' : random.pick(['child', 'child', 'direct', 'descendant'] as const)
  const anything = expectationOf({ path, relation, identity: emptyIdentity() })
  const depth = random.pick(['child', 'descendant', 'descendant'] as const)
  const here = candidatesAt(draft, [{ ...anything, relation: depth }], place)
  const model = here.length > 0 && random.chance(0.9) ? randomModel(draft, here) : undefined
  const identity = randomIdentity(draft, model)
  const named = { ...anything, identity }
  const found = candidatesAt(draft, [named], place).length
  const children = randomList(draft, model ?? 0, `${path}.children`)
  const count = randomCount(random, found, style)
  const conditions = random.chance(style === 'loose' ? 0.1 : 0.3)
    ? randomConditions(random, model === undefined ? undefined : spanAt(tree, model))
    : {}
  return { ...named, count, children, ...conditions }
}

/** Mostly one with spans below it, so that lists nest. */
function randomModel({ random, tree }: Draft, here: readonly Candidate[]): number {
  const parents = here.filter(({ span }) => tree.parent.includes(span))
  return random.pick(parents.length > 0 && random.chance(0.7) ? parents : here).span
}

function randomIdentity({ random, spec, tree }: Draft, model: number | undefined): Identity {
  const span = model === undefined ? undefined : spanAt(tree, model)
  const name = span === undefined || span.name === IGNORED ? random.pick(NAMES) : span.name
  const flavour = span?.attributes.get('flavour')
  const anyName = spec.ignore.length === 0 && random.chance(0.1)
  const service = span?.resource.attributes.get('service.name')
  return {
    operationName: anyName ? undefined : randomName(random, name),
    serviceName: random.chance(0.2) ? literal(service ?? 's') : undefined,
    kind: random.chance(0.2) || anyName ? (span?.kind ?? random.pick(KINDS)) : undefined,
    where: random.chance(0.15)
      ? [{ name: 'flavour', matcher: literal(flavour ?? 'p'), at: AT }]
      : [],
  }
}

function randomName(random: Random, name: string): Matcher {
  if (random.chance(0.6)) return literal(name)
  return { kind: 'in', values: [name, random.pick(NAMES)] }
}

function randomCount(random: Random, found: number, style: Style): Expectation['count'] {
  if (random.chance(style === 'loose' ? 0.8 : 0.15)) {
    return { min: random.between(0, Math.min(found, 2)), max: Infinity }
  }
  if (random.chance(0.3)) return { min: 1, max: 1 }
  if (random.chance(0.15)) return { min: 0, max: 1 }
  const max = Math.max(1, found)
  return { min: random.between(0, max), max }
}

function randomConditions(random: Random, model: Span | undefined): Partial<Expectation> {
  const fits = model !== undefined && random.chance(0.8)
  const tag = model?.attributes.get('tag')
  const millis = fits ? Number(model.end - model.start) / 1e6 : 20
  const code = fits ? model.status.code : random.pick(STATUSES)
  const matcher = literal(tag !== undefined && fits ? tag : 'p')
  return random.pick<Partial<Expectation>>([
    { duration: { minMs: undefined, maxMs: millis, at: AT } },
    { duration: { minMs: millis, maxMs: undefined, at: AT } },
    { status: { condition: code === 'error' ? 'exactly_error' : 'ok', at: AT } },
    { status: { condition: `exactly_${code}`, at: AT } },
    { tags: [{ name: 'tag', matcher, optional: random.chance(0.5), at: AT }] },
    {
      tags: [{ name: 'tag', matcher, optional: false, at: AT }],
      status: { condition: 'ok', at: AT },
    },
  ])
}

/** One span of every identity that a spec of the generator can tell apart. */
export function candidateSpans(): readonly Span[] {
  return CANDIDATES
}

const CANDIDATES: readonly Span[] = [...NAMES, 'other'].flatMap((name) =>
  [...SERVICES, 'other'].flatMap((service) =>
    KINDS.flatMap((kind) =>
      FLAVOURS.map((flavour) =>
        smallSpan({
          at: 9,
          above: 0,
          name,
          service,
          kind,
          flavour,
          tag: undefined,
          status: 'unset',
          millis: 10,
        }),
      ),
    ),
  ),
)

interface SpanFacts {
  readonly at: number
  readonly above: number
  readonly name: string
  readonly service: string
  readonly kind: SpanKind
  readonly flavour: string | undefined
  readonly tag: string | undefined
  readonly status: StatusCode
  readonly millis: number
}

/** A span of the generator; the root carries the attribute that opens the case. */
export function smallSpan(facts: SpanFacts): Span {
  const start = BigInt(1_000_000_000 + facts.at * 1_000_000)
  const attributes = new Map<string, string>()
  if (facts.above === -1) attributes.set('case', 'yes')
  if (facts.flavour !== undefined) attributes.set('flavour', facts.flavour)
  if (facts.tag !== undefined) attributes.set('tag', facts.tag)
  return {
    traceId: TRACE,
    spanId: spanIdAt(facts.at),
    parentSpanId: facts.above === -1 ? undefined : spanIdAt(facts.above),
    traceState: '',
    flags: 1,
    name: facts.name,
    kind: facts.kind,
    start: nanosOf(start),
    end: nanosOf(start + BigInt(facts.millis) * 1_000_000n),
    attributes,
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: facts.status, message: '' },
    resource: {
      attributes: new Map([['service.name', facts.service]]),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: {
      name: 'random',
      version: '',
      attributes: new Map(),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  }
}

function emptySpec(ignores: boolean): Spec {
  const ignored = { ...emptyIdentity(), operationName: literal(IGNORED) }
  const opens = { ...emptyIdentity(), where: [{ name: 'case', matcher: literal('yes'), at: AT }] }
  return {
    name: 'random',
    description: undefined,
    at: AT,
    appliesTo: { identity: opens, at: AT },
    traces: { min: undefined, max: undefined, passing: 'all', at: AT },
    unexpectedSpans: { mode: 'ignore', at: AT },
    unexpectedErrors: { mode: 'report', at: AT },
    ignore: ignores ? [{ at: AT, identity: ignored, errors: true }] : [],
    expected: [],
    forbidden: [],
    maxTotalDurationMs: undefined,
    percentiles: [],
    errorConditions: [],
  }
}

function expectationOf(parts: {
  readonly path: string
  readonly relation: Expectation['relation']
  readonly identity: Identity
}): Expectation {
  return {
    kind: 'span',
    id: parts.path,
    label: parts.path,
    at: AT,
    identity: parts.identity,
    relation: parts.relation,
    count: { min: 1, max: 1 },
    duration: undefined,
    status: undefined,
    tags: [],
    children: [],
  }
}

function emptyIdentity(): Identity {
  return { operationName: undefined, serviceName: undefined, kind: undefined, where: [] }
}

function literal(value: unknown): Matcher {
  return { kind: 'eq', value: String(value) }
}

function spanIdAt(at: number): SpanId {
  const id = parseSpanId((at + 1).toString(16).padStart(16, '0'))
  if (id === undefined) throw new Error(`no span id for ${at}`)
  return id
}

function traceIdOf(text: string): TraceId {
  const id = parseTraceId(text)
  if (id === undefined) throw new Error(`no trace id: ${text}`)
  return id
}
