import type { Outcome } from '../../src/verify/outcome.ts'
import { capturedOf } from '../../src/verify/captured.ts'
import type { Trace } from '../../src/trace/trace.ts'
import type {
  Bounded,
  ExpectationResult,
  Finding,
  SpanRef,
  SpecResult,
} from '../../src/verify/result.ts'
import { ref, TRACE_ID, traceOf } from './spans.ts'

/** A checkout whose reservation was never made and which reads its items one by one. */
export const checkout: Trace = traceOf(
  { id: 1, name: 'POST /checkout', kind: 'server', from: 0, to: 412 },
  { id: 2, parent: 1, name: 'auth.verify', from: 20, to: 44 },
  { id: 3, parent: 1, name: 'inventory.check', service: 'inventory', from: 60, to: 70 },
  { id: 4, parent: 1, name: 'payment.charge', service: 'payments', from: 80, to: 211 },
  { id: 5, parent: 4, name: 'POST psp.example', service: 'payments', from: 85, to: 205 },
  { id: 6, parent: 1, name: 'SELECT orders', from: 215, to: 367 },
  ...Array.from({ length: 41 }, (_, index) => ({
    id: 100 + index,
    parent: 6,
    name: 'SELECT order_items',
    kind: 'client' as const,
    from: 218 + index * 3.5,
    to: 221 + index * 3.5,
  })),
  { id: 7, parent: 1, name: 'publish order.paid', kind: 'producer', from: 360, to: 409 },
)

const AT = 'specs/checkout.trace.yaml'

export function all<T>(items: readonly T[]): Bounded<T> {
  return { items, shown: items.length, omitted: 0, total: items.length, how: null }
}

function expectation(
  label: string,
  line: number,
  spans: readonly SpanRef[],
  status: ExpectationResult['status'] = 'pass',
): ExpectationResult {
  return {
    id: label,
    label,
    at: `${AT}:${line}:5`,
    status,
    count: { min: 1, max: 1, observed: spans.length },
    spans: all(spans),
    checks: [],
  }
}

export const root: SpanRef = ref(1, 'POST /checkout')

const findings: readonly Finding[] = [
  {
    code: 'span_missing',
    status: 'fail',
    at: `${AT}:14:5`,
    case: 0,
    expectation: 'inventory.reserve',
    label: 'inventory.reserve',
    min: 1,
    observed: 0,
    parent: root,
    required_below: 0,
    nearest: {
      span: ref(3, 'inventory.check', 'inventory'),
      parent: root,
      failed: {
        condition: 'operation_name',
        expected: 'inventory.reserve',
        observed: 'inventory.check',
        found_in: null,
        seen_as: null,
      },
      failed_count: 1,
    },
  },
  {
    code: 'condition_failed',
    status: 'fail',
    at: `${AT}:22:7`,
    case: 0,
    expectation: 'SELECT orders',
    label: 'SELECT orders',
    condition: 'expected_duration_ms.max',
    expected: 61,
    observed: 152,
    found_in: null,
    seen_as: null,
    span: ref(6, 'SELECT orders'),
    spans: 1,
    tell_apart: null,
  },
  {
    code: 'span_unexpected',
    status: 'info',
    at: `${AT}:3:1`,
    case: 0,
    name: 'SELECT order_items',
    service: 'shop',
    kind: 'client',
    count: 41,
    parent: ref(6, 'SELECT orders'),
    span: ref(100, 'SELECT order_items'),
    share_of_parent: 0.968,
  },
]

export const failingSpec: SpecResult = {
  spec: { name: 'checkout_flow', path: AT, sha256: 'a'.repeat(64) },
  status: 'fail',
  matches_specification: false,
  summary: {
    cases: 1,
    expected: 7,
    matched: 5,
    missing: 1,
    excess: 0,
    failed_conditions: 1,
    unexpected: 1,
    forbidden: 0,
    errors: 0,
    undecided: 0,
  },
  expectations: [
    expectation('POST /checkout', 6, [root]),
    expectation('auth.verify', 10, [ref(2, 'auth.verify')]),
    expectation('inventory.reserve', 14, [], 'fail'),
    expectation('payment.charge', 17, [ref(4, 'payment.charge', 'payments')]),
    expectation('POST psp.example', 19, [ref(5, 'POST psp.example', 'payments')]),
    expectation('SELECT orders', 22, [ref(6, 'SELECT orders')], 'fail'),
    expectation('publish order.paid', 26, [ref(7, 'publish order.paid')]),
  ],
  cases: all([
    {
      trace_id: TRACE_ID,
      root,
      source: 'run:r7k2',
      evidence: { complete: true, reasons: [] },
      status: 'fail',
      spans: checkout.spans.length,
      duration_ms: 412,
    },
  ]),
  findings: all(findings),
  missing_spans: all([
    { expectation: 'inventory.reserve', name: 'inventory.reserve', parent: 'POST /checkout' },
  ]),
  unexpected_spans: all([{ span_id: ref(100, '').span_id, name: 'SELECT order_items', count: 41 }]),
  performance_issues: all([
    { span_id: ref(6, '').span_id, name: 'SELECT orders', max_ms: 61, observed_ms: 152 },
  ]),
  suggestions: [
    {
      code: 'n_plus_one',
      span: ref(100, 'SELECT order_items'),
      count: 41,
      parent: ref(6, 'SELECT orders'),
    },
  ],
  looked_through: [{ name: 'POST', count: 1 }],
  warnings: [],
}

/** The same spec on a program that is right. */
export const passingSpec: SpecResult = {
  ...failingSpec,
  status: 'pass',
  matches_specification: true,
  summary: { ...failingSpec.summary, matched: 7, missing: 0, failed_conditions: 0, unexpected: 0 },
  expectations: failingSpec.expectations.map((item) => ({ ...item, status: 'pass' })),
  cases: all(failingSpec.cases.items.map((item) => ({ ...item, status: 'pass' }))),
  findings: all([]),
  missing_spans: all([]),
  unexpected_spans: all([]),
  performance_issues: all([]),
  suggestions: [],
  looked_through: [],
}

export const failed: Outcome = {
  version: '0.1.0',
  asked: { traces: [], specs: [], common_options: [], run_options: [] },
  run: {
    id: 'r7k2',
    command: ['npm', 'test'],
    exit_code: 0,
    signal: null,
    duration_ms: 1234.5,
    waited_ms: 118,
  },
  captured: capturedOf([checkout]),
  evidence: {
    complete: true,
    reasons: [
      { code: 'all_processes_ended', processes: 2 },
      { code: 'connections_drained', connections: 3 },
    ],
  },
  specs: [failingSpec],
  not_exercised: [],
  command_failed: null,
  diagnosis: null,
  error: null,
  interrupted: false,
}

export const passed: Outcome = { ...failed, specs: [passingSpec] }
