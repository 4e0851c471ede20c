import type { Bounded } from '../verify/result.ts'
import type { Worded } from '../verify/outcome.ts'
import type {
  IterationFacts,
  SessionProgress,
  SessionStep,
  WeakenedSpec,
} from '../verify/session.ts'
import { bounded } from '../verify/shown.ts'
import { inertJson } from './json.ts'
import { publishedStep, type PublishedStep, type StepContext } from './session-steps.ts'
import { sessionSentence, weakenedSentence } from './wording/session.ts'

/** What `tracespec session status --json` prints. */
export interface SessionDocument extends Omit<SessionProgress, 'iterations'> {
  readonly tracespec: string
  /** One or two sentences. */
  readonly summary: string
  readonly iterations: Bounded<PublishedIteration>
  readonly next_steps: Bounded<PublishedStep>
}

export interface PublishedIteration extends Omit<IterationFacts, 'weaker'> {
  readonly weaker: Bounded<Worded<WeakenedSpec>>
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
    iterations: { ...progress.iterations, items: progress.iterations.items.map(published) },
    next_steps: bounded(
      steps.map((step) => publishedStep(step, parts)),
      maxSteps,
      'the first ones come first: those after them may go away with them',
    ),
  }
}

function published({ weaker, ...facts }: IterationFacts): PublishedIteration {
  const items = weaker.items.map((one) => ({ ...one, message: weakenedSentence(one) }))
  return { ...facts, weaker: { ...weaker, items } }
}

/** The document as JSON text with a final newline, with the user's own commands exactly as they are. */
export function renderSessionJson(document: SessionDocument): string {
  const commands = document.next_steps.items.flatMap((step) => step.commands)
  return inertJson(document, [...commands, ...commands.map(({ command }) => command)])
}
