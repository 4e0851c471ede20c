import type { CaptureFacts, ProcessFacts, ReceiverFacts } from '../trace/diagnosis.ts'
import type { ServerFacts, ServerPlan, ServingEvent } from '../trace/drive.ts'
import type { RunEvidence } from '../trace/evidence.ts'
import type { SpanId, TraceId } from '../trace/ids.ts'
import type { Nanos } from '../trace/time.ts'

/** What a run asks of the receiver that it exports to. */
export interface ReceiverView {
  /** Resolves when every connection made before the call has been accepted and is counted. */
  settled(): Promise<void>
  /** Connections accepted and not yet closed. */
  openConnections(): number
  /** Export requests that have begun and are not answered. */
  openRequests(): number
  /** When the last spans were committed; undefined before the first. */
  lastArrival(): Nanos | undefined
  facts(): ReceiverFacts
}

/** Where signals to tracespec come from: `process`, or an emitter in tests. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown
  off(name: NodeJS.Signals, listener: () => void): unknown
}

/** As OTEL_EXPORTER_OTLP_PROTOCOL names it. */
export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc'

export interface RunOptions {
  /** The program and its arguments; there is no shell. */
  readonly command: readonly [string, ...string[]]
  /** Absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** `http://127.0.0.1:PORT` of the run's own receiver. */
  readonly endpoint: string
  readonly runId: string
  /** The span that TRACEPARENT names; `readyTraceId` is the trace of our own requests that ask whether a server is ready. */
  readonly root: {
    readonly traceId: TraceId
    readonly spanId: SpanId
    readonly readyTraceId?: TraceId
    /** As TRACESTATE and BAGGAGE. */
    readonly traceState?: string | undefined
    readonly baggage?: string | undefined
  }
  readonly receiver: ReceiverView
  /** No limit when undefined. */
  readonly timeoutMs?: number
  /** The longest time from the command's end to the evidence. */
  readonly waitMs: number
  readonly keepEnv: readonly string[]
  /** False leaves our preload out of NODE_OPTIONS. */
  readonly preload: boolean
  /** What the program's exporters are asked to speak; `http/protobuf` when not given. */
  readonly protocol?: OtlpProtocol
  /** File descriptors that the child gets as its standard ones; `[0, 2, 2]` keeps our standard output free. */
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number]
  readonly signals: SignalSource
  readonly now: () => Nanos
  /** Called once as soon as the command runs, and awaited; when it fails, the command is ended. */
  readonly onStarted?: (started: RunStarted) => Promise<void> | void
  /** For a command that serves: it is made ready, driven, and ended by us when its telemetry has come to rest. */
  readonly server?: ServerPlan
  readonly onServing?: (event: ServingEvent) => void
}

/** What was done to the environment, by name and never by value. */
export interface EnvironmentChanges {
  /** Given a value where there was none. */
  readonly set: readonly string[]
  /** Given another value than they had. */
  readonly overridden: readonly string[]
  readonly removed: readonly string[]
  /** Their value stands, ours was added to it. */
  readonly extended: readonly string[]
  /** Left alone because `--keep-env` asks for it. */
  readonly kept: readonly string[]
}

export interface RunStarted {
  readonly pid: number
  readonly startedAt: Nanos
  readonly environment: EnvironmentChanges
}

export interface RunOutcome {
  readonly pid: number
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly startedAt: Nanos
  readonly endedAt: Nanos
  /** From the command's end until the evidence was complete, in milliseconds. */
  readonly waitedMs: number
  /** The time limit ended the command. */
  readonly timedOut: boolean
  /** A second interrupt cut the run short. */
  readonly interrupted: boolean
  /** Signals that were passed on to the command, in the order of arrival. */
  readonly passedOn: readonly string[]
  readonly environment: EnvironmentChanges
  readonly processes: readonly ProcessFacts[]
  readonly evidence: RunEvidence
  /** Undefined for a command that does not serve. */
  readonly server: ServerFacts | undefined
  /** For the diagnosis when no span came. */
  readonly facts: CaptureFacts
}
