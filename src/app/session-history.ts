import type { CheckVerdict, IterationRecord } from '../trace/ports.ts'
import type { ChangeEffect } from '../verify/session.ts'
import { keyOf, presenceKeyOf, ruleKeyOf } from './session-checks.ts'
import { isLoosened, type Weakened } from './session-weakenings.ts'

/** What became of every check in one run, against all that was known before it. */
export interface Movement {
  readonly iteration: IterationRecord
  readonly fixed: readonly CheckVerdict[]
  readonly broken: readonly CheckVerdict[]
  /** Fail and were never decided before, as what is below a span that was missing. */
  readonly revealed: readonly CheckVerdict[]
  readonly stillFailing: readonly CheckVerdict[]
  /** Failed and passed with the same code, command and spec. */
  readonly flickering: readonly CheckVerdict[]
  /** Failed, and left out or loosened by the changed spec. */
  readonly noLongerAsked: readonly CheckVerdict[]
  readonly specsChanged: readonly string[]
  readonly change: ChangeEffect
}

export interface History {
  readonly movements: readonly Movement[]
  /** Checks that fail as far as is known: in the last run, or when they were last judged. */
  readonly failing: readonly CheckVerdict[]
  /** How many failed once and pass as far as is known, without having flickered. */
  readonly fixed: number
  readonly flickering: number
  /** The latest verdict on each spec that was judged, by its name. */
  readonly specs: ReadonlyMap<string, { readonly path: string; readonly status: string }>
}

/** Follows every check through the runs of a session, oldest first; what is not known to be loosened counts as fixed. */
export function historyOf(
  iterations: readonly IterationRecord[],
  weakened: Weakened = new Map(),
): History {
  const known: Known = {
    weakened,
    last: new Map(),
    failedOnce: new Set(),
    seen: new Set(),
    specs: new Map(),
  }
  const movements = iterations.map((iteration, at) =>
    movementOf(iteration, iterations[at - 1], known),
  )
  const last = [...known.last.values()]
  const flickering = new Set(movements.flatMap((one) => one.flickering.map(keyOf)))
  const isFixed = (check: CheckVerdict): boolean =>
    check.state === 'pass' && known.failedOnce.has(keyOf(check)) && !flickering.has(keyOf(check))
  return {
    movements,
    failing: last.filter((check) => check.state === 'fail'),
    fixed: last.filter(isFixed).length,
    flickering: flickering.size,
    specs: known.specs,
  }
}

/** What is known after the runs so far; it grows from run to run. */
interface Known {
  readonly weakened: Weakened
  /** The last decided state of each check. */
  readonly last: Map<string, CheckVerdict>
  readonly failedOnce: Set<string>
  /** Each check with its state and the code that showed it. */
  readonly seen: Set<string>
  readonly specs: Map<
    string,
    { readonly path: string; readonly sha256: string; readonly status: string }
  >
}

function movementOf(
  iteration: IterationRecord,
  previous: IterationRecord | undefined,
  known: Known,
): Movement {
  const specsChanged = iteration.specs
    .filter(({ name, sha256 }) => (known.specs.get(name)?.sha256 ?? sha256) !== sha256)
    .map(({ name }) => name)
  const noLongerAsked = unaskedOf(iteration, known)
  for (const check of noLongerAsked) known.last.delete(keyOf(check))
  const decided = [
    ...iteration.checks.filter((check) => check.state !== 'open'),
    ...mendedSpans(iteration, known),
  ]
  const moved = Map.groupBy(decided, (check) => moveOf(check, iteration, known))
  remember(decided, iteration, known)
  const loosened = moved.get('loosened') ?? []
  for (const check of loosened) known.failedOnce.delete(keyOf(check))
  const facts = {
    iteration,
    fixed: moved.get('fixed') ?? [],
    broken: moved.get('broken') ?? [],
    revealed: moved.get('revealed') ?? [],
    stillFailing: moved.get('still_failing') ?? [],
    flickering: moved.get('flickering') ?? [],
    noLongerAsked: [...noLongerAsked, ...loosened],
    specsChanged,
  }
  return { ...facts, change: changeOf(facts, previous) }
}

/** What failed and is asked no more, since the spec is another: that is no repair. */
function unaskedOf({ specs, checks }: IterationRecord, known: Known): readonly CheckVerdict[] {
  const names = new Set(specs.map(({ name }) => name))
  const paths = new Set(specs.map(({ path }) => path))
  const states = new Map(checks.map((check) => [keyOf(check), check.state]))
  return failingOf(known).filter((check) => {
    if (!names.has(check.spec)) return paths.has(known.specs.get(check.spec)?.path ?? '')
    if (states.has(keyOf(check))) return false
    const rule = ruleKeyOf(check)
    if (rule !== undefined) return hasCase(check, states) && !states.has(rule)
    const presence = states.get(presenceKeyOf(check))
    // A condition is left out, too, where its span is missing.
    return isOfExpectation(check)
      ? presence === undefined || presence === 'pass'
      : hasCase(check, states)
  })
}

function isOfExpectation({ subject }: CheckVerdict): boolean {
  return subject.startsWith('#') || subject.startsWith(' >')
}

function hasCase(check: CheckVerdict, states: ReadonlyMap<string, string>): boolean {
  return states.get(keyOf({ ...check, subject: '', condition: 'case' })) === 'pass'
}

/** Spans that broke a rule and break it no more, where the rule was decided. */
function mendedSpans({ checks }: IterationRecord, known: Known): readonly CheckVerdict[] {
  const states = new Map(checks.map((check) => [keyOf(check), check.state]))
  return failingOf(known).flatMap((check) => {
    const rule = ruleKeyOf(check)
    const isMended = rule !== undefined && states.get(rule) === 'pass' && !states.has(keyOf(check))
    return isMended ? [{ ...check, state: 'pass' as const }] : []
  })
}

function failingOf(known: Known): readonly CheckVerdict[] {
  return [...known.last.values()].filter((check) => check.state === 'fail')
}

type Move =
  | 'fixed'
  | 'loosened'
  | 'broken'
  | 'revealed'
  | 'still_failing'
  | 'flickering'
  | 'still_passing'

function moveOf(check: CheckVerdict, iteration: IterationRecord, known: Known): Move {
  const opposite = check.state === 'fail' ? 'pass' : 'fail'
  const sight = sightOf({ ...check, state: opposite }, iteration)
  if (sight !== undefined && known.seen.has(sight)) return 'flickering'
  const before = known.last.get(keyOf(check))?.state
  if (check.state === 'pass') {
    if (before !== 'fail') return 'still_passing'
    return isLoosened(check, known.weakened.get(iteration.runId) ?? []) ? 'loosened' : 'fixed'
  }
  if (before === undefined) return 'revealed'
  return before === 'fail' ? 'still_failing' : 'broken'
}

/** A state of a check together with all that decides it; undefined when the code cannot be told from other code. */
function sightOf(check: CheckVerdict, iteration: IterationRecord): string | undefined {
  const code = iteration.code?.digest
  if (code === undefined) return undefined
  const spec = iteration.specs.find(({ name }) => name === check.spec)?.sha256
  const { command, options, cwd } = iteration
  return JSON.stringify([code, command, options, cwd, spec, keyOf(check), check.state])
}

function remember(
  decided: readonly CheckVerdict[],
  iteration: IterationRecord,
  known: Known,
): void {
  for (const check of decided) {
    const key = keyOf(check)
    known.last.set(key, check)
    if (check.state === 'fail') known.failedOnce.add(key)
    const sight = sightOf(check, iteration)
    if (sight !== undefined) known.seen.add(sight)
  }
  for (const spec of iteration.specs) known.specs.set(spec.name, spec)
}

/** Whether the change between two runs brought the goal nearer. */
function changeOf(
  { iteration, fixed, broken }: Omit<Movement, 'change'>,
  previous: IterationRecord | undefined,
): ChangeEffect {
  if (previous === undefined) return 'first'
  if (isSameCode(iteration, previous)) return 'same_code'
  if (fixed.length > 0) return broken.length > 0 ? 'mixed' : 'helped'
  if (broken.length > 0) return 'hurt'
  return doCompare(iteration, previous) ? 'none' : 'unknown'
}

function isSameCode(one: IterationRecord, other: IterationRecord): boolean {
  const digest = one.code?.digest
  return (
    digest !== undefined && digest === other.code?.digest && specTexts(one) === specTexts(other)
  )
}

function specTexts({ specs }: IterationRecord): string {
  return JSON.stringify(specs.map(({ name, sha256 }) => [name, sha256]))
}

/** Some check was decided in both. */
function doCompare(one: IterationRecord, other: IterationRecord): boolean {
  const keys = new Set(other.checks.filter((check) => check.state !== 'open').map(keyOf))
  return one.checks.some((check) => check.state !== 'open' && keys.has(keyOf(check)))
}
