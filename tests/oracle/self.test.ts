import { expect, test } from 'vitest'
import { leastCost } from './cost.ts'
import { decide } from './decide.ts'
import { smallest } from './outline.ts'
import type { Pair } from './pairs.ts'
import { randomPair, smallSpan } from './pairs.ts'
import { randomFrom } from './random.ts'
import type { SmallTree } from './tree.ts'

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
