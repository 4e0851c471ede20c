import type { Candidate } from './tree.ts'

/** One way to serve a list: per candidate the position of its expectation, or 'left' when it is left over. */
export type Assignment = readonly (number | 'left')[]

/** Every assignment of the candidates of a list in which no expectation takes more than `max` of them. */
export function* assignments(
  candidates: readonly Candidate[],
  max: readonly number[],
  chosen: Assignment = [],
): Generator<Assignment> {
  const candidate = candidates[chosen.length]
  if (candidate === undefined) {
    yield chosen
    return
  }
  for (const position of candidate.open) {
    const taken = chosen.filter((each) => each === position).length
    if (taken < (max[position] ?? 0)) yield* assignments(candidates, max, [...chosen, position])
  }
  yield* assignments(candidates, max, [...chosen, 'left'])
}
