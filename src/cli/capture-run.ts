import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerPlan } from '../trace/drive.ts'
import type { Span } from '../trace/span.ts'
import type { Trace } from '../trace/trace.ts'
import type { Delivery } from '../verify/delivery.ts'
import type { Asked, Outcome } from '../verify/outcome.ts'
import { environmentNotes } from './environment-notes.ts'
import { forwardedNote } from './forward.ts'
import type { ExecuteOptions, Wire } from '../wire.ts'
import { openNamed } from './captures.ts'
import type { Io } from './io.ts'
import { followProgress } from './progress.ts'
import { openSpecs } from './specs.ts'

export interface CaptureRequest {
  readonly version: string
  readonly command: readonly [string, ...string[]]
  readonly asked: Asked
  readonly project: string | undefined
  readonly expectExit: number | 'any'
  readonly requireAll: boolean
  readonly limit?: number | undefined
  readonly waitMs: number
  readonly timeoutMs: number | undefined
  readonly keepEnv: readonly string[]
  readonly preload: boolean
  readonly server?: ServerPlan | undefined
  readonly forward?: URL | undefined
  readonly protocol?: ExecuteOptions['protocol'] | undefined
  /** The backend that is asked for the spans of the run afterwards. */
  readonly thenFrom?: string | undefined
  /** Where signals to the run come from; the process when not given. */
  readonly signals?: ExecuteOptions['signals'] | undefined
  /** Whether the run is still wanted when it has ended, and so an iteration of the open session. */
  readonly counts?: (() => boolean) | undefined
}

/** Runs a command under tracespec and judges it; `stdio` as the child gets it. */
export async function captureRun(
  request: CaptureRequest,
  stdio: readonly [number, number, number],
  io: Io,
): Promise<{ readonly outcome: Outcome; readonly traces: readonly Trace[] }> {
  const { openWire, ownRootOf } = await import('../wire.ts')
  const { runAndJudge } = await import('../app/run.ts')
  const { withoutOwnRoot } = await import('../app/own-root.ts')
  const { renderJson, resultOf } = await import('../report/json.ts')

  const { servingSentence } = await import('../report/wording/command.ts')

  const { server, forward, protocol, thenFrom, signals, counts: _, ...asked } = request
  await using wire = openWire({ cwd: io.cwd, project: request.project, env: io.env })
  const specs = await openSpecs(wire, request.asked.specs)
  using pipeline = await pipelineEnd(thenFrom, { wire, waitMs: request.waitMs, io })
  const store = await wire.store()
  const id = wire.newRunId()
  await using progress = followProgress(io.err, () => store.counts(id))
  return await runAndJudge(
    { ...request, id, specs, cwd: wire.cwd },
    {
      store,
      now: wire.now,
      spans: async () => withoutOwnRoot(await store.spansOfRun(id), ownRootOf(id)),
      deliver: pipeline?.deliver,
      publish: (outcome) => renderJson(resultOf(outcome)),
      execute: (onStarted) =>
        wire.execute({
          ...asked,
          ...(server === undefined ? {} : { server }),
          ...(forward === undefined ? {} : { forward }),
          ...(protocol === undefined ? {} : { protocol }),
          ...(signals === undefined ? {} : { signals }),
          onForwarded: (facts) => void io.err.write(forwardedNote(facts)),
          runId: id,
          stdio,
          onServing: (event) => void io.err.write(`tracespec: ${servingSentence(event)}\n`),
          onStarted: async ({ startedAt, environment }) => {
            void io.err.write(environmentNotes(id, environment))
            await onStarted(startedAt)
            progress.start()
          },
        }),
    },
  )
}

interface PipelineEnd extends Disposable {
  readonly deliver: (spans: readonly Span[]) => Promise<Delivery>
}

/** The backend that should have the spans in the end; it is opened before the command runs, so that a wrong name runs nothing. */
async function pipelineEnd(
  name: string | undefined,
  around: { readonly wire: Wire; readonly waitMs: number; readonly io: Io },
): Promise<PipelineEnd | undefined> {
  if (name === undefined) return undefined
  const { wire, waitMs, io } = around
  const { checkDelivery } = await import('../app/delivery.ts')
  const opened = await openNamed(wire, name, io)
  const pause = (ms: number): Promise<void> => sleep(ms)
  return {
    deliver: (spans) => checkDelivery(spans, { ...opened, waitMs, now: wire.now, pause }),
    [Symbol.dispose]: () => opened[Symbol.dispose](),
  }
}
