import { expect, test } from 'vitest'
import type { Expectation } from '../../src/spec/spec.ts'
import { leastCost } from './cost.ts'
import { decide } from './decide.ts'
import { smallest } from './outline.ts'
import type { Pair } from './pairs.ts'
import { randomPair, randomPairs, share, smallSpan } from './pairs.ts'
import { randomFrom } from './random.ts'
import type { Candidate, Place, SmallTree } from './tree.ts'
import { candidatesAt } from './tree.ts'

const PAIRS = 5_000

test('a case is decided as pass exactly when its least cost is nothing', () => {
  const random = randomFrom(1)
  const disagree = Array.from({ length: PAIRS }, () => randomPair(random, 'strict')).filter(
    ({ spec, tree }) => {
      const { missing, excess, failedConditions } = leastCost(spec, tree)
      const free = missing + excess + failedConditions === 0
      return free !== (decide(spec, tree, 'complete') === 'pass')
    },
  )
  expect(smallest(disagree)).toEqual([])
})

test('what partial evidence decides holds in every extension that was tried', () => {
  const random = randomFrom(2)
  const turned: Pair[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const { spec, tree } = randomPair(random, 'loose')
    const partial = decide(spec, tree, 'partial')
    const extended = extend(tree, () => random.between(0, 1e9))
    const status = decide(spec, extended, 'complete')
    if (partial !== 'inconclusive' && status !== partial) turned.push({ spec, tree: extended })
  }
  expect(smallest(turned)).toEqual([])
})

test('the pairs are not easy: spans are shared, lists nest, and calls are looked through', () => {
  const pairs = randomPairs({ seed: 3, count: PAIRS, styles: ['strict'] })
  const hasShared = pairs.map((pair) =>
    lists(pair).some(({ candidates }) => candidates.some(({ open }) => open.length > 1)),
  )
  const hasNested = pairs.map(({ spec }) => spec.expected.some((each) => each.children.length > 0))
  const looksThrough = pairs.map((pair) =>
    lists(pair).some(
      ({ list, place, candidates }) =>
        place !== 'case' &&
        candidates.some(
          ({ span, open }) =>
            pair.tree.parent[span] !== place &&
            open.some((position) => list[position]?.relation === 'child'),
        ),
    ),
  )
  expect(share(hasShared, true)).toBeGreaterThan(1 / 6)
  expect(share(hasNested, true)).toBeGreaterThan(1 / 3)
  expect(share(looksThrough, true)).toBeGreaterThan(1 / 25)
})

/** Every list of a pair at every place where it can be matched. */
function lists(pair: Pair): readonly {
  readonly list: readonly Expectation[]
  readonly place: Place
  readonly candidates: readonly Candidate[]
}[] {
  const below = (list: readonly Expectation[]): readonly (readonly Expectation[])[] =>
    list.flatMap(({ children }) => [children, ...below(children)])
  const nested = below(pair.spec.expected).flatMap((list) =>
    [...pair.tree.spans.keys()].map((place) => ({
      list,
      place,
      candidates: candidatesAt(pair, list, place),
    })),
  )
  const top = { list: pair.spec.expected, place: 'case' as const }
  return [{ ...top, candidates: candidatesAt(pair, top.list, 'case') }, ...nested]
}

/** Some further spans below spans that are there, of any identity and with any condition failed. */
function extend(tree: SmallTree, next: () => number): SmallTree {
  const spans = [...tree.spans]
  const parent = [...tree.parent]
  for (let more = next() % 3; more >= 0; more--) {
    const above = next() % spans.length
    const at = spans.length
    spans.push(
      smallSpan({
        at,
        above,
        name: ['a', 'b', 'c', 'other'][next() % 4] ?? 'a',
        service: ['s', 't'][next() % 2] ?? 's',
        kind: (['internal', 'client', 'server'] as const)[next() % 3] ?? 'internal',
        flavour: [undefined, 'p', 'q'][next() % 3],
        tag: [undefined, 'p', 'q'][next() % 3],
        status: (['unset', 'error'] as const)[next() % 2] ?? 'unset',
        millis: 10 + (next() % 3) * 10,
      }),
    )
    parent.push(above)
  }
  return { spans, parent }
}
