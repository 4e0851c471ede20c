import type { Diagnosis, DiagnosisFix, DiagnosisObservation } from '../../trace/diagnosis.ts'
import { plural, some, tick } from './phrases.ts'

/** Why no span came, as one sentence; "probably" unless the fault itself was seen. */
export function diagnosisSentence(diagnosis: Diagnosis): string {
  const cause = causeOf(diagnosis)
  return diagnosis.likely ? `No span arrived; probably ${cause}.` : `No span arrived: ${cause}.`
}

function causeOf({ layer }: Diagnosis): string {
  switch (layer) {
    case 'no_sdk':
      return 'the program has no OpenTelemetry SDK'
    case 'sdk_disabled':
      return '`OTEL_SDK_DISABLED` switches the SDK off'
    case 'config_file':
      return '`OTEL_CONFIG_FILE` makes the SDK ignore the other variables'
    case 'sdk_not_started':
      return 'an OpenTelemetry SDK is installed, but the program does not start it'
    case 'no_spans_made':
      return 'the SDK is started, but nothing that ran records spans'
    case 'sampled_out':
      return 'the sampler drops every span'
    case 'other_exporter':
      return 'the spans go to an exporter that does not send to tracespec'
    case 'killed_before_flush':
      return 'the process ended before it had sent its spans'
    case 'wrong_endpoint':
      return 'the exporter sends to another address'
    case 'wrong_protocol':
      return 'the exporter speaks TLS to a port that does not'
    case 'never_connected':
      return 'the program never tried to send any'
    case 'refused':
      return 'the receiver had to refuse what was sent'
  }
}

/** One thing that was seen of a run without spans, as a sentence. */
export function observationSentence(seen: DiagnosisObservation): string {
  switch (seen.code) {
    case 'connections':
      return seen.connections === 0
        ? 'Nothing connected to the receiver.'
        : `${plural(seen.connections, 'connection')} to the receiver.`
    case 'requests':
      return `${plural(seen.requests, 'request')} with ${signalOf(seen.signal)} as ${tick(seen.content_type === '' ? 'no content type' : seen.content_type)}, answered with HTTP ${seen.status}.`
    case 'grpc_preface':
      return `${plural(seen.connections, 'connection')} began as gRPC does.`
    case 'tls_hello':
      return `${plural(seen.connections, 'connection')} began as TLS does.`
    case 'cut_requests':
      return `${plural(seen.requests, 'request')} ended before ${seen.requests === 1 ? 'its' : 'their'} body was whole.`
    case 'process_ended':
      return `Process ${seen.pid} (${tick(seen.command)}) ${endOf(seen)}.`
    case 'processes_not_shown':
      return `${seen.processes} more ${seen.processes === 1 ? 'process is' : 'processes are'} not shown.`
    case 'time_limit':
      return 'The time limit ended the command.'
    case 'spans_waiting':
      return `Process ${seen.pid} ended with ${plural(seen.spans, 'finished span')} not yet sent.`
    case 'export_unfinished':
      return `Process ${seen.pid} ended while an export was under way.`
    case 'provider':
      return `Process ${seen.pid} has the tracer provider ${tick(seen.name)}.`
    case 'no_provider':
      return `Process ${seen.pid} never registered a tracer provider.`
    case 'sampler':
      return `Process ${seen.pid} samples with ${tick(seen.name)}.`
    case 'exporter':
      return `Process ${seen.pid} exports through ${tick(seen.name)}${seen.host === null ? '' : ` to ${tick(seen.host)}`}.`
    case 'changed_variables':
      return `Process ${seen.pid} changed ${ticks(seen.names)} in its own environment.`
    case 'otel_variables':
      return `Set in the environment of the command: ${ticks(seen.names)}.`
    case 'kept_variables':
      return `Left as they were by \`--keep-env\`: ${ticks(seen.names)}.`
    case 'kept_exporters':
      return `The kept \`OTEL_TRACES_EXPORTER\` names ${ticks(seen.names)}.`
    case 'kept_sampler':
      return `The kept \`OTEL_TRACES_SAMPLER\` is ${tick(seen.name)}.`
    case 'argument_endpoints':
      return `The arguments of the command name ${ticks(seen.hosts)}.`
    case 'packages':
      return seen.packages.length === 0
        ? 'No package of OpenTelemetry can be found from its folder.'
        : `Installed: ${ticks(seen.packages.map((found) => `${found.name}@${found.version}`))}.`
  }
}

/** The one thing to do, as a sentence. */
export function fixSentence(fix: DiagnosisFix): string {
  switch (fix.code) {
    case 'install_sdk':
      return 'Install and start an OpenTelemetry SDK with an OTLP exporter; for Node: `npm install @opentelemetry/sdk-node @opentelemetry/auto-instrumentations-node`, then `node --import @opentelemetry/auto-instrumentations-node/register` before the program.'
    case 'start_sdk':
      return 'Start the SDK before anything else is loaded; for Node: `node --import @opentelemetry/auto-instrumentations-node/register`, or `new NodeSDK().start()` in a file given to `--import`.'
    case 'unset_variable':
      return `Unset ${tick(fix.name)} for this command.`
    case 'do_not_keep':
      return `Leave out \`--keep-env\` for ${ticks(fix.names)}.`
    case 'add_otlp_exporter':
      return fix.instead_of.length === 0
        ? 'Give the tracer provider an OTLP exporter: `new OTLPTraceExporter()` without a URL reads the address from the environment.'
        : `Use an OTLP exporter beside or instead of ${ticks(fix.instead_of)}: \`new OTLPTraceExporter()\` without a URL reads the address from the environment.`
    case 'use_endpoint_variable':
      return `Do not write the address ${ticks(fix.hosts)} in the program or its arguments: without one the exporter takes \`OTEL_EXPORTER_OTLP_ENDPOINT\`, which tracespec sets.`
    case 'leave_variables':
      return `Let the program leave ${ticks(fix.names)} as tracespec sets ${fix.names.length === 1 ? 'it' : 'them'}.`
    case 'connect_without_tls':
      return 'Let the exporter connect without TLS: no `https://` address and no `credentials.createSsl()` in the program; tracespec listens on the loopback interface only.'
    case 'sample_always':
      return `Take out the sampler ${tick(fix.sampler)}: without one in code, \`OTEL_TRACES_SAMPLER=always_on\` decides, which tracespec sets.`
    case 'flush_before_exit':
      return `Let ${tick(fix.command)} await \`provider.shutdown()\` (or \`sdk.shutdown()\`) before it exits.`
    case 'end_normally':
      return fix.signal === 'SIGKILL'
        ? `Let ${tick(fix.command)} end by itself: SIGKILL leaves it no time to send its spans.`
        : `Let ${tick(fix.command)} end by itself, or await \`provider.shutdown()\` in its handler of ${fix.signal ?? 'the signal'}.`
    case 'raise_time_limit':
      return 'Give the command more time with `--timeout` (an agent: `timeout_ms`).'
    case 'correct_requests':
      return `Correct what HTTP ${fix.status} refuses: send OTLP as \`application/x-protobuf\` or \`application/json\`, at most 64 MiB a request.`
    case 'instrument_what_runs':
      return 'Add the instrumentation of the libraries that the program uses, or start spans of your own: `tracer.startActiveSpan(...)`.'
    case 'check_exporter':
      return 'Run the program with `OTEL_LOG_LEVEL=debug` and look for what its exporter says.'
  }
}

function signalOf(signal: string): string {
  return signal === 'other' ? 'an unknown path' : signal
}

function endOf(process: Extract<DiagnosisObservation, { code: 'process_ended' }>): string {
  switch (process.end) {
    case 'exit':
      return `exited with code ${process.exit_code ?? 'unknown'}`
    case 'signal':
      return `was ended by ${process.signal ?? 'a signal'}`
    case 'crash':
      return 'crashed'
    case 'unseen':
      return 'began, and its end was not seen'
    case 'by_us':
      return 'was ended by tracespec after its quiet period'
    case 'unknown':
      return 'is gone; how it ended is not known'
  }
}

function ticks(names: readonly string[]): string {
  return some(names.slice(0, 8).map(tick), names.length)
}
