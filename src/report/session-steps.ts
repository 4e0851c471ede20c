import type { EvidenceReason } from '../trace/evidence.ts'
import type { IterationRecord } from '../trace/ports.ts'
import type { NextStep, Worded } from '../verify/outcome.ts'
import type { Finding } from '../verify/result.ts'
import type { SessionStep } from '../verify/session.ts'
import { focusOf } from './focus.ts'
import { wordedFinding, wordedReason } from './json.ts'
import { isPrintable, quoted } from './quote.ts'
import { stepCommandWhy, stepSentence } from './wording/session.ts'

type Repair = Extract<SessionStep, { code: 'repair' }>
type Decide = Extract<SessionStep, { code: 'decide' }>

/** A step with everything in it worded. */
type WordedStep =
  | Worded<Exclude<SessionStep, Repair | Decide>>
  | Worded<Omit<Repair, 'finding'> & { readonly finding: Worded<Finding> }>
  | Worded<Omit<Decide, 'reasons'> & { readonly reasons: readonly Worded<EvidenceReason>[] }>

/** A step with its sentence and the commands that show it and check it. */
export type PublishedStep = WordedStep & { readonly commands: readonly NextStep[] }

export interface StepContext {
  /** Options that every command needs again, as `['--project', 'shop']`. */
  readonly commonOptions: readonly string[]
  /** Undefined before the first run. */
  readonly last: Pick<IterationRecord, 'command' | 'options'> | undefined
}

/** A step with its words and with commands that can be pasted. */
export function publishedStep(step: SessionStep, context: StepContext): PublishedStep {
  const commands = commandsOf(step, context).filter(({ command }) => isPrintable(command))
  return { ...wordedStep(step), commands }
}

function wordedStep(step: SessionStep): WordedStep {
  const message = stepSentence(step)
  switch (step.code) {
    case 'repair':
      return { ...step, finding: wordedFinding(step.finding), message }
    case 'decide':
      return { ...step, reasons: step.reasons.map(wordedReason), message }
    case 'run_first':
    case 'no_spans':
    case 'command_failed':
    case 'settle':
    case 'judge_spec':
    case 'run_again':
    case 'cover_span':
    case 'cover_optional':
    case 'end_session':
      return { ...step, message }
  }
}

function commandsOf(step: SessionStep, context: StepContext): readonly NextStep[] {
  switch (step.code) {
    case 'repair':
      return [...see(step, context), ...runAgain(context)]
    case 'run_first':
    case 'no_spans':
    case 'command_failed':
    case 'decide':
    case 'settle':
    case 'run_again':
    case 'judge_spec':
      return runAgain(context)
    case 'cover_span':
    case 'cover_optional':
      return [make('spec', ['spec', 'show', ...context.commonOptions, step.spec])]
    case 'end_session':
      return [make('end', ['session', 'end', ...context.commonOptions])]
  }
}

function see(
  { finding, spec, origin, elsewhere }: Extract<SessionStep, { code: 'repair' }>,
  { commonOptions }: StepContext,
): readonly NextStep[] {
  const span = origin ?? elsewhere ?? focusOf(finding)?.span
  if (span === undefined) return []
  const at = [`trace:${span.trace_id}`, '--spec', spec, '--span', span.span_id]
  return [make('see', ['show', ...commonOptions, ...at])]
}

function runAgain({ commonOptions, last }: StepContext): readonly NextStep[] {
  if (last === undefined) return []
  return [make('check', ['run', ...commonOptions, ...last.options, '--', ...last.command])]
}

function make(use: Parameters<typeof stepCommandWhy>[0], command: readonly string[]): NextStep {
  const whole = ['tracespec', ...command]
  return { why: stepCommandWhy(use), command: whole, text: quoted(whole) }
}
