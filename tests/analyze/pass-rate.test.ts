import { expect, test } from 'vitest'
import { passAll, passRate } from '../../src/analyze/pass-rate.ts'
import { verifies } from '../verifies.ts'

// The bounds solve Wilson's equation: the rate that was seen lies just so many standard errors from them.
const Z = 1.959963984540054

test.for([
  [9, 10],
  [10, 10],
  [0, 10],
  [1, 1],
  [987, 1000],
  [50, 100],
] as const)('%i of %i passed lies just within its interval', ([passed, decided]) => {
  verifies('P-08')
  const { rate, low, high } = passRate(passed, decided)
  expect(rate).toBe(passed / decided)
  const errors = [low, high].map((bound) => {
    const p = bound ?? Number.NaN
    return Math.abs((rate ?? 0) - p) - Z * Math.sqrt((p * (1 - p)) / decided)
  })
  expect(errors.map((error) => Math.abs(error) < 1e-9)).toEqual([true, true])
  expect([(low ?? 2) <= (rate ?? 0), (high ?? -1) >= (rate ?? 0)]).toEqual([true, true])
})

test('nine of ten lies where the literature says', () => {
  const { low, high } = passRate(9, 10)
  expect([low, high]).toEqual([expect.closeTo(0.5958, 4), expect.closeTo(0.9821, 4)])
})

test('what was never decided has no rate', () => {
  expect(passRate(0, 0)).toEqual({ passed: 0, decided: 0, rate: null, low: null, high: null })
})

test.for([
  [1, 8, 10, 0.8],
  [2, 8, 10, 28 / 45],
  [3, 8, 10, 56 / 120],
  [8, 8, 10, 1 / 45],
  [9, 8, 10, 0],
  [11, 8, 10, null],
  [3, 10, 10, 1],
] as const)('%i times in a row all pass, of %i in %i: %s', ([k, passed, decided, likely]) => {
  verifies('P-08')
  const all = passAll(k, passRate(passed, decided))
  expect(all === null ? null : Number(all.toFixed(9))).toBe(
    likely === null ? null : Number(likely.toFixed(9)),
  )
})
