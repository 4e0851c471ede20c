import { expect, test } from 'vitest'
import { buildTrace } from '../../src/trace/tree.ts'

import { verifies } from '../verifies.ts'
import { leastCost } from './cost.ts'
import { engineCost } from './engine-cost.ts'
import { smallest } from './outline.ts'
import { randomPairs, share } from './pairs.ts'

test('the engine finds the least cost that the enumeration of assignments finds', () => {
  verifies('X-03')
  const pairs = randomPairs({ seed: 13, count: 20_000, styles: ['strict'] })
  const costs = pairs.map(({ spec, tree }) => leastCost(spec, tree))
  const differ = pairs.filter(({ spec, tree }, at) => {
    const engine = engineCost(spec, buildTrace(tree.spans))
    const least = costs[at]
    return (
      least === undefined ||
      engine.missing !== least.missing ||
      engine.excess !== least.excess ||
      engine.failedConditions !== least.failedConditions
    )
  })
  expect(smallest(differ)).toEqual([])
  const free = costs.map((cost) => cost.missing + cost.excess + cost.failedConditions === 0)
  expect(share(free, true)).toBeGreaterThan(1 / 3)
  expect(share(free, false)).toBeGreaterThan(1 / 3)
}, 120_000)
