import type { EvidenceReason } from '../trace/evidence.ts'
import type { SpecFile } from './observation.ts'
import { judgePercentiles, type Observed } from './percentiles.ts'
import { planOf } from './plan.ts'
import type { Check, Finding } from './result.ts'

/** One percentile over many captures. */
export interface PercentileResult {
  /** Of the expectation that is meant. */
  readonly label: string
  readonly check: Check
  /** Null when it holds. */
  readonly finding: Finding | null
}

export interface OverMembers {
  /** Of each percentile of the spec, from all members. */
  readonly observed: readonly (readonly Observed[])[]
  /** Whether all that there is was judged, and what was left out. */
  readonly further: { readonly isOver: boolean; readonly reasons: readonly EvidenceReason[] }
}

/** Judges the percentiles of a spec over many captures that were each judged alone. */
export function verifyOverMembers(
  { spec }: SpecFile,
  { observed, further }: OverMembers,
): readonly PercentileResult[] {
  const judged = judgePercentiles(planOf(spec), { observed, further, sorted: [] })
  return judged.map(({ node, check, draft }) => ({
    label: node.expectation.label,
    check,
    finding: draft?.make() ?? null,
  }))
}
