import type { Bounded, SpanRef } from './result.ts'

/** A span that came to a backend otherwise than it was sent; `changes` are its fields, as `attributes.http.route`. */
export interface ChangedSpan {
  readonly span: SpanRef
  readonly changes: readonly string[]
}

/** What the user's own pipeline made of the spans of a run. */
export interface Delivery {
  /** The backend that was asked, as the user names it. */
  readonly source: string
  /** `fail` when spans are lost or changed; `inconclusive` when the backend could not be asked for all, or gave a part. */
  readonly status: 'pass' | 'fail' | 'inconclusive'
  readonly sent: number
  readonly arrived: number
  /** Until everything was there, or the time was up. */
  readonly waited_ms: number
  readonly lost: Bounded<SpanRef>
  readonly changed: Bounded<ChangedSpan>
  /** There, but not yet at the first time of asking. */
  readonly late: Bounded<SpanRef>
  /** Traces of the run that were not asked for, since there are so many. */
  readonly traces_left_out: number
  /** Why what is missing may be there all the same: the backend could not be asked at last, or gave a part. */
  readonly problem: string | null
}
