import type {
  ErrorCondition,
  Expectation,
  Identity,
  Matcher,
  SourceRange,
  Spec,
  TagMatch,
} from '../../src/spec/spec.ts'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import { parseSpanId } from '../../src/trace/ids.ts'
import type { Losses } from '../../src/trace/losses.ts'
import { serviceName, type AttributeValue, type Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { randomPair } from '../oracle/pairs.ts'
import type { Random } from '../oracle/random.ts'

/** A small spec and what a program sent: with values of all types, times to the nanosecond, errors and missing parents. */
export interface World {
  readonly spec: Spec
  readonly spans: readonly Span[]
  readonly run: RunEvidence | undefined
}

const AT: SourceRange = { file: 'random.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 }

/**
 * What a form loses, `losses` says only so that a world keeps to what is taken for granted: names are spelled as the spec
 * spells them, an attribute stands at one level, bytes are not asked as text, a SERVER's parent is remote, and an SDK drops
 * attributes from 128 on.
 */
export function randomWorld(random: Random, losses: Losses): World {
  const { spec, tree } = randomPair(random, random.pick(['strict', 'loose']))
  const spans = misshapen(
    random,
    tree.spans.map((span) => randomized(random, span, losses)),
  )
  const asked = randomSpec(random, spec, spans)
  return { spec: asked, spans: spelled(random, asked, spans), run: randomRun(random) }
}

function randomRun(random: Random): RunEvidence | undefined {
  return random.pick<RunEvidence | undefined>([
    undefined,
    undefined,
    { complete: true, reasons: [], lossyEnds: [] },
    { complete: false, reasons: [{ code: 'spans_rejected', spans: 1 }], lossyEnds: [] },
  ])
}

const VALUES: readonly AttributeValue[] = [
  201n,
  201,
  '201',
  1,
  1n,
  '1.0',
  '1',
  true,
  'true',
  'x',
  'ab',
  '',
  null,
  ['a', 'b'],
  ['x'],
  '["a","b"]',
  '[a',
  new Map([['k', 'v']]),
  1.5,
  '1e3',
  1000n,
]

function randomized(random: Random, span: Span, losses: Losses): Span {
  const attributes = new Map(span.attributes)
  const scope = new Map<string, AttributeValue>()
  const resource = new Map(span.resource.attributes)
  const levels = [attributes, attributes, scope, resource]
  for (const name of ['tag', 'flavour'] as const) {
    const value = name === 'tag' ? random.pick(VALUES) : random.pick(['p', 'q'])
    if (random.chance(0.4)) continue
    attributes.delete(name)
    random.pick(levels).set(name, value)
    if (!losses.resourceLevel && random.chance(0.3)) random.pick(levels).set(name, value)
  }
  if (random.chance(0.2)) attributes.set('error.type', random.pick(['E1', '404', 404n]))
  const isDropped = random.chance(0.1)
  if (isDropped) for (let at = 0; at < 128; at += 1) attributes.set(`filler.${at}`, at)
  const start = span.start + BigInt(random.between(0, 1999))
  const length = span.end - span.start + BigInt(random.pick([0, 0, 1, 999, 1000, 1700]))
  return {
    ...span,
    name: random.chance(0.4) ? span.name.toUpperCase() : span.name,
    start: nanosOf(start),
    end: nanosOf(start + length),
    attributes,
    droppedAttributesCount: isDropped && random.chance(0.5) ? 1 : 0,
    events: random.chance(0.2) ? [exceptionOf(random, span)] : [],
    resource: { ...span.resource, attributes: resource },
    scope: { ...span.scope, attributes: scope },
  }
}

function exceptionOf(random: Random, span: Span): Span['events'][number] {
  const type = random.pick<AttributeValue | undefined>(['E1', 'E2', '404', 404n, undefined])
  return {
    name: 'exception',
    time: span.start,
    attributes: new Map(type === undefined ? [] : [['exception.type', type]]),
    droppedAttributesCount: 0,
  }
}

const UNSEEN = parseSpanId('00000000000000ee')

/** Some spans name a parent that is not there, or none. */
function misshapen(random: Random, spans: readonly Span[]): readonly Span[] {
  if (UNSEEN === undefined || random.chance(0.6)) return spans
  return spans.map((span) => {
    const isCallee = span.kind === 'server' || span.kind === 'consumer'
    const flags = isCallee ? random.pick([0, 0x301]) : random.pick([0, 0x101, 0x301])
    if (random.chance(0.7)) return { ...span, flags }
    return random.chance(0.8)
      ? { ...span, flags, parentSpanId: UNSEEN }
      : { ...span, flags, parentSpanId: undefined }
  })
}

function randomSpec(random: Random, spec: Spec, spans: readonly Span[]): Spec {
  const named = (): Identity => ({ ...NOTHING, ...random.pick(someIdentities(random)) })
  const some = <T>(share: number, make: () => T): readonly T[] =>
    random.chance(share) ? [make()] : []
  return {
    ...spec,
    appliesTo: random.pick([
      spec.appliesTo,
      spec.appliesTo,
      undefined,
      { identity: named(), at: AT },
    ]),
    traces: {
      at: AT,
      passing: random.chance(0.2) ? 'any' : 'all',
      min: random.chance(0.1) ? random.between(1, 2) : undefined,
      max: random.chance(0.1) ? random.between(1, 2) : undefined,
    },
    unexpectedSpans: { mode: random.chance(0.2) ? 'fail' : 'report', at: AT },
    unexpectedErrors: { mode: random.chance(0.4) ? 'fail' : 'report', at: AT },
    ignore: [
      ...spec.ignore,
      ...some(0.25, () => ({ at: AT, identity: named(), errors: random.chance(0.5) })),
    ],
    forbidden: some(0.3, () => ({ at: AT, label: 'x', identity: named(), reason: undefined })),
    errorConditions: [
      ...some(0.4, () => randomError(random)),
      ...some(0.2, () => randomError(random)),
    ],
    maxTotalDurationMs: random.chance(0.25)
      ? { value: random.pick(boundsNear(spans)), at: AT }
      : undefined,
    expected: spec.expected.map((one) => randomExpectation(random, one, spans)),
  }
}

const NOTHING: Identity = {
  operationName: undefined,
  serviceName: undefined,
  kind: undefined,
  where: [],
}

function someIdentities(random: Random): readonly Partial<Identity>[] {
  return [
    { operationName: nameMatcher(random) },
    { operationName: nameMatcher(random), where: [tagMatch(random)] },
    { where: [tagMatch(random)] },
    { serviceName: { kind: 'eq', value: random.pick(['s', 'S', 't']) } },
  ]
}

function nameMatcher(random: Random): Matcher {
  const name = random.pick(['a', 'b', 'c', 'A', 'B'])
  return random.pick<Matcher>([
    { kind: 'eq', value: name },
    { kind: 'eq', value: name },
    { kind: 'ne', value: name },
    { kind: 'in', values: [name, random.pick(['b', 'C'])] },
    { kind: 'glob', pattern: `${name}*` },
    { kind: 'regex', pattern: random.pick(['^[A-C]$', `^${name}`, '^[^a]']) },
  ])
}

function tagMatch(random: Random): TagMatch {
  const name = random.pick(['tag', 'tag', 'flavour', 'resource.tag', 'service.name'])
  const matcher: Matcher =
    name === 'flavour' ? { kind: 'eq', value: random.pick(['p', 'q']) } : tagMatcher(random)
  return { name, matcher: name === 'service.name' ? serviceMatcher(random) : matcher, at: AT }
}

function serviceMatcher(random: Random): Matcher {
  return random.pick<Matcher>([{ kind: 'eq', value: random.pick(['s', 'T']) }, { kind: 'present' }])
}

function tagMatcher(random: Random): Matcher {
  return random.pick<Matcher>([
    { kind: 'eq', value: random.pick([201, 1, true, 'x', '201', 'true', 1000]) },
    { kind: 'eq', value: random.pick([201, 'x']) },
    { kind: 'ne', value: random.pick([201, 'x', '201']) },
    { kind: 'gt', value: random.pick([200, 1, 'w']) },
    { kind: 'lte', value: random.pick([201, 1.5, 'x']) },
    { kind: 'in', values: [random.pick([201, 'x']), 'ab'] },
    { kind: 'glob', pattern: random.pick(['2*', '*', 'a*', '1']) },
    { kind: 'regex', pattern: random.pick(['^[a-z]+$', '\\d', '^\\[']) },
    { kind: 'type', type: random.pick(['string', 'int', 'double', 'bool', 'array', 'map']) },
    { kind: 'contains', value: random.pick(['a', 'x', '0']) },
    { kind: 'length', length: { kind: 'eq', value: random.pick([1, 2, 3]) } },
    { kind: 'exists', value: random.chance(0.5) },
    { kind: 'present' },
    { kind: 'all', of: [{ kind: 'present' }, { kind: 'ne', value: 'x' }] },
  ])
}

function randomError(random: Random): ErrorCondition {
  const exceptionType: Matcher | undefined = random.pick([
    undefined,
    { kind: 'eq' as const, value: random.pick(['E1', '404']) },
    { kind: 'glob' as const, pattern: 'E*' },
    { kind: 'present' as const },
  ])
  const identity = random.chance(0.5) ? NOTHING : { ...NOTHING, operationName: nameMatcher(random) }
  const expect = random.pick(['required', 'allowed', 'forbidden'] as const)
  return { at: AT, label: 'error', identity, exceptionType, expect }
}

/** Bounds where a nanosecond decides. */
function boundsNear(spans: readonly Span[]): readonly number[] {
  const starts = spans.map((span) => span.start).toSorted(ascending)
  const ends = spans.map((span) => span.end).toSorted(ascending)
  const whole = Number((ends.at(-1) ?? 0n) - (starts[0] ?? 0n))
  const single = spans.map((span) => Number(span.end - span.start))
  return [whole, ...single].flatMap((nanos) => [
    nanos / 1e6,
    Math.floor(nanos / 1000) / 1000,
    Math.ceil(nanos / 1000) / 1000,
    (nanos - 1) / 1e6,
    (nanos + 3000) / 1e6,
    nanos / 1e6 + 3,
  ])
}

function randomExpectation(random: Random, one: Expectation, spans: readonly Span[]): Expectation {
  const { identity } = one
  const bound = random.pick(boundsNear(spans))
  return {
    ...one,
    identity: {
      ...identity,
      operationName:
        identity.operationName !== undefined && random.chance(0.3)
          ? nameMatcher(random)
          : identity.operationName,
      where: random.chance(0.1) ? [tagMatch(random)] : identity.where,
    },
    duration: random.chance(0.2)
      ? random.pick([
          { minMs: bound, maxMs: undefined, at: AT },
          { minMs: undefined, maxMs: bound, at: AT },
        ])
      : one.duration,
    tags: random.chance(0.3) ? [{ ...tagMatch(random), optional: random.chance(0.3) }] : one.tags,
    children: one.children.map((child) => randomExpectation(random, child, spans)),
  }
}

/** Every name as the spec spells it; as a pattern spells it where no literal does. */
function spelled(random: Random, spec: Spec, spans: readonly Span[]): readonly Span[] {
  const names = spellings(spec, ({ operationName }) => operationName)
  const services = spellings(spec, ({ serviceName: service }) => service)
  const ofTags = tagsOf(spec).filter(({ name }) => name === 'service.name')
  for (const { matcher } of ofTags) for (const text of textsIn(matcher)) keep(services, text)
  return spans.map((span) => {
    const service = serviceName(span)
    const attributes = new Map(span.resource.attributes)
    attributes.set('service.name', one(random, services, service))
    return {
      ...span,
      name: one(random, names, span.name),
      resource: { ...span.resource, attributes },
    }
  })
}

type Spellings = Map<string, Set<string>>

function one(random: Random, known: Spellings, text: string): string {
  const written = known.get(text.toLowerCase())
  return written === undefined ? text : random.pick([...written])
}

function spellings(spec: Spec, read: (identity: Identity) => Matcher | undefined): Spellings {
  const literal: Spellings = new Map()
  const loose: Spellings = new Map()
  for (const identity of identitiesOf(spec)) {
    const matcher = read(identity)
    if (matcher === undefined) continue
    for (const text of textsIn(matcher)) keep(literal, text)
    if ('pattern' in matcher && !matcher.pattern.includes('['))
      keep(loose, matcher.pattern.replaceAll(/[*^]/g, ''))
  }
  return new Map([...loose, ...literal])
}

function keep(known: Spellings, text: string): void {
  const lower = text.toLowerCase()
  known.set(lower, (known.get(lower) ?? new Set()).add(text))
}

function textsIn(matcher: Matcher): readonly string[] {
  if (matcher.kind === 'in') return matcher.values.map(String)
  return matcher.kind === 'eq' || matcher.kind === 'ne' ? [String(matcher.value)] : []
}

function expectationsOf(spec: Spec): readonly Expectation[] {
  const all = [...spec.expected]
  for (const { children } of all) all.push(...children)
  return all
}

function identitiesOf(spec: Spec): readonly Identity[] {
  const ruled = [
    ...expectationsOf(spec),
    ...spec.ignore,
    ...spec.forbidden,
    ...spec.errorConditions,
  ]
  const opens = spec.appliesTo === undefined ? [] : [spec.appliesTo]
  return [...ruled, ...opens].map(({ identity }) => identity)
}

function tagsOf(spec: Spec): readonly TagMatch[] {
  return [
    ...expectationsOf(spec).flatMap(({ tags }) => tags),
    ...identitiesOf(spec).flatMap(({ where }) => where),
  ]
}

function ascending(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
