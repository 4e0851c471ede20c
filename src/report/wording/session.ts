import type {
  CheckName,
  IterationFacts,
  SessionProgress,
  SessionStep,
  SessionStrip,
  SourcePlace,
  WeakenedSpec,
} from '../../verify/session.ts'
import { inert, visible } from '../sanitize.ts'
import { evidenceSentence } from './evidence.ts'
import { findingSentence } from './finding.ts'
import { plural, some, spanName, tagOf, tick } from './phrases.ts'
import { weakeningSentence } from './weakening.ts'

/** How a session stands, in a phrase without a full stop. */
export function countsPhrase(session: Omit<SessionStrip, 'id' | 'failing'>): string {
  const { iterations, fixed, still_failing: failing, flickering, status } = session
  const parts = [
    plural(iterations, 'iteration'),
    ...(fixed === 0 ? [] : [`${fixed} fixed`]),
    ...(failing === 0 ? [] : [`${failing} still ${failing === 1 ? 'fails' : 'fail'}`]),
    ...(flickering === 0 ? [] : [`${flickering} ${flickering === 1 ? 'flickers' : 'flicker'}`]),
    ...(status === 'green' ? ['green'] : []),
    ...(status === 'undecided' ? ['undecided'] : []),
  ]
  return parts.join(', ')
}

/** The session in one or two sentences. */
export function sessionSentence({ session, status, totals, iterations }: SessionProgress): string {
  const goal = session.goal === null ? '' : `: ${inert(session.goal, 200)}`
  const { id } = session
  switch (status) {
    case 'no_runs':
      return `Session ${id}${goal}; nothing was run in it yet.`
    case 'green':
      return greenSentence(id, totals)
    case 'red':
    case 'undecided': {
      const last = iterations.items.at(-1)
      const change = last === undefined ? '' : ` ${changeSentence(last)}`
      return `Session ${id}${goal}; ${countsPhrase({ ...totals, status })}.${change}`
    }
  }
}

/** What a spec does not ask any more is not fixed. */
function greenSentence(id: string, totals: SessionProgress['totals']): string {
  const { iterations, weakened: places } = totals
  const after = `Green after ${plural(iterations, 'iteration')}`
  return places === 0
    ? `${after}: every check that failed in session ${id} is fixed.`
    : `${after}: every check that failed in session ${id} is fixed or no longer asked, since its specs came to ask for less in ${plural(places, 'place')}.`
}

/** Whether the last change helped. */
function changeSentence(iteration: IterationFacts): string {
  const { change, fixed, new: found, specs_changed, weaker } = iteration
  const specs =
    specs_changed.length === 0
      ? ''
      : ` The text of ${some(specs_changed.slice(0, 3).map(tick), specs_changed.length)} is another than before${lessPhrase(weaker.total)}.`
  switch (change) {
    case 'first':
      return `This is the first run.${specs}`
    case 'helped':
      return `The last change helped: it fixed ${plural(fixed.total, 'check')}.${specs}`
    case 'hurt':
      return `The last change hurt: it broke ${plural(brokenOf(found.items), 'check')} and fixed none.${specs}`
    case 'mixed':
      return `The last change fixed ${plural(fixed.total, 'check')} and broke ${brokenOf(found.items)}.${specs}`
    case 'none':
      return `The last change fixed nothing and broke nothing.${specs}`
    case 'same_code':
      return `The code is the same as in the run before.${specs}`
    case 'unknown':
      return `The last two runs do not compare: no check was decided in both.${specs}`
  }
}

function lessPhrase(places: number): string {
  return places === 0 ? '' : ` and asks for less in ${plural(places, 'place')}`
}

function brokenOf(found: IterationFacts['new']['items']): number {
  return found.filter((check) => check.passed_before).length
}

/** Whether the change before an iteration helped, in a word or two. */
export function changeWord(change: IterationFacts['change']): string {
  switch (change) {
    case 'first':
    case 'helped':
    case 'hurt':
    case 'mixed':
      return change
    case 'none':
      return 'no effect'
    case 'same_code':
      return 'same code'
    case 'unknown':
      return 'not comparable'
  }
}

/** What an iteration moved, in a few words. */
export function iterationPhrase(iteration: IterationFacts): string {
  const { fixed, new: found, still_failing: still, flickering, no_longer_asked: gone } = iteration
  const parts = [
    ...(fixed.total === 0 ? [] : [`${fixed.total} fixed`]),
    ...(found.total === 0 ? [] : [`${found.total} new`]),
    ...(still.total === 0 ? [] : [`${still.total} as before`]),
    ...(flickering.total === 0 ? [] : [`${flickering.total} flickering`]),
    ...(gone.total === 0 ? [] : [`${gone.total} no longer asked`]),
    ...(iteration.undecided === 0 ? [] : [`${iteration.undecided} undecided`]),
    ...(iteration.specs_changed.length === 0 ? [] : ['spec changed']),
  ]
  return parts.length === 0 ? 'nothing fails' : parts.join(', ')
}

/** What a spec of the session asks for less than before. */
export function weakenedSentence(weakened: WeakenedSpec): string {
  const { code, spec } = weakened
  const what =
    code === 'unknown'
      ? 'what it asks for less is not known, as a text of it is no longer kept.'
      : weakeningSentence({ ...weakened, code })
  return `${tick(spec)} asks for less: ${what}`
}

/** A check by what is wrong when it fails. */
export function checkPhrase({ label, condition }: CheckName): string {
  return `${tick(label)} ${conditionWord(condition)}`
}

function conditionWord(condition: string): string {
  switch (condition) {
    case 'count.min':
      return 'missing'
    case 'count.max':
      return 'too often'
    case 'case':
      return 'without a case'
    case 'exit_code':
      return 'exit code'
    case 'error_conditions':
      return 'error'
    case 'forbidden_spans':
      return 'forbidden'
    case 'unexpected_spans':
      return 'unexpected'
    case 'performance_constraints.max_total_duration_ms':
      return 'too slow'
    case 'traces.min':
    case 'traces.max':
      return 'number of cases'
  }
  if (condition.startsWith('expected_duration_ms')) return 'duration'
  const tag = tagOf(condition)
  return tag === undefined ? inert(condition, 80) : `tag ${tick(tag)}`
}

/** What to do, and why. */
export function stepSentence(step: SessionStep): string {
  switch (step.code) {
    case 'run_first':
      return 'Run the program under tracespec: the session has no run that is still kept.'
    case 'no_spans':
      return 'No span arrived in the last run, so nothing else can be told: run it again and follow the fix that it names.'
    case 'command_failed':
      return `The command ${ended(step)}: read its own output first, for what it did not reach is missing in the trace too.`
    case 'repair':
      return repairSentence(step)
    case 'decide': {
      const reasons = step.reasons.map(evidenceSentence).join(' ')
      return `${plural(step.checks, 'check')} of ${tick(step.spec)} ${step.checks === 1 ? 'is' : 'are'} open. ${reasons}`.trimEnd()
    }
    case 'settle':
      return `${some(step.checks.items.map(checkPhrase), step.checks.total)}: failed and passed with the same code. Find what it depends on beside the code (time, order, left-over state), and run it again.`
    case 'run_again':
      return 'The last run proves nothing: run it again.'
    case 'judge_spec':
      return `${tick(step.spec)} does not hold as far as the last run tells: exercise it.`
    case 'cover_span':
      return `${tick(step.spec)} holds and says nothing about ${spanName(step.span)}${step.count === 1 ? '' : `, which occurs ${step.count} times`}.`
    case 'cover_optional':
      return `${tick(step.label)} is optional in ${tick(step.spec)} and did not occur in the last run.`
    case 'end_session':
      return 'Everything that is asked holds: end the session.'
  }
}

function ended({
  exit_code: exitCode,
  signal,
}: Extract<SessionStep, { code: 'command_failed' }>): string {
  return signal === null
    ? `exited with code ${exitCode ?? 'unknown'}`
    : `was ended by ${inert(signal, 20)}`
}

function repairSentence(step: Extract<SessionStep, { code: 'repair' }>): string {
  const { finding, origin, elsewhere, consequences } = step
  const parts = [
    findingSentence(finding),
    origin === null ? '' : `The error began at ${spanName(origin)}.`,
    elsewhere === null
      ? ''
      : `${spanName(elsewhere)} begins a trace of its own: its context was lost on the way, so pass the traceparent of the caller on to it.`,
    consequences.total === 0
      ? ''
      : `${'required_below' in finding ? 'Below it' : 'It was passed on to'}: ${some(consequences.items.map(tick), consequences.total)}.`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

/** A place in the project as editors open it. */
export function placeText({ path, line }: SourcePlace): string {
  return line === null ? visible(path) : `${visible(path)}:${line}`
}

/** How a place is known. */
export function placeReason({ told_by, span }: SourcePlace): string {
  switch (told_by) {
    case 'code_attributes':
      return `by the code attributes of ${spanName(span)}`
    case 'stack_trace':
      return `by the stack trace of ${spanName(span)}`
  }
}

/** What a command of a step is for. */
export function stepCommandWhy(use: 'see' | 'check' | 'spec' | 'end'): string {
  switch (use) {
    case 'see':
      return 'See it in its trace'
    case 'check':
      return 'After the change, check it'
    case 'spec':
      return 'See what the spec says'
    case 'end':
      return 'When that is all'
  }
}
