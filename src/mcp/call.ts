import type { Wire } from '../wire.ts'
import type { Runs } from './runs.ts'
import type { RequestTrace } from './request-trace.ts'

/** What one tool call works with. */
export interface Call {
  /** Of tracespec. */
  readonly version: string
  /** Opens the project when it is needed; relative paths begin at `cwd`, which is the project's folder when not given. */
  readonly open: (at?: WorkPlace) => Promise<Wire>
  readonly policy: Policy
  /** The commands of this server. */
  readonly runs: Runs
  /** What the call belongs to, for what it starts. */
  readonly trace: RequestTrace
  /** Aborted when the client cancels the call or goes away. */
  readonly signal: AbortSignal
  /** Says how far it is; dropped when nobody asked for it. */
  readonly progress: (message: string) => void
}

export interface WorkPlace {
  /** Relative to the project. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** What the server's own command line allows. */
export interface Policy {
  readonly readOnly: boolean
  /** Patterns of commands; undefined allows every command. */
  readonly allowCommands: readonly string[] | undefined
}
