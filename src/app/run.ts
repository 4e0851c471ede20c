import type { CaptureFacts } from '../trace/diagnosis.ts'
import type { ServerFacts } from '../trace/drive.ts'
import type { RunEvidence } from '../trace/evidence.ts'
import { lossless } from '../trace/losses.ts'
import type { RunStore, SpecVersions } from '../trace/ports.ts'
import type { Span } from '../trace/span.ts'
import { millisOf, type Nanos } from '../trace/time.ts'
import type { Trace } from '../trace/trace.ts'
import { buildTraces } from '../trace/tree.ts'
import { capturedOf } from '../verify/captured.ts'
import type { Delivery } from '../verify/delivery.ts'
import { statusOf, type Asked, type Outcome } from '../verify/outcome.ts'
import { commandFailed } from './command-failed.ts'
import { diagnose } from './diagnose.ts'
import { evidenceOf } from './evidence.ts'
import { judge, type Judgement } from './judge.ts'
import type { ChosenSpec } from './spec-files.ts'
import { versionsOf } from './spec-versions.ts'

/** How a command ended and what is known of its telemetry. */
export interface Execution {
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly startedAt: Nanos
  readonly endedAt: Nanos
  readonly timedOut: boolean
  readonly interrupted: boolean
  readonly evidence: RunEvidence
  readonly facts: CaptureFacts
  /** Undefined for a command that does not serve. */
  readonly server?: ServerFacts | undefined
}

export interface RunPorts {
  readonly store: RunStore & SpecVersions
  readonly now: () => Nanos
  /** Runs the command with its telemetry going to the store; `onStarted` is awaited, and a command that it fails for is ended. */
  readonly execute: (onStarted: (startedAt: Nanos) => Promise<void>) => Promise<Execution>
  /** The spans of the run with tracespec's own taken away. */
  readonly spans: () => Promise<readonly Span[]>
  /** Asks the backend that should have them by now. */
  readonly deliver?: ((spans: readonly Span[]) => Promise<Delivery>) | undefined
  /** The result document as JSON text. */
  readonly publish: (outcome: Outcome) => string
}

export interface RunRequest {
  readonly id: string
  readonly version: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly specs: readonly ChosenSpec[]
  readonly asked: Asked
  readonly expectExit: number | 'any'
  readonly requireAll: boolean
  readonly limit?: number | undefined
}

/** Runs a command, judges what it sent and keeps the verdict and the texts that it was judged by; the traces are for the report. */
export async function runAndJudge(
  request: RunRequest,
  ports: RunPorts,
): Promise<{ readonly outcome: Outcome; readonly traces: readonly Trace[] }> {
  const { store } = ports
  const { id, command, cwd } = request
  await store.keepSpecs(versionsOf(request.specs, { origin: 'run', at: ports.now() }))
  const before = await store.lastPassing(command, cwd)
  const execution = await ports.execute((startedAt) => store.begin({ id, command, cwd, startedAt }))
  const spans = await ports.spans()
  const traces = buildTraces(spans)
  const capture = { traces, source: `run:${id}`, run: execution.evidence, losses: lossless }
  const judgement = judge(request.specs, capture, {
    specsNamed: request.asked.specs.length > 0,
    captureNamed: false,
    requireAll: request.requireAll,
    limit: request.limit,
    exercisedBefore: before?.exercised ?? [],
  })
  const waitedMs = millisOf(ports.now() - execution.endedAt)
  const delivery = await ports.deliver?.(spans)
  const outcome = outcomeOf(request, { execution, traces, judgement, waitedMs, delivery })
  await keep(outcome, { id, execution, ports })
  return { outcome, traces }
}

interface Done {
  readonly execution: Execution
  readonly traces: readonly Trace[]
  readonly judgement: Judgement
  readonly waitedMs: number
  readonly delivery: Delivery | undefined
}

function outcomeOf(request: RunRequest, done: Done): Outcome {
  const { execution, traces, judgement } = done
  const captured = capturedOf(traces)
  return {
    version: request.version,
    asked: request.asked,
    run: {
      id: request.id,
      command: request.command,
      exit_code: execution.exitCode ?? null,
      signal: execution.signal ?? null,
      duration_ms: millisOf(execution.endedAt - execution.startedAt),
      waited_ms: done.waitedMs,
      ...(execution.server === undefined ? {} : { server: execution.server }),
    },
    captured,
    evidence: evidenceOf(traces, execution.evidence),
    specs: judgement.specs,
    not_exercised: judgement.notExercised,
    command_failed: commandFailed(execution, request.expectExit),
    diagnosis: captured.spans === 0 ? diagnose(execution.facts) : null,
    error: null,
    interrupted: execution.interrupted,
    ...(done.delivery === undefined ? {} : { delivery: done.delivery }),
  }
}

async function keep(
  outcome: Outcome,
  done: { readonly id: string; readonly execution: Execution; readonly ports: RunPorts },
): Promise<void> {
  const { exitCode, signal, evidence, endedAt } = done.execution
  await done.ports.store.finish(done.id, {
    endedAt,
    exitCode,
    signal,
    evidence,
    status: statusOf(outcome),
    exercised: outcome.specs.filter((spec) => spec.cases.total > 0).map((spec) => spec.spec.name),
    resultJson: done.ports.publish(outcome),
  })
}
