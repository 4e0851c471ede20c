import type { Status } from './result.ts'

/** A predicate on captured data: `unknown` where what it reads was dropped before it arrived. */
export type Tri = 'yes' | 'no' | 'unknown'

export function and(a: Tri, b: Tri): Tri {
  if (a === 'no' || b === 'no') return 'no'
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'yes'
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
