import type { Outcome } from '../../src/verify/outcome.ts'
import { all, failed, failingSpec, passed, passingSpec } from './checkout.ts'
import {
  everyFinding,
  everyFix,
  everyObservation,
  everyReason,
  everySuggestion,
} from './every-code.ts'

const nothing = { spans: 0, traces: 0, services: all([]), roots: all([]) }
const refund = { name: 'refund', path: 'specs/refund.trace.yaml' }

const openSpec = {
  ...failingSpec,
  status: 'inconclusive' as const,
  matches_specification: null,
  summary: { ...failingSpec.summary, matched: 6, missing: 0, failed_conditions: 0, undecided: 1 },
  expectations: passingSpec.expectations.map((item) =>
    item.id === 'inventory.reserve' ? { ...item, status: 'inconclusive' as const } : item,
  ),
  cases: all(
    failingSpec.cases.items.map((item) => ({
      ...item,
      status: 'inconclusive' as const,
      evidence: { complete: false, reasons: [everyReason.crashed] },
    })),
  ),
  findings: all([
    {
      ...everyFinding.undecided,
      reasons: [everyReason.crashed, everyReason.spans_waiting_at_exit],
    },
  ]),
  suggestions: [everySuggestion.capture_again],
}

/** The outcome of that name. */
export function outcomeNamed(name: string): Outcome {
  const outcome = outcomes[name]
  if (outcome === undefined) throw new Error(`no outcome ${name}`)
  return outcome
}

/** One outcome for everything that a run or a check can come to. */
export const outcomes: Readonly<Record<string, Outcome>> = {
  fail: failed,
  pass: passed,
  'fail-from-a-file': {
    ...failed,
    run: null,
    asked: { ...failed.asked, traces: ['traces/it is here.json'], specs: ['specs/my spec.yaml'] },
    evidence: { complete: true, reasons: [everyReason.structurally_complete] },
  },
  'fail-among-others': {
    ...failed,
    specs: [
      failingSpec,
      { ...passingSpec, spec: { ...passingSpec.spec, name: 'cart' } },
      { ...openSpec, spec: { ...openSpec.spec, name: 'login' } },
    ],
    not_exercised: [refund],
  },
  'fail-with-every-finding': {
    ...failed,
    specs: [
      {
        ...failingSpec,
        findings: all(Object.values(everyFinding)),
        suggestions: Object.values(everySuggestion),
        warnings: [
          {
            code: 'text_with_star',
            at: 'specs/checkout.trace.yaml:9:21',
            message: 'A text with `*` is literal; write `{ glob: ... }` for a pattern.',
          },
        ],
      },
    ],
  },
  'command-failed': {
    ...passed,
    command_failed: { code: 'command_failed', exit_code: 1, signal: null, expected: 0 },
    not_exercised: [refund],
  },
  inconclusive: {
    ...failed,
    specs: [openSpec],
    evidence: { complete: false, reasons: [everyReason.spans_waiting_at_exit] },
  },
  'inconclusive-by-time-limit': {
    ...passed,
    evidence: { complete: false, reasons: [everyReason.time_limit] },
  },
  'zero-spans': {
    ...failed,
    captured: nothing,
    specs: [],
    diagnosis: {
      layer: 'no_sdk',
      likely: true,
      observations: [
        everyObservation.connections,
        everyObservation.process_ended,
        { code: 'packages', packages: [] },
      ],
      fix: everyFix.install_sdk,
    },
  },
  'no-specs': { ...failed, specs: [] },
  'none-exercised': { ...failed, specs: [], not_exercised: [refund] },
  'spec-invalid': {
    ...failed,
    run: null,
    captured: nothing,
    specs: [],
    asked: { ...failed.asked, specs: ['specs/checkout.trace.yaml'] },
    error: {
      code: 'SPEC_INVALID',
      message: [
        'specs/checkout.trace.yaml has 1 issue',
        'specs/checkout.trace.yaml:3:1 unknown key `expected_span`',
        '  3 | expected_span:',
        '    | ^^^^^^^^^^^^^',
      ].join('\n'),
      hint: 'Did you mean `expected_spans`?',
    },
  },
  interrupted: { ...failed, specs: [], interrupted: true },
}
