import type { RunEvidence } from './evidence.ts'
import type { TraceId } from './ids.ts'
import type { CountedAnswer, TraceQuery } from './query.ts'
import type { Span } from './span.ts'
import type { Nanos } from './time.ts'

export type Signal = 'traces' | 'logs' | 'metrics'

/** What became of one export request: all that is not rejected is committed. */
export interface Accepted {
  /** Spans, log records or data points that are now kept. */
  readonly stored: number
  readonly rejected: number
  readonly message: string
}

/** Where a receiver puts what arrives; settles only after the commit. The bytes may be read until then. */
export interface TelemetrySink {
  write(signal: Signal, protobuf: Uint8Array, runId: string | null): Promise<Accepted>
}

/** What became of what was passed on. */
export interface ForwardFacts {
  readonly target: string
  readonly sent: number
  /** Not taken by the target for good, or never sent. */
  readonly lost: number
  /** The last reason; undefined while there was none. */
  readonly problem: string | undefined
}

export interface RunRecord {
  readonly id: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly startedAt: Nanos
  readonly endedAt: Nanos | undefined
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly evidence: RunEvidence | undefined
  /** `pass`, `fail` ...; undefined while it runs. */
  readonly status: string | undefined
  /** Spec names that a case applied to in this run. */
  readonly exercised: readonly string[]
  /** The whole result document as JSON text. */
  readonly resultJson: string | undefined
}

export interface RunEnd {
  readonly endedAt: Nanos
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly evidence: RunEvidence
  readonly status: string
  readonly exercised: readonly string[]
  readonly resultJson: string
}

export interface TelemetryCounts {
  readonly spans: number
  readonly traces: number
}

/** Where the runs of a project are kept; several processes may have it open. */
export interface RunStore extends TelemetrySink {
  begin(run: {
    readonly id: string
    readonly command: readonly string[]
    readonly cwd: string
    readonly startedAt: Nanos
  }): Promise<void>
  finish(id: string, end: RunEnd): Promise<void>
  run(id: string): Promise<RunRecord | undefined>
  /** Newest first. */
  runs(limit: number): Promise<readonly RunRecord[]>
  /** The newest finished run of the same command and folder with status `pass`. */
  lastPassing(command: readonly string[], cwd: string): Promise<RunRecord | undefined>
  /** How many spans and traces have arrived for a run so far. */
  counts(runId: string): Promise<TelemetryCounts>
  spansOfRun(runId: string): Promise<readonly Span[]>
  /** As this run saw it, or with null what came outside of runs; as the newest that has it when none is given. */
  spansOfTrace(traceId: TraceId, runId?: string | null): Promise<readonly Span[]>
  /** The runs that have a trace, newest first; null for what came outside of runs. */
  runsOfTrace(traceId: TraceId): Promise<readonly (string | null)[]>
  search(query: TraceQuery): Promise<CountedAnswer>
}

/** A goal that is worked on run by run. */
export interface SessionRecord {
  readonly id: string
  readonly goal: string | undefined
  /** What its runs are judged by when they name no spec; empty for all of the project. */
  readonly specs: readonly string[]
  /** The project's folder when it began. */
  readonly project: string
  readonly startedAt: Nanos
  readonly endedAt: Nanos | undefined
}

/** The state that the program's files were in when a run began, as its repository tells it. */
export interface CodeState {
  /** Undefined before the first commit. */
  readonly commit: string | undefined
  /** The first changed files, as paths in the repository. */
  readonly dirty: readonly string[]
  readonly dirtyTotal: number
  /** Equal for equal commits and contents of changed files; undefined when too much is changed to tell. */
  readonly digest: string | undefined
}

/** What a spec made of a run. */
export interface SpecVerdict {
  readonly name: string
  readonly path: string
  readonly sha256: string
  readonly status: string
}

/** One check in one run. `spec`, `subject` and `condition` name it alike in every run, whatever else changes in the spec. */
export interface CheckVerdict {
  /** The spec's name; empty for what is asked of the command itself. */
  readonly spec: string
  /** The expectation or the rule; empty for the spec as a whole. */
  readonly subject: string
  readonly condition: string
  readonly state: 'pass' | 'fail' | 'open'
  readonly label: string
  /** `file:line:col`; empty for the command. */
  readonly at: string
}

/** One run of a session. */
export interface NewIteration {
  readonly runId: string
  readonly command: readonly string[]
  readonly cwd: string
  /** The options that the same run needs again. */
  readonly options: readonly string[]
  /** Undefined where there is no repository. */
  readonly code: CodeState | undefined
  readonly status: string
  readonly specs: readonly SpecVerdict[]
  readonly checks: readonly CheckVerdict[]
  readonly startedAt: Nanos
  readonly durationMs: number
}

export interface IterationRecord extends NewIteration {
  /** Counts from 1. */
  readonly ordinal: number
  /** Of the report that the run was answered with; undefined when that is not known. */
  readonly tokens: number | undefined
}

/** A session that begins. */
export interface NewSession extends Omit<SessionRecord, 'endedAt'> {
  /** A session that was open ends at this start. */
  readonly endsOpen: boolean
}

/** Where the sessions of a project are kept; at most one is open. */
export interface SessionStore {
  /** Answers the session that is open from now on: this one, or one that was open before. */
  startSession(session: NewSession): Promise<SessionRecord>
  endSession(id: string, endedAt: Nanos): Promise<void>
  openSession(): Promise<SessionRecord | undefined>
  session(id: string): Promise<SessionRecord | undefined>
  /** Newest first. */
  sessions(limit: number): Promise<readonly SessionRecord[]>
  /** Answers its ordinal. */
  addIteration(sessionId: string, iteration: NewIteration): Promise<number>
  /** The newest, in the order of their ordinals. */
  iterations(sessionId: string, limit: number): Promise<readonly IterationRecord[]>
  setTokens(runId: string, tokens: number): Promise<void>
}

/** How a version of a spec was first seen; `found` in the place of what a tool was about to write. */
export type SpecOrigin = 'run' | 'check' | 'define' | 'update' | 'found'

/** One text that a spec file has had. */
export interface SpecVersion {
  /** Relative to the project. */
  readonly path: string
  /** The spec's own name in this text. */
  readonly name: string
  readonly sha256: string
  readonly text: string
  readonly firstSeen: Nanos
  readonly origin: SpecOrigin
}

/** Where the versions of specs are kept, a bounded number of each. */
export interface SpecVersions {
  /** Keeps those whose digest is new for their path, the last as the newest. */
  keepSpecs(versions: readonly SpecVersion[]): Promise<void>
  /** Newest first. */
  specVersions(path: string): Promise<readonly SpecVersion[]>
  /** The path that was kept last of those that are this path or had this name. */
  keptSpecPath(pathOrName: string): Promise<string | undefined>
}
