import type { Signal } from './ports.ts'

/** What a receiver counted for one run; plain JSON facts. */
export interface ReceiverFacts {
  readonly connections: number
  /** Connections that began with the preface of HTTP/2, which is how gRPC speaks. */
  readonly grpc_connections: number
  /** Connections that began as TLS does. */
  readonly tls_connections: number
  readonly requests: readonly RequestFacts[]
  /** Requests whose body ended before its length: the sender died or gave up. */
  readonly cut_requests: number
  readonly spans: number
  readonly rejected_spans: number
}

/** Requests of one sort; `signal` is `other` for a path that is none of the three. */
export interface RequestFacts {
  readonly signal: Signal | 'other'
  readonly content_type: string
  readonly status: number
  readonly requests: number
}

/**
 * How a process ended. `signal`: by one that we did not ask for; `unseen`: a Node process that noted its beginning and never its
 * end; `by_us`: ended after its quiet period; `unknown`: not our child and not Node, so that only its absence is known.
 */
export type ProcessEnd = 'exit' | 'signal' | 'crash' | 'unseen' | 'by_us' | 'unknown'

export interface ProcessFacts {
  readonly pid: number
  /** Base names of the program and its script, never further arguments. */
  readonly command: string
  /** The command itself, not one of its descendants. */
  readonly main: boolean
  readonly end: ProcessEnd
  readonly exit_code: number | null
  readonly signal: string | null
  /** What our preload noted; null for a process that did not load it. */
  readonly node: NodeFacts | null
}

/** What a Node process still held at its end, read from the SDK behind the global API. */
export interface NodeFacts {
  /** The class of the registered tracer provider; null when none was registered. */
  readonly provider: string | null
  /** Finished spans that no exporter had; null when unknown. */
  readonly spans_waiting: number | null
  /** An export had begun and not ended. */
  readonly exporting: boolean
  readonly sampler: string | null
  readonly exporters: readonly ExporterFacts[]
  /** How many tracers the program asked its provider for. */
  readonly tracers: number
  /** OTEL variables that the program changed in itself, by name. */
  readonly changed_variables: readonly string[]
  /** OpenTelemetry packages that it loaded. */
  readonly packages: readonly string[]
}

export interface ExporterFacts {
  readonly name: string
  /** `host:port` of an exporter that sends over the network; null when it does not or it could not be read. */
  readonly host: string | null
}

/** All that is known of a run that brought no span. */
export interface CaptureFacts {
  readonly receiver: ReceiverFacts
  /** `host:port` that the run was told to export to. */
  readonly endpoint: string
  readonly processes: readonly ProcessFacts[]
  readonly timed_out: boolean
  /** OTEL variables in the environment of the command, by name. */
  readonly otel_variables: readonly string[]
  /** Those that `--keep-env` left as they were although they decide where spans go. */
  readonly kept_variables: readonly string[]
  readonly sdk_disabled: boolean
  readonly config_file: boolean
  /** Known exporter names of a kept OTEL_TRACES_EXPORTER; empty when it was not kept. */
  readonly kept_exporters: readonly string[]
  /** The name of a kept OTEL_TRACES_SAMPLER when it is a known one. */
  readonly kept_sampler: string | null
  /** `host:port` of endpoints that the command's own arguments name. */
  readonly argument_endpoints: readonly string[]
  readonly packages: readonly PackageFacts[]
}

/** A package of OpenTelemetry that resolves from the command's folder. */
export interface PackageFacts {
  readonly name: string
  readonly version: string
}

/** Where the spans got lost, nearest to the program first. */
export type DiagnosisLayer =
  | 'no_sdk'
  | 'sdk_disabled'
  | 'config_file'
  | 'sdk_not_started'
  | 'no_spans_made'
  | 'sampled_out'
  | 'other_exporter'
  | 'killed_before_flush'
  | 'wrong_endpoint'
  | 'wrong_protocol'
  | 'never_connected'
  | 'refused'

/** One thing that was seen; worded in `report/`. */
export type DiagnosisObservation =
  | { readonly code: 'connections'; readonly connections: number }
  | ({ readonly code: 'requests' } & RequestFacts)
  | { readonly code: 'grpc_preface'; readonly connections: number }
  | { readonly code: 'tls_hello'; readonly connections: number }
  | { readonly code: 'cut_requests'; readonly requests: number }
  | {
      readonly code: 'process_ended'
      readonly pid: number
      readonly command: string
      readonly end: ProcessEnd
      readonly exit_code: number | null
      readonly signal: string | null
    }
  | { readonly code: 'processes_not_shown'; readonly processes: number }
  | { readonly code: 'time_limit' }
  | { readonly code: 'spans_waiting'; readonly pid: number; readonly spans: number }
  | { readonly code: 'export_unfinished'; readonly pid: number }
  | { readonly code: 'provider'; readonly pid: number; readonly name: string }
  | { readonly code: 'no_provider'; readonly pid: number }
  | { readonly code: 'sampler'; readonly pid: number; readonly name: string }
  | ({ readonly code: 'exporter'; readonly pid: number } & ExporterFacts)
  | { readonly code: 'changed_variables'; readonly pid: number; readonly names: readonly string[] }
  | { readonly code: 'otel_variables'; readonly names: readonly string[] }
  | { readonly code: 'kept_variables'; readonly names: readonly string[] }
  | { readonly code: 'kept_exporters'; readonly names: readonly string[] }
  | { readonly code: 'kept_sampler'; readonly name: string }
  | { readonly code: 'argument_endpoints'; readonly hosts: readonly string[] }
  | { readonly code: 'packages'; readonly packages: readonly PackageFacts[] }

/** The one concrete thing to do. */
export type DiagnosisFix =
  | { readonly code: 'install_sdk' }
  | { readonly code: 'start_sdk' }
  | { readonly code: 'unset_variable'; readonly name: string }
  | { readonly code: 'do_not_keep'; readonly names: readonly string[] }
  | { readonly code: 'add_otlp_exporter'; readonly instead_of: readonly string[] }
  | { readonly code: 'use_endpoint_variable'; readonly hosts: readonly string[] }
  | { readonly code: 'leave_variables'; readonly names: readonly string[] }
  | { readonly code: 'connect_without_tls' }
  | { readonly code: 'sample_always'; readonly sampler: string }
  | { readonly code: 'flush_before_exit'; readonly command: string }
  | { readonly code: 'end_normally'; readonly command: string; readonly signal: string | null }
  | { readonly code: 'raise_time_limit' }
  | { readonly code: 'correct_requests'; readonly status: number }
  | { readonly code: 'instrument_what_runs' }
  | { readonly code: 'check_exporter' }

/** Why no span came. `likely` is false only when the layer's fault was itself observed. */
export interface Diagnosis {
  readonly layer: DiagnosisLayer
  readonly likely: boolean
  readonly observations: readonly DiagnosisObservation[]
  readonly fix: DiagnosisFix
}
