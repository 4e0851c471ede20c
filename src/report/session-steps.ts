import type { IterationRecord } from '../trace/ports.ts'
import type { NextStep, Worded } from '../verify/outcome.ts'
import type { SessionStep } from '../verify/session.ts'
import { focusOf } from './focus.ts'
import { isPrintable, quoted } from './quote.ts'
import { stepCommandWhy, stepSentence } from './wording/session.ts'

/** A step with its sentence and the commands that show it and check it. */
export type PublishedStep = Worded<SessionStep> & { readonly commands: readonly NextStep[] }

export interface StepContext {
  /** Options that every command needs again, as `['--project', 'shop']`. */
  readonly commonOptions: readonly string[]
  /** Undefined before the first run. */
  readonly last: Pick<IterationRecord, 'command' | 'options'> | undefined
}

/** A step with its words and with commands that can be pasted. */
export function publishedStep(step: SessionStep, context: StepContext): PublishedStep {
  return {
    ...step,
    message: stepSentence(step),
    commands: commandsOf(step, context).filter(({ command }) => isPrintable(command)),
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
  { finding, spec, origin }: Extract<SessionStep, { code: 'repair' }>,
  { commonOptions }: StepContext,
): readonly NextStep[] {
  const span = origin ?? focusOf(finding)?.span
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
