import type { Status } from './result.ts'

/** A predicate on captured data: `unknown` where what it reads was dropped before it arrived, or lost in the form it was read from. */
export type Tri = 'yes' | 'no' | 'unknown'

export function and(a: Tri, b: Tri): Tri {
  if (a === 'no' || b === 'no') return 'no'
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'yes'
}

export function or(a: Tri, b: Tri): Tri {
  return not(and(not(a), not(b)))
}

export function not(answer: Tri): Tri {
  switch (answer) {
    case 'yes':
      return 'no'
    case 'no':
      return 'yes'
    case 'unknown':
      return 'unknown'
  }
}

/** What all answers say, of which there is one at least; `unknown` when they differ. */
export function agreed(answers: Iterable<Tri>): Tri {
  let result: Tri | undefined
  for (const answer of answers) {
    if (result !== undefined && answer !== result) return 'unknown'
    result = answer
  }
  return result ?? 'unknown'
}

export function surely(answer: boolean): Tri {
  return answer ? 'yes' : 'no'
}

const RANK: Readonly<Record<Status, number>> = { fail: 0, inconclusive: 1, pass: 2 }

/** The worst of the parts; `pass` of none. */
export function worst(parts: Iterable<Status>): Status {
  let result: Status = 'pass'
  for (const part of parts) if (RANK[part] < RANK[result]) result = part
  return result
}

/** The best of the parts; `fail` of none. */
export function best(parts: Iterable<Status>): Status {
  let result: Status = 'fail'
  for (const part of parts) if (RANK[part] > RANK[result]) result = part
  return result
}

/** The status of a claim that something is absent: refuted by what was seen, open while more may come. */
export function seenOrOpen(seen: boolean, open: boolean): Status {
  if (seen) return 'fail'
  return open ? 'inconclusive' : 'pass'
}
