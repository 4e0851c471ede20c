import { expect, test } from 'vitest'
import type { RunEvidence } from '../../src/trace/evidence.ts'
import { lossless } from '../../src/trace/losses.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { buildTrace } from '../../src/trace/tree.ts'
import type { Status } from '../../src/verify/result.ts'
import { verify } from '../../src/verify/verify.ts'
import { verifies } from '../verifies.ts'
import { decide } from './decide.ts'
import { smallest } from './outline.ts'
import type { Pair } from './pairs.ts'
import { randomPairs, share } from './pairs.ts'

test('the engine decides complete cases as the enumeration of assignments does', () => {
  verifies('X-01', 'X-03')
  const pairs = randomPairs({ seed: 11, count: 20_000, styles: ['strict'] })
  const decided = pairs.map(({ spec, tree }) => decide(spec, tree, 'complete'))
  expect(smallest(pairs.filter((pair, at) => caseStatus(pair, ENDED) !== decided[at]))).toEqual([])
  expect(share(decided, 'pass')).toBeGreaterThan(1 / 3)
  expect(share(decided, 'fail')).toBeGreaterThan(1 / 3)
}, 120_000)

test('the engine decides partial cases as the enumeration of assignments does', () => {
  verifies('X-01')
  const pairs = randomPairs({ seed: 12, count: 20_000, styles: ['strict', 'loose'] })
  const decided = pairs.map(({ spec, tree }) => decide(spec, tree, 'partial'))
  expect(smallest(pairs.filter((pair, at) => caseStatus(pair, KILLED) !== decided[at]))).toEqual([])
  for (const status of ['pass', 'fail', 'inconclusive'] as const) {
    expect(share(decided, status)).toBeGreaterThan(1 / 6)
  }
}, 120_000)

const ENDED: RunEvidence = { complete: true, reasons: [], lossyEnds: [] }
const KILLED: RunEvidence = {
  complete: false,
  reasons: [],
  lossyEnds: [
    {
      pid: 1,
      from: nanosOf(0n),
      to: nanosOf(2n ** 62n),
      reason: { code: 'crashed', pid: 1, command: 'app' },
      traceIds: [],
    },
  ],
}

function caseStatus({ spec, tree }: Pair, run: RunEvidence): Status | 'none' {
  const file = { spec, path: 'random.yaml', sha256: '', warnings: [] }
  const traces = [buildTrace(tree.spans)]
  const observation = {
    traces,
    run,
    losses: lossless,
    source: 'random',
    named: false,
    required: false,
  }
  const { items, total } = verify(file, observation).cases
  return total === 1 ? (items[0]?.status ?? 'none') : 'none'
}
