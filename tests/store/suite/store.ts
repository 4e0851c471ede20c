import { describe } from 'vitest'
import type { OpenTemporary } from './open.ts'
import { describeRuns } from './runs.ts'
import { describeSearch } from './search.ts'
import { describeSessions } from './sessions.ts'
import { describeSpans } from './spans.ts'
import { describeSpecVersions } from './spec-versions.ts'

const parts: readonly (readonly [string, (open: OpenTemporary) => void])[] = [
  ['spans', describeSpans],
  ['runs', describeRuns],
  ['search', describeSearch],
  ['sessions', describeSessions],
  ['versions of specs', describeSpecVersions],
]

/** What every store does, whatever keeps it. */
export function describeStore(open: OpenTemporary): void {
  describe.each(parts)('%s', (_, describePart) => {
    describePart(open)
  })
}
