import { expect, test } from 'vitest'
import { renderAgent } from '../../src/report/agent.ts'
import { resultOf } from '../../src/report/json.ts'
import { undecidedAgain, undecidedSentence } from '../../src/report/wording/undecided.ts'
import { verifies } from '../verifies.ts'
import { all, failed, failingSpec } from './checkout.ts'
import { everyFinding, everyReason } from './every-code.ts'

const open = everyFinding.undecided
const ofSpec = { ...open, expectation: null }

test.for([
  [{ ...open, check: 'count.min' }, 'Whether `inventory.reserve` occurs often enough'],
  [{ ...open, check: 'count.max' }, 'Whether `inventory.reserve` occurs too often'],
  [{ ...open, check: 'count.min, count.max' }, 'How often `inventory.reserve` occurs'],
  [{ ...open, check: 'status' }, 'Whether every `inventory.reserve` meets `status`'],
  [
    { ...open, check: 'count.min, required_tags.http.route' },
    'Whether `inventory.reserve` occurs often enough, and whether every one meets `required_tags.http.route`,',
  ],
  [{ ...ofSpec, check: 'traces' }, 'Whether there were further cases, and how they went,'],
  [{ ...ofSpec, check: 'traces.min' }, 'Whether there were enough cases'],
  [{ ...ofSpec, check: 'traces.max' }, 'Whether there were too many cases'],
  [
    { ...ofSpec, check: 'forbidden_spans', label: 'SELECT *' },
    'Whether the forbidden `SELECT *` occurred',
  ],
  [{ ...ofSpec, check: 'error_conditions', label: 'errors' }, 'Whether an error happened'],
  [
    { ...ofSpec, check: 'error_conditions', label: 'payment.authorize' },
    'Whether `payment.authorize` showed its error',
  ],
  [{ ...ofSpec, check: 'unexpected_spans' }, 'Whether there were unexpected spans'],
  [
    { ...ofSpec, check: 'performance_constraints.max_total_duration_ms' },
    'How long the whole case took',
  ],
  [{ ...ofSpec, check: 'something.new' }, 'The check `something.new`'],
] as const)('an open check is put as a question: %#', ([finding, question]) => {
  verifies('X-01')
  expect(undecidedAgain(finding)).toBe(`${question} is open for the same reason.`)
})

test('an open check says why, at most three reasons, and the first thing to do', () => {
  const reasons = [
    everyReason.crashed,
    everyReason.spans_waiting_at_exit,
    everyReason.hole,
    everyReason.crashed,
  ]
  expect(undecidedSentence({ ...open, reasons })).toBe(
    [
      'Whether `inventory.reserve` occurs often enough is open.',
      'Process 4711 (`node pay.js`) crashed, so spans that it had not yet sent are lost.',
      'Process 4711 (`node pay.js`) exited with 3 finished spans still waiting to be sent.',
      'The call `POST inventory` has no span of the process that it called, so what hangs below it may be lost.',
      '1 more such reason.',
      'Repair the crash, or await `provider.forceFlush()` in an `uncaughtException` handler.',
    ].join(' '),
  )
})

test('reasons that stand above are not told again', () => {
  const findings = all([open, { ...open, check: 'count.max' }])
  const report = renderAgent(resultOf({ ...failed, specs: [{ ...failingSpec, findings }] }))
  const lines = report.split('\n').filter((line) => line.startsWith('open: '))
  expect(lines.map((line) => line.includes('SIGKILL'))).toEqual([true, false])
})
