import { expect, test } from 'vitest'
import { areDisjoint, prepareIdentity } from '../../src/spec/disjoint.ts'
import type { Expectation, Spec } from '../../src/spec/spec.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { verify } from '../../src/verify/verify.ts'
import { randomPair, share } from '../oracle/pairs.ts'
import { randomFrom } from '../oracle/random.ts'
import { verifies } from '../verifies.ts'
import { lose } from './lose.ts'
import { randomWorld, type World } from './worlds.ts'

const everything: Losses = {
  nameCase: true,
  grainNanos: 1000,
  types: 'all',
  scopeAttributes: true,
  resourceLevel: true,
  eventAttributes: true,
  links: 'lost',
  flags: true,
  droppedCounts: true,
  internalKind: true,
  statusMessage: true,
}
const jaegerLegacy: Losses = {
  ...lossless,
  grainNanos: 1000,
  types: 'composites',
  scopeAttributes: true,
  flags: true,
  droppedCounts: true,
  links: 'without_attributes',
}

const cloud: Losses = {
  ...everything,
  nameCase: false,
  grainNanos: 1_000_000,
  kinds: 'lost',
  renamed: ['server', 'client'],
  statuses: 'lost',
  events: true,
  attributes: true,
}

/** Each with the least share of decided verdicts that must stay decided, of worlds that ask much of what is lost. */
const forms: readonly { name: string; losses: Losses; least: number }[] = [
  { name: 'name case', losses: { ...lossless, nameCase: true }, least: 0.9 },
  { name: 'nanoseconds', losses: { ...lossless, grainNanos: 1000 }, least: 0.95 },
  { name: 'durations', losses: { ...lossless, unknownDurations: true }, least: 0.97 },
  { name: 'composites', losses: { ...lossless, types: 'composites' }, least: 0.99 },
  { name: 'types', losses: { ...lossless, types: 'all' }, least: 0.97 },
  { name: 'scope attributes', losses: { ...lossless, scopeAttributes: true }, least: 0.88 },
  { name: 'resource attributes', losses: { ...lossless, resourceLevel: true }, least: 0.94 },
  { name: 'event attributes', losses: { ...lossless, eventAttributes: true }, least: 0.97 },
  { name: 'links', losses: { ...lossless, links: 'lost' }, least: 1 },
  { name: 'flags', losses: { ...lossless, flags: true }, least: 0.97 },
  { name: 'dropped counts', losses: { ...lossless, droppedCounts: true }, least: 0.98 },
  { name: 'internal kind', losses: { ...lossless, internalKind: true }, least: 1 },
  { name: 'status messages', losses: { ...lossless, statusMessage: true }, least: 1 },
  { name: 'kinds but calls', losses: { ...lossless, kinds: 'calls' }, least: 0.75 },
  { name: 'kinds of one side', losses: { ...lossless, kinds: 'sides' }, least: 0.8 },
  { name: 'all kinds', losses: { ...lossless, kinds: 'lost' }, least: 0.55 },
  { name: 'some names', losses: { ...lossless, renamed: ['client', 'server'] }, least: 0.7 },
  { name: 'status ok', losses: { ...lossless, statuses: 'ok' }, least: 0.99 },
  { name: 'what is an error', losses: { ...lossless, statuses: 'errors' }, least: 0.8 },
  { name: 'all statuses', losses: { ...lossless, statuses: 'lost' }, least: 0.8 },
  { name: 'events', losses: { ...lossless, events: true }, least: 0.9 },
  { name: 'some attributes', losses: { ...lossless, attributes: true }, least: 0.7 },
  { name: 'what legacy Jaeger loses', losses: jaegerLegacy, least: 0.83 },
  { name: 'what a cloud loses', losses: cloud, least: 0.1 },
  { name: 'all that a form can lose', losses: everything, least: 0.68 },
  {
    name: 'what Zipkin loses',
    losses: { ...everything, unknownDurations: true },
    least: 0.65,
  },
]

test.for(forms)(
  'what is decided without $name is what is decided with it, and most stays decided',
  { timeout: 120_000 },
  ({ losses, least }) => {
    verifies('X-11')
    const random = randomFrom(5)
    const flips: string[] = []
    const kept: boolean[] = []
    for (let run = 0; run < 4_000; run += 1) {
      const world = randomWorld(random, losses)
      const whole = judgedWith(world, lossless)
      const lossy = judgedWith({ ...world, spans: lose(world.spans, losses) }, losses)
      flips.push(...differences(world.spec, whole, lossy).map((line) => `${run}: ${line}`))
      const isDecided = whole.status === 'pass' || whole.status === 'fail'
      if (isDecided) kept.push(lossy.status === whole.status)
    }
    expect(flips.slice(0, 10)).toEqual([])
    expect(kept.length).toBeGreaterThan(2_000)
    expect(share(kept, true)).toBeGreaterThanOrEqual(least)
  },
)

test('a spec that asks for nothing that is lost gets the same result, byte for byte', () => {
  verifies('X-11')
  const random = randomFrom(9)
  for (let run = 0; run < 4_000; run += 1) {
    const { spec, tree } = randomPair(random, random.pick(['strict', 'loose']))
    const plain = { ...spec, expected: spec.expected.map(withoutAbsence) }
    const world: World = { spec: plain, spans: tree.spans, run: undefined }
    const lossy = judgedWith({ ...world, spans: lose(tree.spans, everything) }, everything)
    expect(lossy).toEqual(judgedWith(world, lossless))
  }
})

function judgedWith({ spec, spans, run }: World, losses: Losses): SpecResult {
  const file = { spec, path: 'random.yaml', sha256: '', warnings: [] }
  const traces = buildTraces(spans)
  const observation = { traces, run, losses, source: 'random', named: false, required: false }
  return verify(file, observation)
}

/** What the lossy verdict decides otherwise. A list whose expectations overlap, or with too many spans, is one check. */
function differences(spec: Spec, whole: SpecResult, lossy: SpecResult): readonly string[] {
  const found: string[] = []
  const compare = (what: string, a: string | undefined, b: string): void => {
    if (b !== 'inconclusive' && a !== b) found.push(`${what}: ${String(a)}, then ${b}`)
  }
  compare('spec', whole.status, lossy.status)
  if ([whole, lossy].some(isWithoutCase)) return found
  for (const one of lossy.cases.items) {
    if (one.root === null) continue
    const same = whole.cases.items.find((other) => other.root?.span_id === one.root?.span_id)
    if (same !== undefined || one.status !== 'pass')
      compare(`case ${one.root.span_id}`, same?.status, one.status)
  }
  const isShared = !isDisjoint(spec.expected) || [whole, lossy].some(isOverfull)
  if (isShared || rootsOf(whole) !== rootsOf(lossy)) return found
  for (const [at, one] of lossy.expectations.entries()) {
    const other = whole.expectations[at]
    compare(one.id, other?.status, one.status)
    for (const check of one.checks) {
      const before = other?.checks.find(({ condition }) => condition === check.condition)
      if (before !== undefined) compare(`${one.id} ${check.condition}`, before.status, check.status)
    }
  }
  return found
}

/** Without tags, which a scope may have where a span has none, and without bounds that the times just reach. */
function withoutAbsence(one: Expectation): Expectation {
  return {
    ...one,
    identity: { ...one.identity, where: [] },
    tags: [],
    duration: undefined,
    children: one.children.map(withoutAbsence),
  }
}

function rootsOf({ cases }: SpecResult): string {
  return cases.items
    .map(({ root }) => root?.span_id ?? 'lost')
    .toSorted()
    .join(' ')
}

/** What is told as its case is the nearest entry. */
function isWithoutCase({ findings }: SpecResult): boolean {
  return findings.items.some(({ code }) => code === 'no_case')
}

function isOverfull({ expectations }: SpecResult): boolean {
  return expectations.some(({ checks }) =>
    checks.some(({ condition, status }) => condition === 'count.max' && status === 'fail'),
  )
}

function isDisjoint(list: readonly Expectation[]): boolean {
  const identities = list.map(({ identity }) => prepareIdentity(identity))
  const apart = identities.every((one, at) =>
    identities.slice(at + 1).every((other) => areDisjoint(one, other)),
  )
  return apart && list.every(({ children }) => isDisjoint(children))
}
