import type { Spec, SpecIssue } from '../spec/spec.ts'
import type { RunEvidence } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import type { Trace } from '../trace/trace.ts'
import type { SortedDurations } from './sorted-durations.ts'

/** A spec that can be used, and where it came from. */
export interface SpecFile {
  readonly spec: Spec
  readonly path: string
  readonly sha256: string
  readonly warnings: readonly SpecIssue[]
}

/** What was seen, and what is known of how it came. */
export interface Observation {
  readonly traces: readonly Trace[]
  /** Undefined when no run is known: then evidence is structural. */
  readonly run: RunEvidence | undefined
  /** What the form that the traces were read from cannot hold. */
  readonly losses: Losses
  /** As the user names it. */
  readonly source: string
  /** What the source itself sorted of more traces than were read. */
  readonly sorted?: readonly SortedDurations[] | undefined
  /** The user named the traces and the spec: they are always judged. */
  readonly named: boolean
  /** That no case applies is a failure. */
  readonly required: boolean
}

export interface VerifyOptions {
  /** How many findings and cases are shown. */
  readonly limit: number
}
