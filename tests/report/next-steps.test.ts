import { expect, test } from 'vitest'
import { nextStepsOf } from '../../src/report/next-steps.ts'
import type { Outcome } from '../../src/verify/outcome.ts'
import { all, failed, failingSpec, passed } from './checkout.ts'
import { everyFinding } from './every-code.ts'
import { outcomeNamed } from './outcomes.ts'
import { TRACE_ID } from './spans.ts'

const { asked } = failed
const fromFile: Outcome = { ...failed, run: null, asked: { ...asked, traces: ['t.json'] } }
const error = (code: 'SPEC_INVALID' | 'SPEC_NOT_FOUND' | 'TRACE_NOT_FOUND' | 'USAGE'): Outcome => ({
  ...failed,
  run: null,
  specs: [],
  error: { code, message: 'it is wrong', hint: null },
})

const SHOW = `tracespec show trace:${TRACE_ID} --spec checkout_flow --span 0000000000000003`

const rows: readonly (readonly [string, Outcome, readonly string[]])[] = [
  ['a pass needs none', passed, []],
  [
    'a failed run is seen, run again and checked again',
    failed,
    [
      SHOW,
      'tracespec run --spec checkout_flow -- npm test',
      'tracespec check run:r7k2 --spec checkout_flow',
    ],
  ],
  [
    'what the user wrote is repeated',
    {
      ...failed,
      asked: {
        traces: [],
        specs: ['specs/a b.yaml'],
        common_options: ['--project', 'shop'],
        run_options: ['--expect-exit', 'any'],
      },
    },
    [
      `tracespec show --project shop trace:${TRACE_ID} --spec 'specs/a b.yaml' --span 0000000000000003`,
      `tracespec run --project shop --expect-exit any --spec 'specs/a b.yaml' -- npm test`,
      `tracespec check --project shop run:r7k2 --spec 'specs/a b.yaml'`,
    ],
  ],
  [
    'a file is shown and checked again',
    fromFile,
    [
      'tracespec show t.json --spec checkout_flow --span 0000000000000003',
      'tracespec check t.json --spec checkout_flow',
    ],
  ],
  [
    'a kept run is shown by the id of its trace',
    { ...fromFile, asked: { ...asked, traces: ['last'] } },
    [SHOW, 'tracespec check last --spec checkout_flow'],
  ],
  [
    'of several files only the named one can be shown',
    { ...fromFile, asked: { ...asked, traces: ['a.json', 'b.json'] } },
    ['tracespec check a.json b.json --spec checkout_flow'],
  ],
  ['standard input is gone', { ...fromFile, asked: { ...asked, traces: ['-'] } }, []],
  [
    'a finding without a span shows its case',
    {
      ...failed,
      specs: [{ ...failingSpec, findings: all([everyFinding.total_duration_exceeded]) }],
    },
    [
      `tracespec show trace:${TRACE_ID} --spec checkout_flow`,
      'tracespec run --spec checkout_flow -- npm test',
      'tracespec check run:r7k2 --spec checkout_flow',
    ],
  ],
  ['a failed command is run again', outcomeNamed('command-failed'), ['tracespec run -- npm test']],
  ['zero spans: run again', outcomeNamed('zero-spans'), ['tracespec run -- npm test']],
  ['no specs: write one', outcomeNamed('no-specs'), ['tracespec init']],
  [
    'none exercised: ask why',
    outcomeNamed('none-exercised'),
    ['tracespec check run:r7k2 --spec refund'],
  ],
  ['interrupted: run again', outcomeNamed('interrupted'), ['tracespec run -- npm test']],
  [
    'an invalid spec by name',
    { ...error('SPEC_INVALID'), asked: { ...asked, specs: ['shop'] } },
    [],
  ],
  [
    'an invalid spec by path',
    { ...error('SPEC_INVALID'), asked: { ...asked, specs: ['specs/shop.yaml'] } },
    ['tracespec spec validate specs/shop.yaml'],
  ],
  ['an unknown spec', error('SPEC_NOT_FOUND'), ['tracespec spec list']],
  ['an unknown trace', error('TRACE_NOT_FOUND'), ['tracespec traces']],
  ['wrong usage', error('USAGE'), []],
]

test.for(rows)('%s', ([, outcome, commands]) => {
  expect(nextStepsOf(outcome).map((step) => step.text)).toEqual(commands)
})
