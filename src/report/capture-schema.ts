import { z } from 'zod'
import type { DiagnosisFix, DiagnosisObservation } from '../trace/diagnosis.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import { lostFactsList } from '../trace/losses.ts'
import type { PublishedDiagnosis, Worded } from '../verify/outcome.ts'
import { count, hex, sentence, spanId, traceId, untrusted, worded } from './schema-parts.ts'

const pid = z.int()
const process = { pid, command: untrusted }
const names = z.array(untrusted)

export const evidenceReasonSchema: z.ZodType<Worded<EvidenceReason>> = z
  .discriminatedUnion('code', [
    worded('all_processes_ended', { processes: count }),
    worded('connections_drained', { connections: count }),
    worded('stopped_at_rest', { quiet_ms: z.number() }),
    worded('ended_by_signal', { ...process, signal: z.string() }),
    worded('crashed', process),
    worded('spans_waiting_at_exit', { ...process, spans: count }),
    worded('end_unseen', process),
    worded('export_unfinished', process),
    worded('spans_at_exit_unknown', process),
    worded('request_cut', { requests: count }),
    worded('time_limit', { timeout_ms: z.number() }),
    worded('still_connected', { connections: count }),
    worded('outlived_command', process),
    worded('request_refused', { status: z.int(), requests: count }),
    worded('spans_rejected', { spans: count }),
    worded('interrupted', {}),
    worded('parent_lost', { missing_parent: hex, spans: names }),
    worded('foreign_fragment', { missing_parent: hex, spans: names }),
    worded('hole', { span: untrusted, span_id: spanId }),
    worded('dropped', {
      what: z.enum(['attributes', 'events']),
      count,
      span: untrusted,
      span_id: spanId,
    }),
    worded('lost_in_source', { what: z.enum(lostFactsList) }),
    worded('trace_settled', { trace_id: traceId, readings: count }),
    worded('trace_growing', { trace_id: traceId, waited_ms: z.number() }),
    worded('trace_read_once', { trace_id: traceId }),
    worded('source_cut', { trace_id: traceId, said: untrusted }),
    worded('too_few_runs', { runs: count, needed: count }),
    worded('interval_holds_bound', {
      runs: count,
      from_ms: z.number(),
      to_ms: z.number().nullable(),
    }),
    worded('trace_recent', { trace_id: traceId, ago_ms: z.number() }),
    worded('window_over', { over_ms: z.number() }),
    worded('window_open', { over_ms: z.number(), rest_ms: z.number() }),
    worded('window_cut', { traces: count, total: count.nullable() }),
    worded('sorted_by_source', { source: untrusted, traces: count }),
    worded('structurally_complete', {}),
  ])
  .meta({ id: 'EvidenceReason' })

const observation: z.ZodType<Worded<DiagnosisObservation>> = z
  .discriminatedUnion('code', [
    worded('connections', { connections: count }),
    worded('requests', {
      signal: z.enum(['traces', 'logs', 'metrics', 'other']),
      content_type: untrusted,
      status: z.int(),
      requests: count,
    }),
    worded('grpc_preface', { connections: count }),
    worded('tls_hello', { connections: count }),
    worded('cut_requests', { requests: count }),
    worded('process_ended', {
      ...process,
      end: z.enum(['exit', 'signal', 'crash', 'unseen', 'by_us', 'unknown']),
      exit_code: z.int().nullable(),
      signal: z.string().nullable(),
    }),
    worded('processes_not_shown', { processes: count }),
    worded('time_limit', {}),
    worded('spans_waiting', { pid, spans: count }),
    worded('export_unfinished', { pid }),
    worded('provider', { pid, name: untrusted }),
    worded('no_provider', { pid }),
    worded('sampler', { pid, name: untrusted }),
    worded('exporter', { pid, name: untrusted, host: untrusted.nullable() }),
    worded('changed_variables', { pid, names }),
    worded('otel_variables', { names }),
    worded('kept_variables', { names }),
    worded('kept_exporters', { names }),
    worded('kept_sampler', { name: untrusted }),
    worded('argument_endpoints', { hosts: names }),
    worded('packages', {
      packages: z.array(z.strictObject({ name: untrusted, version: untrusted })),
    }),
  ])
  .meta({ id: 'Observation' })

const fix: z.ZodType<Worded<DiagnosisFix>> = z
  .discriminatedUnion('code', [
    worded('install_sdk', {}),
    worded('start_sdk', {}),
    worded('unset_variable', { name: untrusted }),
    worded('do_not_keep', { names }),
    worded('add_otlp_exporter', { instead_of: names }),
    worded('use_endpoint_variable', { hosts: names }),
    worded('leave_variables', { names }),
    worded('connect_without_tls', {}),
    worded('sample_always', { sampler: untrusted }),
    worded('flush_before_exit', { command: untrusted }),
    worded('end_normally', { command: untrusted, signal: z.string().nullable() }),
    worded('raise_time_limit', {}),
    worded('correct_requests', { status: z.int() }),
    worded('instrument_what_runs', {}),
    worded('check_exporter', {}),
  ])
  .meta({ id: 'Fix' })

export const diagnosisSchema: z.ZodType<PublishedDiagnosis> = z
  .strictObject({
    layer: z.enum([
      'no_sdk',
      'sdk_disabled',
      'config_file',
      'sdk_not_started',
      'no_spans_made',
      'sampled_out',
      'other_exporter',
      'killed_before_flush',
      'wrong_endpoint',
      'wrong_protocol',
      'never_connected',
      'refused',
    ]),
    likely: z.boolean().describe('False only when the fault itself was observed.'),
    message: sentence,
    observations: z.array(observation),
    fix,
  })
  .meta({ id: 'Diagnosis' })
