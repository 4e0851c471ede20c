import { expect, test } from 'vitest'
import { exitCodeOf, statusOf, type Outcome } from '../../src/verify/outcome.ts'
import { verifies } from '../verifies.ts'
import { all, failed, failingSpec, passed, passingSpec } from './checkout.ts'
import { outcomeNamed } from './outcomes.ts'

const open = { ...passingSpec, status: 'inconclusive' as const }
const error = { code: 'USAGE' as const, message: 'no command', hint: null }
const commandFailed = { code: 'command_failed' as const, exit_code: 1, signal: null, expected: 0 }
const nothing = { spans: 0, traces: 0, services: all([]), roots: all([]) }

const rows: readonly (readonly [string, Outcome, string, number])[] = [
  ['specs that pass', passed, 'pass', 0],
  ['a spec that fails', failed, 'fail', 1],
  ['a failing and an open spec', { ...failed, specs: [open, failingSpec] }, 'fail', 1],
  ['an open and a passing spec', { ...passed, specs: [passingSpec, open] }, 'inconclusive', 3],
  ['a failed command', { ...passed, command_failed: commandFailed }, 'fail', 1],
  [
    'a failed command without specs',
    { ...passed, specs: [], command_failed: commandFailed },
    'fail',
    1,
  ],
  ['no specs', { ...passed, specs: [] }, 'nothing_to_check', 4],
  ['no spans', { ...passed, captured: nothing }, 'inconclusive', 3],
  ['no spans and no specs', { ...passed, captured: nothing, specs: [] }, 'inconclusive', 3],
  ['an error', { ...passed, error }, 'error', 2],
  ['an error beside a failure', { ...failed, error }, 'error', 2],
  ['an interrupt beside all else', { ...failed, error, interrupted: true }, 'interrupted', 130],
]

test.for(rows)('%s', ([, outcome, status, code]) => {
  expect({ status: statusOf(outcome), code: exitCodeOf(outcome) }).toEqual({ status, code })
})

test('a run that the time limit ended never passes', () => {
  verifies('X-01')
  expect(exitCodeOf(outcomeNamed('inconclusive-by-time-limit'))).toBe(3)
})
