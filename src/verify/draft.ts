import type { SourceRange } from '../spec/spec.ts'
import { firstDifference } from '../trace/order.ts'
import type { SpanIndex } from '../trace/trace.ts'
import type { JudgedCase } from './judged-case.ts'
import type { Plan } from './plan.ts'
import type { Finding, SpanRef } from './result.ts'
import { spanRef } from './shown.ts'
import { spanAt } from './span-at.ts'

/** A finding that is put into facts only when it is shown: looking for the nearest span costs time. */
export interface Draft {
  readonly status: Finding['status']
  readonly code: Finding['code']
  /** Set when it is about a time that was too long. */
  readonly isSlow?: boolean
  /** The checks that are open, as `Finding.check` names them. */
  readonly open?: string
  readonly at: SourceRange
  readonly case: number | null
  readonly make: () => Finding
}

export interface FindingContext {
  readonly plan: Plan
  readonly judged: JudgedCase
  readonly index: number
  /** How many spans a finding names. */
  readonly refs: number
}

/** Worst first, then in the order of the spec, of the cases and of what was drafted. */
export function inOrder(drafts: readonly Draft[]): readonly Draft[] {
  return drafts.toSorted((a, b) =>
    firstDifference(
      RANK[a.status] - RANK[b.status],
      a.at.line - b.at.line,
      a.at.column - b.at.column,
      (a.case ?? -1) - (b.case ?? -1),
    ),
  )
}

const RANK: Readonly<Record<Finding['status'], number>> = { fail: 0, inconclusive: 1, info: 2 }

export function refAt({ one }: JudgedCase, index: SpanIndex | undefined): SpanRef | null {
  return index === undefined || index === -1 ? null : spanRef(spanAt(one.trace, index))
}
