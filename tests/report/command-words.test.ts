import { expect, test } from 'vitest'
import {
  commandSentence,
  serverSentences,
  servingSentence,
} from '../../src/report/wording/command.ts'
import type { DriveFacts, ServerFacts, ServingEvent } from '../../src/trace/drive.ts'
import type { CommandFailed } from '../../src/verify/outcome.ts'

const ran: DriveFacts = {
  kind: 'command',
  drive: 'npm run drive',
  duration_ms: 1234,
  exit_code: 0,
  signal: null,
}
const request: DriveFacts = {
  kind: 'request',
  drive: 'GET http://127.0.0.1:3000/`\u001b[2J',
  duration_ms: 12,
  status: 500,
  error: null,
}
const drives: readonly DriveFacts[] = [
  ran,
  { ...ran, exit_code: 2 },
  { ...ran, exit_code: null, signal: 'SIGKILL' },
  request,
  { ...request, status: null, error: 'connect ECONNREFUSED 127.0.0.1:3000' },
]
const end = { exit_code: 1, signal: null }

const failures: readonly CommandFailed[] = [
  { code: 'command_failed', ...end, expected: 0 },
  { code: 'command_failed', exit_code: null, signal: 'SIGSEGV', expected: 0 },
  { code: 'ended_before_ready', ...end },
  { code: 'ended_before_driven', ...end, begun: 0, asked: 1 },
  { code: 'ended_before_driven', ...end, begun: 1, asked: 2 },
  ...drives.map((drive): CommandFailed => ({ code: 'drive_failed', drive })),
]
const served: ServerFacts = { ready_ms: 51.2, drives, asked_drives: drives.length, stopped: true }
const events: readonly ServingEvent[] = [
  { kind: 'ready', after_ms: 51.2 },
  { kind: 'driven', facts: ran },
  { kind: 'stopping', quiet: true },
  { kind: 'stopping', quiet: false },
]

test('every end of a command, every drive and every event has its words', async () => {
  const lines = [
    ...failures.map((failed) => `${failed.code} | ${commandSentence(failed)}`),
    ...serverSentences(served).map((line) => `server | ${line}`),
    ...serverSentences({ ...served, ready_ms: null, drives: [], stopped: false }).map(
      (line) => `server | ${line}`,
    ),
    ...events.map((event) => `${event.kind} | ${servingSentence(event)}`),
  ]
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/words/command.txt')
})
