import { focusOf } from '../report/focus.ts'
import { inert } from '../report/sanitize.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import { checkPhrase, sessionSentence, stepSentence } from '../report/wording/session.ts'
import type { Bounded } from '../verify/result.ts'
import type { CheckName, IterationFacts, SessionStep } from '../verify/session.ts'
import type { Wire } from '../wire.ts'
import type { Call } from './call.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { runAgain, runningOf, type OpenedSession } from './session.ts'
import { toldWeaker } from './told-weaker.ts'
import { counted, fitting } from './verdict.ts'

/** What `get_session_progress` answers. */
export async function progressAnswer(
  wire: Wire,
  opened: OpenedSession,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  const { session, last, progress } = opened
  const running = await runningOf(opened, call)
  const { status, totals, iterations } = progress
  const args = { session_id: session.id }
  const next = nextCall(nextCallWhy('what_next'), 'suggest_next_steps', args)
  return {
    summary: [sessionSentence(progress), ...running.notes].join(' '),
    session_id: session.id,
    status,
    totals: { ...totals, duration_ms: Math.round(totals.duration_ms) },
    iterations: {
      ...iterations,
      items: iterations.items.map(toldIteration),
      how: iterations.omitted === 0 ? null : `limit: ${iterations.total} shows more`,
    },
    next_steps: [
      ...running.calls,
      ...(last === undefined ? runAgain(wire, opened, call.runs) : [next]),
    ],
  }
}

/** What is empty is left out. */
function toldIteration(one: IterationFacts): object {
  const dirty = one.code?.dirty
  return {
    ordinal: one.ordinal,
    run: one.run,
    status: one.status,
    change: one.change,
    failing: one.failing,
    undecided: one.undecided,
    commit: one.code?.commit ?? null,
    ...(dirty === undefined || dirty.total === 0
      ? {}
      : { dirty: { ...dirty, items: dirty.items.map((path) => inert(path, 200)) } }),
    duration_ms: Math.round(one.duration_ms),
    ...(one.tokens === null ? {} : { tokens: one.tokens }),
    ...toldChecks('fixed', one.fixed),
    ...toldChecks('new', one.new),
    ...toldChecks('still_failing', one.still_failing),
    ...toldChecks('flickering', one.flickering),
    ...toldChecks('no_longer_asked', one.no_longer_asked),
    ...(one.specs_changed.length === 0 ? {} : { specs_changed: one.specs_changed }),
    ...toldWeaker(one.weaker),
  }
}

function toldChecks(name: string, list: Bounded<CheckName>): object {
  if (list.total === 0) return {}
  const how = list.omitted === 0 ? null : 'tracespec session status --json lists more'
  return {
    [name]: { ...list, items: list.items.map((check) => inert(checkPhrase(check), 200)), how },
  }
}

const MAX_BYTES = 4000

export interface Told {
  readonly steps: readonly SessionStep[]
  /** How many of them are told. */
  readonly most: number
  readonly call: Call
}

/** What `suggest_next_steps` answers. */
export async function stepsAnswer(
  wire: Wire,
  opened: OpenedSession,
  { steps, most, call }: Told,
): Promise<Readonly<Record<string, unknown>>> {
  const { session, progress } = opened
  const running = await runningOf(opened, call)
  const told = steps.slice(0, most).map(toldStep)
  const how = `limit: ${steps.length} shows all; those after the first may go away with it`
  const calls = [...seeFirst(steps[0]), ...seeOutput(steps), ...runAgain(wire, opened, call.runs)]
  return fitting(most, MAX_BYTES, (shown) => ({
    summary: [sessionSentence(progress), ...running.notes].join(' '),
    session_id: session.id,
    status: progress.status,
    steps: counted(told.slice(0, shown), steps.length, how),
    next_steps: [...running.calls, ...(progress.status === 'green' ? [] : calls)],
  }))
}

function toldStep(step: SessionStep): object {
  const { code } = step
  const message = stepSentence(step)
  if (code !== 'repair') {
    return { code, message, ...('spec' in step ? { spec: step.spec } : {}) }
  }
  const { spec, finding, source, consequences } = step
  const span = spanOf(step)
  const names = { ...consequences, items: consequences.items.map((name) => inert(name, 80)) }
  return {
    code,
    message,
    spec,
    at: finding.at,
    ...(source === null ? {} : { source: source.path, line: source.line }),
    ...(source === null ? {} : { told_by: source.told_by }),
    ...(consequences.total === 0 ? {} : { consequences: names }),
    ...(span === undefined ? {} : { trace_id: span.trace_id, span_id: span.span_id }),
  }
}

function spanOf(
  step: Extract<SessionStep, { code: 'repair' }>,
): { readonly trace_id: string; readonly span_id: string } | undefined {
  return step.origin ?? step.elsewhere ?? focusOf(step.finding)?.span
}

/** A command that failed and one without spans are explained by the answer of their run. */
function seeOutput(steps: readonly SessionStep[]): readonly NextCall[] {
  const step = steps.find(({ code }) => code === 'command_failed' || code === 'no_spans')
  if (step === undefined || !('run' in step)) return []
  const args = { trace: `run:${step.run}` }
  return [nextCall(nextCallWhy('see_output'), 'compare_trace_to_spec', args)]
}

/** The span of the first step in its trace. */
function seeFirst(step: SessionStep | undefined): readonly NextCall[] {
  const span = step?.code === 'repair' ? spanOf(step) : undefined
  if (span === undefined) return []
  const args = { trace_id: span.trace_id, span_id: span.span_id }
  return [nextCall(nextCallWhy('see_span'), 'get_trace_by_id', args)]
}
