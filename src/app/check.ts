import { capturedOf } from '../verify/captured.ts'
import type { Asked, Outcome } from '../verify/outcome.ts'
import type { SpecFile } from '../verify/observation.ts'
import { evidenceOf } from './evidence.ts'
import type { OpenedCapture } from './captures.ts'
import { judge } from './judge.ts'

export interface CheckRequest {
  readonly version: string
  readonly asked: Asked
  readonly specs: readonly SpecFile[]
  readonly capture: OpenedCapture
  readonly requireAll: boolean
  readonly limit?: number | undefined
}

/** Judges a capture that exists already. */
export function check(request: CheckRequest): Outcome {
  const { version, asked, specs, capture, requireAll, limit } = request
  const judgement = judge(specs, capture, {
    specsNamed: asked.specs.length > 0,
    captureNamed: true,
    requireAll,
    exercisedBefore: capture.exercisedBefore,
    limit,
  })
  return {
    version,
    asked,
    run: null,
    captured: capturedOf(capture.traces),
    evidence: evidenceOf(capture.traces, capture.run, capture.settled),
    specs: judgement.specs,
    not_exercised: judgement.notExercised,
    command_failed: null,
    diagnosis: null,
    error: null,
    interrupted: false,
  }
}
