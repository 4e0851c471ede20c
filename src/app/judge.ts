import type { RunEvidence } from '../trace/evidence.ts'
import type { Losses } from '../trace/losses.ts'
import type { Trace } from '../trace/trace.ts'
import type { SpecName } from '../verify/outcome.ts'
import type { SpecResult } from '../verify/result.ts'
import { DEFAULT_LIMIT } from '../verify/shown.ts'
import { verify, verifyMember, type Member } from '../verify/verify.ts'
import type { Observation, SpecFile, VerifyOptions } from '../verify/observation.ts'
import type { SortedDurations } from '../verify/sorted-durations.ts'
import { holdsUnjudgedEntry } from './unjudged.ts'

/** Spans as traces, where they came from, and what is known of how their telemetry ended. */
export interface Capture {
  readonly traces: readonly Trace[]
  /** As the user names it, or the id of the run as `run:ID`. */
  readonly source: string
  /** Undefined when no run is known. */
  readonly run: RunEvidence | undefined
  /** What the form that the traces were read from cannot hold. */
  readonly losses: Losses
  /** What the source itself sorted of more traces than were read. */
  readonly sorted?: readonly SortedDurations[] | undefined
}

export interface Demands {
  /** The user named the specs. */
  readonly specsNamed: boolean
  /** The user named the capture. */
  readonly captureNamed: boolean
  /** `--require-all`. */
  readonly requireAll: boolean
  /** Names of specs that the last passing run of the same command exercised. */
  readonly exercisedBefore: readonly string[]
  /** How many findings and cases of each spec are shown; few when it is not given. */
  readonly limit?: number | undefined
}

export interface Judgement {
  readonly specs: readonly SpecResult[]
  /** Tried, and no case applies to them. */
  readonly notExercised: readonly SpecName[]
}

/** Judges a capture by every spec; a spec that no case applies to counts only where something requires it. */
export function judge(files: readonly SpecFile[], capture: Capture, demands: Demands): Judgement {
  const tried = files.map((file) => ({ file, result: ask(file, capture, demands) }))
  const judged = tried.map(({ file, result }) =>
    result.status === 'not_exercised' && holdsUnjudgedEntry(file, files, capture)
      ? ask(file, capture, { ...demands, requireAll: true })
      : result,
  )
  return {
    specs: judged.filter((result) => result.status !== 'not_exercised'),
    notExercised: judged
      .filter((result) => result.status === 'not_exercised')
      .map(({ spec: { name, path } }) => ({ name, path })),
  }
}

function ask(file: SpecFile, capture: Capture, demands: Demands): SpecResult {
  return verify(file, observationOf(file, capture, demands), optionsOf(demands))
}

/** Judges a capture as one of many by a spec, whose percentiles are left for all of them. */
export function judgeMember(file: SpecFile, capture: Capture, demands: Demands): Member {
  const asked = (own: Demands): Member =>
    verifyMember(file, observationOf(file, capture, own), optionsOf(own))
  const member = asked(demands)
  return member.result.status === 'not_exercised' && holdsUnjudgedEntry(file, [file], capture)
    ? asked({ ...demands, requireAll: true })
    : member
}

function optionsOf({ limit = DEFAULT_LIMIT }: Demands): VerifyOptions {
  return { limit }
}

function observationOf(file: SpecFile, capture: Capture, demands: Demands): Observation {
  return {
    traces: capture.traces,
    run: capture.run,
    losses: capture.losses,
    source: capture.source,
    sorted: capture.sorted,
    named: demands.specsNamed && demands.captureNamed,
    required: isRequired(file, demands),
  }
}

function isRequired({ spec }: SpecFile, demands: Demands): boolean {
  return (
    demands.specsNamed ||
    demands.requireAll ||
    spec.traces.min !== undefined ||
    demands.exercisedBefore.includes(spec.name)
  )
}
