import type { Asked } from '../verify/outcome.ts'
import type { Io } from './io.ts'

/** One call of the program: what it was asked for, as far as that is known, and how it will end. */
export interface Invocation {
  readonly io: Io
  readonly version: string
  asked: Asked
  exitCode: number
}

export const nothingAsked: Asked = {
  traces: [],
  specs: [],
  common_options: [],
  run_options: [],
}
