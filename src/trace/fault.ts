/** Everything that the world can do wrong, by name. Each code is explained in one place and produced by a test. */
export type FaultCode =
  | 'USAGE'
  | 'SPEC_INVALID'
  | 'SPEC_NOT_FOUND'
  | 'PATH_OUTSIDE'
  | 'FILE_UNREADABLE'
  | 'FILE_EXISTS'
  | 'TRACE_INVALID'
  | 'TRACE_NOT_FOUND'
  | 'SESSION_NOT_FOUND'
  | 'TOO_LARGE'
  | 'STORE_UNAVAILABLE'
  | 'STORE_FULL'
  | 'COMMAND_NOT_STARTED'
  | 'COMMAND_NOT_READY'
  | 'RECEIVER_UNAVAILABLE'
  | 'SOURCE_UNAVAILABLE'
  | 'SOURCE_REFUSED'
  | 'SOURCE_INVALID'
  | 'NOT_TRUSTED'
  | 'PACKAGE_MISSING'
  | 'UNSUPPORTED'

export interface FaultDetails {
  /** What to do next, as one sentence or one command. */
  readonly hint?: string
  readonly cause?: unknown
}

/** The world is wrong: thrown where it is noticed, caught only at the doors. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly hint: string | undefined

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Fault'
    this.code = code
    this.hint = details.hint
  }
}
