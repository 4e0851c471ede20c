import type { Result } from '../verify/outcome.ts'
import type { Kept } from './program-output.ts'

/** The arguments of `execute_and_capture`. */
export interface ExecuteInput {
  readonly command: string
  readonly args?: readonly string[] | undefined
  readonly spec?: string | undefined
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly timeout_ms?: number | undefined
  /** The call is answered after this time, with a handle when the command still runs. */
  readonly wait_ms?: number | undefined
  /** For a command that serves. */
  readonly ready?:
    | {
        readonly url?: string | undefined
        readonly log?: string | undefined
        readonly timeout_ms?: number | undefined
      }
    | undefined
  readonly drive?: readonly string[] | undefined
  readonly expect_exit?: number | undefined
  readonly shell?: boolean | undefined
  readonly limit?: number | undefined
  readonly output_lines?: number | undefined
  readonly session_id?: string | undefined
}

/** What came of a run. */
export interface Executed {
  readonly result: Result
  readonly stdout: Kept
  readonly stderr: Kept
  /** Values that must not be told. */
  readonly secrets: readonly string[]
}
