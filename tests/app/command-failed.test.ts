import { expect, test } from 'vitest'
import { commandFailed } from '../../src/app/command-failed.ts'
import type { DriveFacts, ServerFacts } from '../../src/trace/drive.ts'

const done: DriveFacts = { kind: 'command', drive: 'a', duration_ms: 1, exit_code: 0, signal: null }
const failed: DriveFacts = { ...done, exit_code: 1 }
const answered: DriveFacts = {
  kind: 'request',
  drive: 'b',
  duration_ms: 1,
  status: 500,
  error: null,
}
const unanswered: DriveFacts = { ...answered, status: null, error: 'socket hang up' }

const served: ServerFacts = {
  ready_ms: 1,
  drives: [done, answered],
  asked_drives: 2,
  stopped: true,
}
const byItself = { ...served, stopped: false }

interface Case {
  readonly what: string
  readonly server: ServerFacts | undefined
  readonly exitCode?: number
  readonly signal?: string
  readonly timedOut?: boolean
  readonly expectExit?: number | 'any'
  readonly code: string | undefined
}

test.for<Case>([
  { what: 'a signal that we sent', server: served, signal: 'SIGTERM', code: undefined },
  { what: 'a kill of ours', server: served, signal: 'SIGKILL', code: undefined },
  { what: 'a code after our signal', server: served, exitCode: 143, code: undefined },
  { what: 'an end by itself as asked', server: byItself, exitCode: 0, code: undefined },
  { what: 'a wrong end by itself', server: byItself, exitCode: 1, code: 'command_failed' },
  { what: 'a signal by itself', server: byItself, signal: 'SIGTERM', code: 'command_failed' },
  {
    what: 'a wrong end that explains a failed drive',
    server: { ...byItself, drives: [unanswered] },
    exitCode: 1,
    code: 'command_failed',
  },
  {
    what: 'a failed drive after an end that is allowed',
    server: { ...byItself, drives: [unanswered] },
    exitCode: 1,
    expectExit: 'any',
    code: 'drive_failed',
  },
  {
    what: 'a drive that exited with 1',
    server: { ...served, drives: [failed] },
    code: 'drive_failed',
  },
  {
    what: 'a drive that was ended by a signal',
    server: { ...served, drives: [{ ...done, exit_code: null, signal: 'SIGKILL' }] },
    code: 'drive_failed',
  },
  {
    what: 'an end before all was driven',
    server: { ...byItself, drives: [done] },
    exitCode: 0,
    code: 'ended_before_driven',
  },
  {
    what: 'an end before it was ready',
    server: { ...byItself, ready_ms: null, drives: [] },
    exitCode: 0,
    expectExit: 'any',
    code: 'ended_before_ready',
  },
  {
    what: 'our time limit',
    server: { ...byItself, ready_ms: null, drives: [] },
    signal: 'SIGTERM',
    timedOut: true,
    code: undefined,
  },
  {
    what: 'a wrong end of what serves nobody',
    server: undefined,
    exitCode: 1,
    code: 'command_failed',
  },
])('$what: $code', ({ exitCode, signal, timedOut = false, server, expectExit = 0, code }) => {
  expect(commandFailed({ exitCode, signal, timedOut, server }, expectExit)?.code).toBe(code)
})
