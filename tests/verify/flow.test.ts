import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  compareVectors,
  leastCostFlow,
  plus,
  type Arc,
  type Vector,
} from '../../src/verify/flow.ts'

const NOTHING: Vector = [0, 0]

/** Suppliers with amounts, slots with capacities and a cost for each pair; what finds no slot costs the most. */
interface Task {
  readonly amounts: readonly number[]
  readonly slots: readonly number[]
  readonly costs: readonly (readonly Vector[])[]
}

function networkOf({ amounts, slots, costs }: Task): readonly Arc[] {
  const sink = amounts.length + slots.length + 1
  return [
    ...amounts.map((capacity, at) => ({ from: 0, to: at + 1, capacity, cost: NOTHING })),
    ...amounts.flatMap((capacity, at) =>
      slots.map((_, slot) => ({
        from: at + 1,
        to: amounts.length + 1 + slot,
        capacity,
        cost: costs[at]?.[slot] ?? NOTHING,
      })),
    ),
    ...amounts.map((capacity, at) => ({ from: at + 1, to: sink, capacity, cost: [100, 0] })),
    ...slots.map((capacity, slot) => ({
      from: amounts.length + 1 + slot,
      to: sink,
      capacity,
      cost: NOTHING,
    })),
  ]
}

function costOf(arcs: readonly Arc[], flow: readonly number[]): Vector {
  return arcs.reduce((sum, arc, at) => plus(sum, arc.cost, flow[at] ?? 0), NOTHING)
}

/** The least cost by trying every way of placing one unit after another. */
function bruteForce({ amounts, slots, costs }: Task): Vector {
  const units = amounts.flatMap((amount, at) => Array.from({ length: amount }, () => at))
  const place = (next: number, free: readonly number[]): Vector => {
    const unit = units[next]
    if (unit === undefined) return NOTHING
    const choices = free.flatMap((left, slot) => {
      if (left === 0) return []
      const rest = free.map((count, at) => (at === slot ? count - 1 : count))
      return [plus(costs[unit]?.[slot] ?? NOTHING, place(next + 1, rest))]
    })
    return (
      [...choices, plus([100, 0], place(next + 1, free))].toSorted(compareVectors)[0] ?? NOTHING
    )
  }
  return place(0, slots)
}

const task = fc
  .record({
    amounts: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
    slots: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
  })
  .chain(({ amounts, slots }) =>
    fc
      .array(
        fc.array(fc.tuple(fc.integer({ min: -2, max: 3 }), fc.integer({ min: 0, max: 3 })), {
          minLength: slots.length,
          maxLength: slots.length,
        }),
        { minLength: amounts.length, maxLength: amounts.length },
      )
      .map((costs): Task => ({ amounts, slots, costs })),
  )

test('the flow costs as little as the best of all ways to place the units', () => {
  fc.assert(
    fc.property(task, (drawn) => {
      const arcs = networkOf(drawn)
      const flow = leastCostFlow(drawn.amounts.length + drawn.slots.length + 2, arcs)
      expect(costOf(arcs, flow)).toEqual(bruteForce(drawn))
    }),
    { numRuns: 500, seed: 7 },
  )
})

test('parts of a cost are compared one after the other, never added up', () => {
  expect(compareVectors([0, 1000], [1, 0])).toBeLessThan(0)
  expect(compareVectors([1, 2], [1, 2])).toBe(0)
})
