import type { Worded } from '../verify/outcome.ts'
import type { Finding } from '../verify/result.ts'
import { undecidedAgain } from './wording/undecided.ts'

/** The sentences of a list of findings, in its order; what is open for reasons that stand above does not repeat them. */
export function messagesOf(findings: readonly Worded<Finding>[]): readonly string[] {
  const told = new Set<string>()
  return findings.map((finding) => {
    if (finding.code !== 'undecided' || finding.reasons.length === 0) return finding.message
    const reasons = JSON.stringify(finding.reasons)
    if (told.has(reasons)) return undecidedAgain(finding)
    told.add(reasons)
    return finding.message
  })
}
