import type {
  Diagnosis,
  DiagnosisFix,
  DiagnosisLayer,
  DiagnosisObservation,
} from '../../src/trace/diagnosis.ts'
import type { EvidenceReason } from '../../src/trace/evidence.ts'
import type { ConditionFacts, Finding, Nearest, Suggestion } from '../../src/verify/result.ts'
import { all, root } from './checkout.ts'
import { ref, spanIdOf, TRACE_ID } from './spans.ts'

/** One example of every member of a union on `code`: a missing one does not compile. */
type EveryCode<Union extends { readonly code: string }> = {
  readonly [Code in Union['code']]: Union & { readonly code: Code }
}

const process = { pid: 4711, command: 'node pay.js' }

export const everyReason: EveryCode<EvidenceReason> = {
  all_processes_ended: { code: 'all_processes_ended', processes: 2 },
  stopped_at_rest: { code: 'stopped_at_rest', quiet_ms: 300 },
  connections_drained: { code: 'connections_drained', connections: 3 },
  ended_by_signal: { code: 'ended_by_signal', ...process, signal: 'SIGKILL' },
  crashed: { code: 'crashed', ...process },
  spans_waiting_at_exit: { code: 'spans_waiting_at_exit', ...process, spans: 3 },
  end_unseen: { code: 'end_unseen', ...process },
  export_unfinished: { code: 'export_unfinished', ...process },
  spans_at_exit_unknown: { code: 'spans_at_exit_unknown', ...process },
  request_cut: { code: 'request_cut', requests: 1 },
  time_limit: { code: 'time_limit', timeout_ms: 30_000 },
  still_connected: { code: 'still_connected', connections: 1 },
  outlived_command: { code: 'outlived_command', ...process },
  request_refused: { code: 'request_refused', status: 415, requests: 2 },
  spans_rejected: { code: 'spans_rejected', spans: 4 },
  interrupted: { code: 'interrupted' },
  parent_lost: {
    code: 'parent_lost',
    missing_parent: spanIdOf(77),
    spans: ['SELECT orders', 'publish order.paid'],
  },
  foreign_fragment: {
    code: 'foreign_fragment',
    missing_parent: spanIdOf(78),
    spans: ['POST /reserve'],
  },
  hole: { code: 'hole', span: 'POST inventory', span_id: spanIdOf(9) },
  dropped: { code: 'dropped', what: 'attributes', count: 3, span: 'reserve', span_id: spanIdOf(9) },
  lost_in_source: { code: 'lost_in_source', what: 'scope_attributes' },
  trace_settled: { code: 'trace_settled', trace_id: TRACE_ID, readings: 2 },
  trace_growing: { code: 'trace_growing', trace_id: TRACE_ID, waited_ms: 10_000 },
  trace_read_once: { code: 'trace_read_once', trace_id: TRACE_ID },
  source_cut: { code: 'source_cut', trace_id: TRACE_ID, said: 'trace exceeds max size' },
  too_few_runs: { code: 'too_few_runs', runs: 20, needed: 59 },
  interval_holds_bound: { code: 'interval_holds_bound', runs: 70, from_ms: 280, to_ms: 340 },
  trace_recent: { code: 'trace_recent', trace_id: TRACE_ID, ago_ms: 300 },
  window_over: { code: 'window_over', over_ms: 300_000 },
  window_open: { code: 'window_open', over_ms: 0, rest_ms: 10_000 },
  window_cut: { code: 'window_cut', traces: 5000, total: 7000 },
  sorted_by_source: { code: 'sorted_by_source', source: 'clickhouse', traces: 12_000 },
  structurally_complete: { code: 'structurally_complete' },
}

const wrongRoute: ConditionFacts = {
  condition: 'required_tags.http.route',
  expected: '/checkout',
  observed: '/cart',
  found_in: 'resource',
  seen_as: null,
}

const oldName: ConditionFacts = {
  condition: 'required_tags.http.response.status_code',
  expected: 201,
  observed: 500,
  found_in: 'span',
  seen_as: 'http.status_code',
}

const nearest: Nearest = {
  span: ref(3, 'inventory.check', 'inventory'),
  parent: root,
  failed: {
    condition: 'operation_name',
    expected: 'inventory.reserve',
    observed: 'inventory.check',
    found_in: null,
    seen_as: null,
  },
  failed_count: 3,
}

const base = { status: 'fail', at: 'specs/checkout.trace.yaml:14:5', case: 0 } as const
const reserve = { ...base, expectation: 'reserve', label: 'inventory.reserve' }
const absence = { ...reserve, min: 1, observed: 0, parent: root, required_below: 0 }
const selects = [ref(6, 'SELECT orders'), ref(8, 'SELECT orders')]

export const everyFinding: EveryCode<Finding> = {
  span_missing: { code: 'span_missing', ...absence, required_below: 2, nearest },
  span_moved: {
    code: 'span_moved',
    ...absence,
    span: ref(10, 'inventory.reserve', 'inventory'),
    under: ref(4, 'payment.charge', 'payments'),
  },
  span_renamed: {
    code: 'span_renamed',
    ...absence,
    span: ref(3, 'inventory.hold', 'inventory'),
    failed: { ...nearest.failed, observed: 'inventory.hold' },
  },
  span_excess: {
    code: 'span_excess',
    ...reserve,
    max: 1,
    observed: 2,
    parent: root,
    spans: all(selects),
    tell_apart: { field: 'where', name: 'server.address', value: 'inventory' },
    pattern: null,
  },
  condition_failed: {
    code: 'condition_failed',
    ...reserve,
    ...oldName,
    span: root,
    spans: 3,
    tell_apart: null,
  },
  span_unexpected: {
    code: 'span_unexpected',
    ...base,
    status: 'info',
    name: 'SELECT order_items',
    service: 'shop',
    kind: 'client',
    count: 41,
    parent: ref(6, 'SELECT orders'),
    span: ref(100, 'SELECT order_items'),
    share_of_parent: 0.97,
  },
  span_forbidden: {
    code: 'span_forbidden',
    ...base,
    label: 'SELECT *',
    reason: 'select the columns that you need',
    spans: all(selects),
  },
  error_unexpected: {
    code: 'error_unexpected',
    ...base,
    span: ref(4, 'payment.charge', 'payments'),
    exception_type: 'CardDeclined',
    status_message: 'card was declined',
    count: 2,
  },
  error_forbidden: {
    code: 'error_forbidden',
    ...base,
    span: ref(4, 'payment.charge', 'payments'),
    exception_type: null,
    status_message: '',
    count: 1,
  },
  error_missing: { code: 'error_missing', ...base, label: 'payment.authorize' },
  total_duration_exceeded: {
    code: 'total_duration_exceeded',
    ...base,
    max_ms: 800,
    observed_ms: 800.04,
  },
  percentile_exceeded: {
    code: 'percentile_exceeded',
    ...base,
    case: null,
    expectation: 'charge',
    label: 'payment.charge',
    percentile: 95,
    max_ms: 300,
    observed_ms: 412,
    from_ms: 380.5,
    to_ms: 460,
    runs: 120,
  },
  no_case: { code: 'no_case', ...base, case: null, label: 'POST /checkout', nearest: null },
  too_few_cases: { code: 'too_few_cases', ...base, case: null, min: 2, observed: 1 },
  too_many_cases: { code: 'too_many_cases', ...base, case: null, max: 1, observed: 3 },
  not_judged: {
    code: 'not_judged',
    ...base,
    status: 'info',
    span: ref(11, 'GET /cart'),
    holds: ['cart.load', 'cart.price'],
  },
  undecided: {
    code: 'undecided',
    ...reserve,
    status: 'inconclusive',
    check: 'count.min',
    reasons: [everyReason.hole, everyReason.ended_by_signal],
  },
}

/** Conditions of every sort, each of which words its clause in its own way. */
export const everyCondition: readonly ConditionFacts[] = [
  wrongRoute,
  oldName,
  { ...wrongRoute, observed: null, found_in: null },
  { ...wrongRoute, condition: 'optional_tags.payment.attempts', expected: '<= 3', observed: 4 },
  { ...wrongRoute, condition: 'where.server.address', found_in: 'scope' },
  ...(['max', 'min'] as const).map((end) => ({
    ...nearest.failed,
    condition: `expected_duration_ms.${end}`,
    expected: 61,
    observed: 61.02,
  })),
  { ...nearest.failed, condition: 'status', expected: 'ok', observed: 'error' },
  nearest.failed,
  { ...nearest.failed, condition: 'service_name', expected: 'inventory', observed: 'stock' },
  { ...nearest.failed, condition: 'kind', expected: 'client', observed: 'internal' },
  { ...nearest.failed, condition: 'relation', expected: 'direct', observed: null },
]

export const everySuggestion: EveryCode<Suggestion> = {
  tell_apart: {
    code: 'tell_apart',
    expectation: 'reserve',
    label: 'inventory.reserve',
    at: base.at,
    add: { field: 'kind', name: null, value: 'client' },
  },
  n_plus_one: {
    code: 'n_plus_one',
    span: ref(100, 'SELECT order_items'),
    count: 41,
    parent: ref(6, 'SELECT orders'),
  },
  check_nearest: {
    code: 'check_nearest',
    expectation: 'reserve',
    label: 'inventory.reserve',
    at: base.at,
    nearest,
  },
  add_span: {
    code: 'add_span',
    expectation: 'reserve',
    label: 'inventory.reserve',
    at: base.at,
    parent: root,
    observed: 0,
  },
  look_at_error: { code: 'look_at_error', span: ref(4, 'payment.charge', 'payments') },
  capture_again: { code: 'capture_again', reasons: [everyReason.hole, everyReason.crashed] },
}

export const everyObservation: EveryCode<DiagnosisObservation> = {
  connections: { code: 'connections', connections: 0 },
  requests: {
    code: 'requests',
    signal: 'traces',
    content_type: 'text/html',
    status: 415,
    requests: 2,
  },
  grpc_preface: { code: 'grpc_preface', connections: 1 },
  tls_hello: { code: 'tls_hello', connections: 1 },
  cut_requests: { code: 'cut_requests', requests: 1 },
  process_ended: {
    code: 'process_ended',
    ...process,
    end: 'signal',
    exit_code: null,
    signal: 'SIGKILL',
  },
  processes_not_shown: { code: 'processes_not_shown', processes: 4 },
  time_limit: { code: 'time_limit' },
  spans_waiting: { code: 'spans_waiting', pid: 4711, spans: 3 },
  export_unfinished: { code: 'export_unfinished', pid: 4711 },
  provider: { code: 'provider', pid: 4711, name: 'NodeTracerProvider' },
  no_provider: { code: 'no_provider', pid: 4711 },
  sampler: { code: 'sampler', pid: 4711, name: 'AlwaysOffSampler' },
  exporter: { code: 'exporter', pid: 4711, name: 'OTLPTraceExporter', host: 'otel.example:4318' },
  changed_variables: {
    code: 'changed_variables',
    pid: 4711,
    names: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
  },
  otel_variables: { code: 'otel_variables', names: ['OTEL_SERVICE_NAME', 'OTEL_LOG_LEVEL'] },
  kept_variables: { code: 'kept_variables', names: ['OTEL_EXPORTER_OTLP_ENDPOINT'] },
  kept_exporters: { code: 'kept_exporters', names: ['zipkin'] },
  kept_sampler: { code: 'kept_sampler', name: 'always_off' },
  argument_endpoints: { code: 'argument_endpoints', hosts: ['localhost:4318'] },
  packages: {
    code: 'packages',
    packages: [{ name: '@opentelemetry/sdk-node', version: '0.301.0' }],
  },
}

export const everyFix: EveryCode<DiagnosisFix> = {
  install_sdk: { code: 'install_sdk' },
  start_sdk: { code: 'start_sdk' },
  unset_variable: { code: 'unset_variable', name: 'OTEL_SDK_DISABLED' },
  do_not_keep: { code: 'do_not_keep', names: ['OTEL_TRACES_EXPORTER'] },
  add_otlp_exporter: { code: 'add_otlp_exporter', instead_of: ['ConsoleSpanExporter'] },
  use_endpoint_variable: { code: 'use_endpoint_variable', hosts: ['otel.example:4318'] },
  leave_variables: { code: 'leave_variables', names: ['OTEL_TRACES_SAMPLER'] },
  connect_without_tls: { code: 'connect_without_tls' },
  sample_always: { code: 'sample_always', sampler: 'AlwaysOffSampler' },
  flush_before_exit: { code: 'flush_before_exit', command: 'node pay.js' },
  end_normally: { code: 'end_normally', command: 'node pay.js', signal: 'SIGKILL' },
  raise_time_limit: { code: 'raise_time_limit' },
  correct_requests: { code: 'correct_requests', status: 415 },
  instrument_what_runs: { code: 'instrument_what_runs' },
  check_exporter: { code: 'check_exporter' },
}

function diagnosis(layer: DiagnosisLayer, likely: boolean): Diagnosis {
  const observations = Object.values(everyObservation)
  return { layer, likely, observations, fix: everyFix.check_exporter }
}

export const everyDiagnosis: { readonly [Layer in DiagnosisLayer]: Diagnosis } = {
  no_sdk: diagnosis('no_sdk', true),
  sdk_disabled: diagnosis('sdk_disabled', false),
  config_file: diagnosis('config_file', true),
  sdk_not_started: diagnosis('sdk_not_started', true),
  no_spans_made: diagnosis('no_spans_made', true),
  sampled_out: diagnosis('sampled_out', false),
  other_exporter: diagnosis('other_exporter', true),
  killed_before_flush: diagnosis('killed_before_flush', false),
  wrong_endpoint: diagnosis('wrong_endpoint', true),
  wrong_protocol: diagnosis('wrong_protocol', false),
  never_connected: diagnosis('never_connected', true),
  refused: diagnosis('refused', false),
}
