import type { CheckVerdict, IterationRecord, SessionRecord } from '../trace/ports.ts'
import { millisOf, type Nanos } from '../trace/time.ts'
import type { Bounded } from '../verify/result.ts'
import type {
  CheckName,
  CodeFacts,
  IterationFacts,
  SessionFacts,
  SessionProgress,
  SessionStatus,
  SessionStrip,
} from '../verify/session.ts'
import { bounded } from '../verify/shown.ts'
import { historyOf, type History, type Movement } from './session-history.ts'
import type { Weakened } from './session-weakenings.ts'

/** How many iterations of a session are followed; older ones stay in the store. */
export const MAX_ITERATIONS = 500

export interface ProgressLimits {
  /** How many iterations are told, the newest first to stay. */
  readonly iterations: number
  /** How many checks of each list of an iteration are told. */
  readonly checks: number
  readonly weakened: Weakened
}

/** How a session goes, iteration by iteration, oldest first. */
export function progressOf(
  session: SessionRecord,
  iterations: readonly IterationRecord[],
  { weakened, ...limits }: ProgressLimits,
): SessionProgress {
  const history = historyOf(iterations, weakened)
  const { movements } = history
  const told = movements.slice(-limits.iterations)
  const total = iterations.at(-1)?.ordinal ?? 0
  const omitted = total - told.length
  const known = iterations.flatMap(({ tokens }) => tokens ?? [])
  return {
    schema: 'tracespec.session/1',
    session: sessionFacts(session),
    status: sessionStatus(session, history),
    totals: {
      iterations: total,
      fixed: history.fixed,
      still_failing: history.failing.length,
      flickering: history.flickering,
      weakened: iterations.reduce((sum, { runId }) => sum + (weakened.get(runId)?.length ?? 0), 0),
      undecided: countOf(iterations.at(-1), 'open'),
      duration_ms: iterations.reduce((sum, { durationMs }) => sum + durationMs, 0),
      tokens: known.length === 0 ? null : known.reduce((sum, tokens) => sum + tokens, 0),
    },
    iterations: {
      items: told.map((movement) => iterationFacts(movement, limits.checks, weakened)),
      shown: told.length,
      omitted,
      total,
      how: omitted === 0 ? null : `--limit ${total}`,
    },
  }
}

/** How many iterations a strip draws. */
const MAX_DRAWN = 24

/** The session in one line. */
export function stripOf(
  session: SessionRecord,
  iterations: readonly IterationRecord[],
  weakened: Weakened,
): SessionStrip {
  const history = historyOf(iterations, weakened)
  const weaker = weakened.get(iterations.at(-1)?.runId ?? '') ?? []
  return {
    id: session.id,
    status: sessionStatus(session, history),
    failing: iterations.slice(-MAX_DRAWN).map((iteration) => countOf(iteration, 'fail')),
    iterations: iterations.at(-1)?.ordinal ?? 0,
    fixed: history.fixed,
    still_failing: history.failing.length,
    flickering: history.flickering,
    ...(weaker.length === 0 ? {} : { weaker: bounded(weaker, MAX_WEAKER, STATUS) }),
  }
}

const MAX_WEAKER = 10
const STATUS = 'tracespec session status --json lists more'

/** A session as plain facts. */
export function sessionFacts({ id, goal, specs, startedAt, endedAt }: SessionRecord): SessionFacts {
  return {
    id,
    goal: goal ?? null,
    specs,
    started_at: isoOf(startedAt),
    ended_at: endedAt === undefined ? null : isoOf(endedAt),
  }
}

/** Green needs more than a last run that passed: nothing that failed is left, and every spec of the session holds. */
export function sessionStatus({ specs }: SessionRecord, history: History): SessionStatus {
  const last = history.movements.at(-1)?.iteration
  if (last === undefined) return 'no_runs'
  if (history.failing.length > 0 || last.status === 'fail') return 'red'
  const judged = [...history.specs]
  const areAllJudged = specs.every((asked) =>
    judged.some(([name, { path }]) => name === asked || path === asked),
  )
  const doHold = judged.every(([, { status }]) => status === 'pass')
  const isSettled = history.movements.at(-1)?.flickering.length === 0
  return last.status === 'pass' && areAllJudged && doHold && isSettled ? 'green' : 'undecided'
}

function countOf(iteration: IterationRecord | undefined, state: CheckVerdict['state']): number {
  return iteration?.checks.filter((check) => check.state === state).length ?? 0
}

function iterationFacts(movement: Movement, limit: number, weakened: Weakened): IterationFacts {
  const { iteration } = movement
  const revealed = movement.revealed.map((check) => ({ ...checkName(check), passed_before: false }))
  const broken = movement.broken.map((check) => ({ ...checkName(check), passed_before: true }))
  const list = <T>(items: readonly T[]): Bounded<T> =>
    bounded(items, limit, '--json with a larger --limit shows all')
  const names = (checks: readonly CheckVerdict[]): Bounded<CheckName> => list(checks.map(checkName))
  return {
    ordinal: iteration.ordinal,
    run: iteration.runId,
    status: iteration.status,
    started_at: isoOf(iteration.startedAt),
    duration_ms: iteration.durationMs,
    code: codeFacts(iteration),
    specs: iteration.specs.map(({ name, status }) => ({ name, status })),
    specs_changed: movement.specsChanged,
    weaker: list(weakened.get(iteration.runId) ?? []),
    failing: countOf(iteration, 'fail'),
    undecided: countOf(iteration, 'open'),
    change: movement.change,
    fixed: names(movement.fixed),
    new: list([...broken, ...revealed]),
    still_failing: names(movement.stillFailing),
    flickering: names(movement.flickering),
    no_longer_asked: names(movement.noLongerAsked),
    tokens: iteration.tokens ?? null,
  }
}

/** A check as it is published. */
export function checkName({ spec, label, condition, at }: CheckVerdict): CheckName {
  return { spec, label, condition, at }
}

function codeFacts({ code }: IterationRecord): CodeFacts | null {
  if (code === undefined) return null
  const { commit, dirty, dirtyTotal, digest } = code
  const omitted = dirtyTotal - dirty.length
  return {
    commit: commit ?? null,
    dirty: {
      items: dirty,
      shown: dirty.length,
      omitted,
      total: dirtyTotal,
      how: omitted === 0 ? null : 'git status lists all that is changed now',
    },
    comparable: digest !== undefined,
  }
}

function isoOf(time: Nanos): string {
  return new Date(Math.floor(millisOf(time))).toISOString()
}
