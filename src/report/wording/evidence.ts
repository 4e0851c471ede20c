import type { EvidenceReason } from '../../trace/evidence.ts'
import { inert } from '../sanitize.ts'
import { lostAdvice, lostSentence } from './lost-facts.ts'
import { duration, plural, some, tick } from './phrases.ts'

/** Why the capture is complete or what may be lost, as one sentence. */
export function evidenceSentence(reason: EvidenceReason): string {
  switch (reason.code) {
    case 'all_processes_ended':
      return reason.processes === 1
        ? 'The process has ended.'
        : `All ${reason.processes} processes have ended.`
    case 'connections_drained':
      if (reason.connections === 0) return 'No connection was made.'
      return reason.connections === 1
        ? 'The 1 connection was read to its end.'
        : `All ${reason.connections} connections were read to their end.`
    case 'stopped_at_rest':
      return `The command was stopped when no span had come for ${duration(reason.quiet_ms)}.`
    case 'ended_by_signal':
      return `${processOf(reason)} was ended by ${reason.signal}, so spans that it had not yet sent are lost.`
    case 'crashed':
      return `${processOf(reason)} crashed, so spans that it had not yet sent are lost.`
    case 'spans_waiting_at_exit':
      return `${processOf(reason)} exited with ${plural(reason.spans, 'finished span')} still waiting to be sent.`
    case 'end_unseen':
      return `${processOf(reason)} ended unseen, so it may have lost spans.`
    case 'export_unfinished':
      return `${processOf(reason)} exited while an export was under way, so the spans in it may be lost.`
    case 'spans_at_exit_unknown':
      return `${processOf(reason)} called \`process.exit()\`, and whether spans still waited could not be read.`
    case 'request_cut':
    case 'request_refused':
    case 'spans_rejected':
    case 'still_connected':
      return requestSentence(reason)
    case 'time_limit':
      return `The time limit of ${duration(reason.timeout_ms)} ended the command before it was done.`
    case 'outlived_command':
      return `${processOf(reason)} outlived the command and was ended.`
    case 'interrupted':
      return 'The run was interrupted, so what would have come later is unknown.'
    case 'parent_lost':
    case 'foreign_fragment':
    case 'hole':
    case 'dropped':
    case 'lost_in_source':
      return missingSentence(reason)
    case 'trace_settled':
    case 'trace_growing':
    case 'trace_read_once':
    case 'source_cut':
      return backendSentence(reason)
    case 'too_few_runs':
    case 'interval_holds_bound':
    case 'sorted_by_source':
      return percentileSentence(reason)
    case 'trace_recent':
    case 'window_over':
    case 'window_open':
    case 'window_cut':
      return windowSentence(reason)
    case 'structurally_complete':
      return 'Every parent that the spans name is there.'
  }
}

type OfMissing = Extract<
  EvidenceReason,
  { code: 'parent_lost' | 'foreign_fragment' | 'hole' | 'dropped' | 'lost_in_source' }
>

function missingSentence(reason: OfMissing): string {
  switch (reason.code) {
    case 'parent_lost':
      return `${some(reason.spans.map(tick), reason.spans.length)} ${verb(reason.spans, 'names', 'name')} a parent in the same process that never arrived.`
    case 'foreign_fragment':
      return `${some(reason.spans.map(tick), reason.spans.length)} ${verb(reason.spans, 'belongs', 'belong')} under a span of another process that is not in the capture.`
    case 'hole':
      return `The call ${tick(reason.span)} has no span of the process that it called, so what hangs below it may be lost.`
    case 'dropped':
      return `The SDK dropped ${plural(reason.count, reason.what === 'attributes' ? 'attribute' : 'event')} of ${tick(reason.span)}, so what was among them is open.`
    case 'lost_in_source':
      return lostSentence(reason.what)
  }
}

type OfRequests = Extract<
  EvidenceReason,
  { code: 'request_cut' | 'request_refused' | 'spans_rejected' | 'still_connected' }
>

function requestSentence(reason: OfRequests): string {
  switch (reason.code) {
    case 'request_cut':
      return `${plural(reason.requests, 'export request')} ${were(reason.requests)} cut off by the end of the sender, so their spans are lost.`
    case 'request_refused':
      return `${plural(reason.requests, 'export request')} ${were(reason.requests)} refused with HTTP ${reason.status}, so their spans are lost.`
    case 'spans_rejected':
      return `${plural(reason.spans, 'span')} ${were(reason.spans)} rejected as invalid.`
    case 'still_connected':
      return `${plural(reason.connections, 'connection')} ${were(reason.connections)} still open when the verdict was due, so more could come.`
  }
}

type OfPercentiles = Extract<
  EvidenceReason,
  { code: 'too_few_runs' | 'interval_holds_bound' | 'sorted_by_source' }
>

function percentileSentence(reason: OfPercentiles): string {
  switch (reason.code) {
    case 'too_few_runs':
      return `There ${reason.runs === 1 ? 'is' : 'are'} ${plural(reason.runs, 'case')} with it, and ${reason.needed} are needed.`
    case 'interval_holds_bound':
      return `Of ${reason.runs} cases it lies ${reason.to_ms === null ? `above ${duration(reason.from_ms)}` : `between ${duration(reason.from_ms)} and ${duration(reason.to_ms)}`} with 95 % confidence, and the bound may lie on either side.`
    case 'sorted_by_source':
      return `${inert(reason.source, 80)} itself sorted the durations in ${plural(reason.traces, 'trace')} of the time.`
  }
}

type OfBackend = Extract<
  EvidenceReason,
  { code: 'trace_settled' | 'trace_growing' | 'trace_read_once' | 'source_cut' }
>

function backendSentence(reason: OfBackend): string {
  switch (reason.code) {
    case 'trace_settled':
      return `The backend gave the same spans of trace:${reason.trace_id} at ${reason.readings} readings in a row.`
    case 'trace_growing':
      return `The spans of trace:${reason.trace_id} still changed after ${duration(reason.waited_ms)}, so more may come.`
    case 'trace_read_once':
      return `The backend was asked for trace:${reason.trace_id} only once, so more may come.`
    case 'source_cut':
      return `Spans of trace:${reason.trace_id} are left out where it was read: ${inert(reason.said, 200)}.`
  }
}

type OfWindow = Extract<
  EvidenceReason,
  { code: 'trace_recent' | 'window_over' | 'window_open' | 'window_cut' }
>

function windowSentence(reason: OfWindow): string {
  switch (reason.code) {
    case 'trace_recent':
      return `The last span of trace:${reason.trace_id} ended ${duration(reason.ago_ms)} before it was read, so more may come.`
    case 'window_over':
      return 'The time that was asked for is over long enough for all of its spans to be here.'
    case 'window_open':
      return `The time that was asked for had been over for ${duration(reason.over_ms)} only, so spans of it may still come.`
    case 'window_cut':
      return `Only the newest ${plural(reason.traces, 'trace')} of the time were read${reason.total === null ? '' : `, of ${reason.total}`}.`
  }
}

/** What to change so that the next capture decides it; null when the reason opens nothing by itself. */
export function evidenceAdvice(reason: EvidenceReason): string | null {
  switch (reason.code) {
    case 'ended_by_signal':
      return reason.signal === 'SIGKILL'
        ? 'Let the process end by itself: SIGKILL leaves it no time to send its spans.'
        : `Let the process end by itself, or await \`provider.shutdown()\` in its handler of ${reason.signal}.`
    case 'crashed':
      return 'Repair the crash, or await `provider.forceFlush()` in an `uncaughtException` handler.'
    case 'spans_waiting_at_exit':
    case 'export_unfinished':
    case 'spans_at_exit_unknown':
    case 'request_cut':
      return 'Await `provider.shutdown()` before `process.exit()`.'
    case 'end_unseen':
      return 'Let the command wait for the processes that it starts.'
    case 'time_limit':
      return 'Give it more time with `--timeout`.'
    case 'still_connected':
    case 'outlived_command':
      return 'Let the command end what it starts, or give it longer with `--wait`.'
    case 'request_refused':
    case 'spans_rejected':
      return 'Check the exporter: protocol `http/protobuf` or `http/json`, at most 64 MiB a request.'
    case 'interrupted':
      return 'Run it again to its end.'
    case 'parent_lost':
      return 'End the parent span, and flush before the process exits.'
    case 'foreign_fragment':
      return 'Capture the calling process too, or check that it passes the context on.'
    case 'dropped':
      return reason.what === 'attributes'
        ? 'Raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT for the program.'
        : 'Raise OTEL_SPAN_EVENT_COUNT_LIMIT for the program.'
    case 'lost_in_source':
      return lostAdvice(reason.what)
    case 'too_few_runs':
    case 'interval_holds_bound':
      return 'Judge more runs together: a folder of traces, or a search of a backend.'
    case 'hole':
      return 'Instrument the called process, and let it flush before it ends.'
    case 'trace_growing':
    case 'trace_read_once':
      return 'Give the backend more time with `--wait`.'
    case 'source_cut':
      return 'Raise the limit of the backend, or read the whole file.'
    case 'window_open':
    case 'window_cut':
    case 'trace_recent':
      return windowAdvice(reason)
    case 'all_processes_ended':
    case 'connections_drained':
    case 'stopped_at_rest':
    case 'trace_settled':
    case 'window_over':
    case 'sorted_by_source':
    case 'structurally_complete':
      return null
  }
}

function windowAdvice(reason: Exclude<OfWindow, { code: 'window_over' }>): string {
  switch (reason.code) {
    case 'window_open':
      return `Ask for a time that is over, as \`since:10m..${Math.ceil(reason.rest_ms / 1000)}s\`.`
    case 'window_cut':
      return 'Ask for a shorter time.'
    case 'trace_recent':
      return 'Judge it again when its programs are done.'
  }
}

function processOf(reason: { readonly pid: number; readonly command: string }): string {
  return reason.command === ''
    ? `Process ${reason.pid}`
    : `Process ${reason.pid} (\`${inert(reason.command, 60).replaceAll('`', "'")}\`)`
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were'
}

function verb(subjects: readonly string[], one: string, many: string): string {
  return subjects.length === 1 ? one : many
}
