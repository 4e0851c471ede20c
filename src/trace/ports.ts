import type { RunEvidence } from './evidence.ts'
import type { TraceId } from './ids.ts'
import type { Span } from './span.ts'
import type { Nanos } from './time.ts'

export type Signal = 'traces' | 'logs' | 'metrics'

/** What became of one export request: all that is not rejected is committed. */
export interface Accepted {
  /** Spans, log records or data points that are now kept. */
  readonly stored: number
  readonly rejected: number
  readonly message: string
}

/** Where a receiver puts what arrives; returns only after the commit. */
export interface TelemetrySink {
  write(signal: Signal, protobuf: Uint8Array, runId: string | null): Accepted
}

export interface RunRecord {
  readonly id: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly startedAt: Nanos
  readonly endedAt: Nanos | undefined
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly evidence: RunEvidence | undefined
  /** `pass`, `fail` ...; undefined while it runs. */
  readonly status: string | undefined
  /** Spec names that a case applied to in this run. */
  readonly exercised: readonly string[]
  /** The whole result document as JSON text. */
  readonly resultJson: string | undefined
}

export interface RunEnd {
  readonly endedAt: Nanos
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly evidence: RunEvidence
  readonly status: string
  readonly exercised: readonly string[]
  readonly resultJson: string
}

/** Which traces are asked for. All parts must hold for one span of the trace, `runId` for the trace. */
export interface TraceQuery {
  readonly service?: string
  readonly operation?: string
  readonly from?: Nanos
  readonly to?: Nanos
  readonly minDuration?: Nanos
  readonly errors?: boolean
  readonly attributes?: readonly { readonly name: string; readonly value: string }[]
  readonly runId?: string
  readonly limit: number
}

export interface TraceSummary {
  readonly traceId: TraceId
  readonly rootName: string
  readonly rootService: string
  readonly start: Nanos
  readonly duration: Nanos
  readonly spans: number
  readonly errors: number
  readonly services: readonly string[]
  readonly runId: string | undefined
}

/** Newest first; `total` counts all that match. */
export interface TraceSearchAnswer {
  readonly items: readonly TraceSummary[]
  readonly total: number
}

/** What the embedded store offers; one process may open it beside others. */
export interface RunStore extends TelemetrySink {
  begin(run: {
    readonly id: string
    readonly command: readonly string[]
    readonly cwd: string
    readonly startedAt: Nanos
  }): void
  finish(id: string, end: RunEnd): void
  run(id: string): RunRecord | undefined
  /** Newest first. */
  runs(limit: number): readonly RunRecord[]
  /** The newest finished run of the same command and folder with status `pass`. */
  lastPassing(command: readonly string[], cwd: string): RunRecord | undefined
  /** How many spans and traces have arrived for a run so far. */
  counts(runId: string): { readonly spans: number; readonly traces: number }
  spansOfRun(runId: string): readonly Span[]
  spansOfTrace(traceId: TraceId): readonly Span[]
  search(query: TraceQuery): TraceSearchAnswer
}
