import { expect, test } from 'vitest'
import { areDisjoint, prepareIdentity } from '../../src/spec/disjoint.ts'
import type { Expectation, Spec } from '../../src/spec/spec.ts'
import { lossless, type Losses } from '../../src/trace/losses.ts'
import { buildTraces } from '../../src/trace/tree.ts'
import type { SpecResult } from '../../src/verify/result.ts'
import { verify } from '../../src/verify/verify.ts'
import { randomFrom } from '../oracle/random.ts'
import { verifies } from '../verifies.ts'
import { lose } from './lose.ts'
import { randomWorld, type World } from './worlds.ts'

const zipkin: Losses = {
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
const forms: readonly (readonly [string, Losses])[] = [
  ['name case', { ...lossless, nameCase: true }],
  ['nanoseconds', { ...lossless, grainNanos: 1000 }],
  ['durations', { ...lossless, unknownDurations: true }],
  ['composites', { ...lossless, types: 'composites' }],
  ['types', { ...lossless, types: 'all' }],
  ['scope attributes', { ...lossless, scopeAttributes: true }],
  ['resource attributes', { ...lossless, resourceLevel: true }],
  ['event attributes', { ...lossless, eventAttributes: true }],
  ['links', { ...lossless, links: 'lost' }],
  ['flags', { ...lossless, flags: true }],
  ['dropped counts', { ...lossless, droppedCounts: true }],
  ['internal kind', { ...lossless, internalKind: true }],
  ['status messages', { ...lossless, statusMessage: true }],
  [
    'legacy Jaeger',
    {
      ...lossless,
      grainNanos: 1000,
      types: 'composites',
      scopeAttributes: true,
      flags: true,
      droppedCounts: true,
      links: 'without_attributes',
    },
  ],
  ['ClickHouse', { ...lossless, types: 'all', scopeAttributes: true, flags: true }],
  ['Zipkin', zipkin],
]

test.for(forms)(
  'what is decided without %s is what is decided with it',
  { timeout: 120_000 },
  ([, losses]) => {
    verifies('X-11')
    const random = randomFrom(5)
    const flips: string[] = []
    for (let run = 0; run < 4_000; run += 1) {
      const world = randomWorld(random, losses)
      const whole = judgedWith(world, lossless)
      const lossy = judgedWith({ ...world, spans: lose(world.spans, losses) }, losses)
      flips.push(...differences(world.spec, whole, lossy).map((line) => `${run}: ${line}`))
    }
    expect(flips.slice(0, 10)).toEqual([])
  },
)

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
