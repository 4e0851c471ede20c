import type { Bounded } from '../verify/result.ts'
import type { SessionProgress, SessionStep } from '../verify/session.ts'
import { bounded } from '../verify/shown.ts'
import { publishedStep, type PublishedStep, type StepContext } from './session-steps.ts'
import { sessionSentence } from './wording/session.ts'

/** What `tracespec session status --json` prints. */
export interface SessionDocument extends SessionProgress {
  readonly tracespec: string
  /** One or two sentences. */
  readonly summary: string
  readonly next_steps: Bounded<PublishedStep>
}

export interface SessionParts extends StepContext {
  /** Of tracespec. */
  readonly version: string
  readonly progress: SessionProgress
  readonly steps: readonly SessionStep[]
  readonly maxSteps: number
}

/** The published document of a session: its facts and their words. An ended session asks for nothing more. */
export function sessionDocument(parts: SessionParts): SessionDocument {
  const { version, progress, maxSteps } = parts
  const steps = progress.session.ended_at === null ? parts.steps : []
  return {
    ...progress,
    tracespec: version,
    summary: sessionSentence(progress),
    next_steps: bounded(
      steps.map((step) => publishedStep(step, parts)),
      maxSteps,
      'the first ones come first: those after them may go away with them',
    ),
  }
}
