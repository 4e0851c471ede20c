import type { Expectation, Spec } from '../../src/spec/spec.ts'
import type { Assignment } from './assignments.ts'
import { assignments } from './assignments.ts'
import type { Candidate, Place, SmallCase, SmallTree } from './tree.ts'
import { candidatesAt, failedConditions, spanAt } from './tree.ts'

/** Compared part by part, in this order. */
export interface Cost {
  readonly missing: number
  readonly excess: number
  readonly failedConditions: number
}

const FREE: Cost = { missing: 0, excess: 0, failedConditions: 0 }

/** The least cost of a case, by enumeration: of each list, only assignments that leave over the fewest are considered. */
export function leastCost(spec: Spec, tree: SmallTree): Cost {
  return leastCostAt({ spec, tree }, spec.expected, 'case')
}

function leastCostAt(of: SmallCase, list: readonly Expectation[], place: Place): Cost {
  const candidates = candidatesAt(of, list, place)
  const max = list.map((expectation) => expectation.count.max)
  const all = [...assignments(candidates, max)]
  const fewest = Math.min(...all.map(leftOver))
  const costs = all
    .filter((assignment) => leftOver(assignment) === fewest)
    .map((assignment) => costOf(of, list, candidates, assignment))
  return costs.reduce((least, cost) => (compare(cost, least) < 0 ? cost : least))
}

function costOf(
  of: SmallCase,
  list: readonly Expectation[],
  candidates: readonly Candidate[],
  assignment: Assignment,
): Cost {
  const absent = list.map((expectation, position) => {
    const bound = assignment.filter((each) => each === position).length
    return Math.max(0, expectation.count.min - bound) * (1 + requiredBelow(expectation))
  })
  const bound = candidates.map((candidate, at) => {
    const position = assignment[at]
    const expectation = typeof position === 'number' ? list[position] : undefined
    return expectation === undefined ? FREE : boundCost(of, expectation, candidate.span)
  })
  const here = { missing: sum(absent), excess: leftOver(assignment), failedConditions: 0 }
  return bound.reduce(add, here)
}

function boundCost(of: SmallCase, expectation: Expectation, span: number): Cost {
  const failed = failedConditions(expectation, spanAt(of.tree, span))
  const below = leastCostAt(of, expectation.children, span)
  return add(below, { ...FREE, failedConditions: failed })
}

function requiredBelow(expectation: Expectation): number {
  return sum(expectation.children.map((child) => child.count.min * (1 + requiredBelow(child))))
}

function leftOver(assignment: Assignment): number {
  return assignment.filter((each) => each === 'left').length
}

function add(one: Cost, other: Cost): Cost {
  return {
    missing: one.missing + other.missing,
    excess: one.excess + other.excess,
    failedConditions: one.failedConditions + other.failedConditions,
  }
}

function compare(one: Cost, other: Cost): number {
  if (one.missing !== other.missing) return one.missing - other.missing
  if (one.excess !== other.excess) return one.excess - other.excess
  return one.failedConditions - other.failedConditions
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
