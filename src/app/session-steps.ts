import type { RunRecord } from '../trace/ports.ts'
import { firstDifference } from '../trace/order.ts'
import type { Trace } from '../trace/trace.ts'
import type { SpecFile } from '../verify/observation.ts'
import type { Finding, SpanRef, SpecResult } from '../verify/result.ts'
import type { CheckName, SessionStatus, SessionStep } from '../verify/session.ts'
import { bounded } from '../verify/shown.ts'
import { beginsElsewhere } from './lost-context.ts'
import { requiredBelow } from './required-below.ts'
import { errorOrigins, findSpans, type FindSpan, type SpanPlace } from './session-evidence.ts'
import { sourcePlaceOf } from './source-place.ts'

/** The last run of a session as it is judged now. */
export interface LastRun {
  readonly run: RunRecord
  readonly commandFailed: boolean
  readonly traces: readonly Trace[]
  readonly files: readonly SpecFile[]
  /** With all their findings, in the order of the specs. */
  readonly results: readonly SpecResult[]
  /** Specs of the session that say nothing about this run. */
  readonly unjudged: readonly string[]
  /** Failed and passed with the code of this run. */
  readonly flickering: readonly CheckName[]
  readonly status: SessionStatus
}

export interface StepPorts {
  /** A file of the project by the path that a program names it by. */
  readonly resolve: (path: string) => string | undefined
}

/** What to do next about the last run of a session, causes before consequences; a green one is told what is not covered. */
export function suggestNextSteps(
  last: LastRun | undefined,
  ports: StepPorts,
): readonly SessionStep[] {
  if (last === undefined) return [{ code: 'run_first' }]
  const command = commandSteps(last)
  if (last.traces.length === 0) return [...command, { code: 'no_spans', run: last.run.id }]
  const repairs = repairSteps(last, ports)
  const isError = (step: SessionStep): boolean =>
    step.code === 'repair' && rankOf(step.finding) === ERROR_RANK
  const steps = [
    ...repairs.filter(isError),
    // A program that gave up has not done the rest.
    ...command,
    ...repairs.filter((step) => !isError(step)),
    ...settleSteps(last),
    ...decideSteps(last),
    ...last.unjudged.map((spec) => ({ code: 'judge_spec' as const, spec })),
  ]
  if (steps.length > 0) return steps
  if (last.status !== 'green') return [{ code: 'run_again', run: last.run.id }]
  return [...coverSteps(last), { code: 'end_session' }]
}

function commandSteps({ run, commandFailed }: LastRun): readonly SessionStep[] {
  if (!commandFailed) return []
  const { id, exitCode, signal } = run
  return [{ code: 'command_failed', run: id, exit_code: exitCode ?? null, signal: signal ?? null }]
}

type Repair = Extract<SessionStep, { code: 'repair' }>

function repairSteps(last: LastRun, { resolve }: StepPorts): readonly Repair[] {
  const find = findSpans(last.traces)
  const found = last.results.flatMap((result) => repairsOf(result, last, find))
  return found
    .toSorted((a, b) => firstDifference(rankOf(a.finding) - rankOf(b.finding), b.depth - a.depth))
    .map(({ spec, finding, place, elsewhere, consequences }) => ({
      code: 'repair',
      run: last.run.id,
      spec,
      finding,
      origin: place?.origin ?? null,
      elsewhere: elsewhere ?? null,
      source: place === undefined ? null : sourceAround(place, resolve),
      consequences: bounded(consequences, MAX_CONSEQUENCES, 'the spec lists them below it'),
    }))
}

const MAX_CONSEQUENCES = 5

interface Found {
  readonly spec: string
  readonly finding: Finding
  readonly place: SpanPlace | undefined
  readonly elsewhere: SpanRef | undefined
  readonly consequences: readonly string[]
  /** Deeper durations are causes of those above. */
  readonly depth: number
}

/** One step for each cause: the same in several cases is one, and an error that travelled up is that of its origin. */
function repairsOf(
  result: SpecResult,
  { files, traces }: LastRun,
  find: FindSpan,
): readonly Found[] {
  const file = files.find(({ path }) => path === result.spec.path)
  const failed = result.findings.items.filter((finding) => finding.status === 'fail')
  const errors = errorOrigins(failed, traces)
  const others = [
    ...Map.groupBy(
      failed.filter((finding) => rankOf(finding) !== ERROR_RANK),
      causeOf,
    ).values(),
  ].flatMap(([finding]) => finding ?? [])
  return [
    ...errors.map(({ finding, place, passedOn }) => ({
      spec: result.spec.name,
      finding,
      place,
      elsewhere: undefined,
      consequences: passedOn,
      depth: 0,
    })),
    ...others.map((finding) => {
      const place = placeOf(finding, find)
      return {
        spec: result.spec.name,
        finding,
        place,
        elsewhere: file === undefined ? undefined : beginsElsewhere(finding, file, traces),
        consequences:
          'required_below' in finding && file !== undefined
            ? requiredBelow(file.spec, finding.expectation)
            : [],
        depth: rankOf(finding) === SLOW_RANK ? (place?.depth ?? 0) : 0,
      }
    }),
  ]
}

function causeOf(finding: Finding): string {
  const expectation = 'expectation' in finding ? finding.expectation : null
  const condition = 'condition' in finding ? finding.condition : ''
  const name = finding.code === 'span_unexpected' ? finding.name : ''
  const label = 'label' in finding ? finding.label : ''
  return JSON.stringify([finding.code, expectation, condition, name, label])
}

const ERROR_RANK = 0
const SLOW_RANK = 6

/** What is repaired first: an absent span explains more than a wrong value, a wrong value more than a long time. */
function rankOf(finding: Finding): number {
  switch (finding.code) {
    case 'error_unexpected':
    case 'error_forbidden':
      return ERROR_RANK
    case 'no_case':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'not_judged':
      return 1
    case 'span_missing':
    case 'span_moved':
    case 'span_renamed':
      return 2
    case 'span_excess':
      return 3
    case 'condition_failed':
      if (finding.condition === 'status') return ERROR_RANK
      return finding.condition.startsWith('expected_duration_ms') ? SLOW_RANK : 4
    case 'span_unexpected':
    case 'span_forbidden':
    case 'error_missing':
    case 'undecided':
      return 5
    case 'total_duration_exceeded':
    case 'percentile_exceeded':
      return 7
  }
}

/** The span whose code is to be changed: where something is missing, the one it is missing under. */
function placeOf(finding: Finding, find: FindSpan): SpanPlace | undefined {
  switch (finding.code) {
    case 'span_missing':
      return find(finding.parent)
    case 'span_excess':
      return find(finding.spans.items[0] ?? finding.parent)
    case 'span_moved':
    case 'span_renamed':
    case 'condition_failed':
    case 'span_unexpected':
    case 'error_unexpected':
    case 'error_forbidden':
    case 'not_judged':
      return find(finding.span)
    case 'span_forbidden':
      return find(finding.spans.items[0] ?? null)
    case 'no_case':
      return find(finding.nearest?.span ?? null)
    case 'error_missing':
    case 'total_duration_exceeded':
    case 'percentile_exceeded':
    case 'too_few_cases':
    case 'too_many_cases':
    case 'undecided':
      return undefined
  }
}

function sourceAround({ span, above }: SpanPlace, resolve: StepPorts['resolve']): Repair['source'] {
  for (const candidate of [span, ...above]) {
    const source = sourcePlaceOf(candidate, resolve)
    if (source !== undefined) return source
  }
  return null
}

function settleSteps({ flickering }: LastRun): readonly SessionStep[] {
  if (flickering.length === 0) return []
  const checks = bounded(flickering, MAX_CONSEQUENCES, 'session status lists them')
  return [{ code: 'settle', checks }]
}

function decideSteps({ run, results }: LastRun): readonly SessionStep[] {
  return results.flatMap(({ spec, findings }) => {
    const open = findings.items.filter((finding) => finding.status === 'inconclusive')
    if (open.length === 0) return []
    const own = open.flatMap((finding) => ('reasons' in finding ? finding.reasons : []))
    const ofRun = run.evidence?.complete === false ? run.evidence.reasons : []
    const reasons = own.length > 0 ? own : ofRun
    const distinct = [
      ...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values(),
    ]
    return [
      {
        code: 'decide' as const,
        run: run.id,
        spec: spec.name,
        checks: open.length,
        reasons: distinct.slice(0, MAX_REASONS),
      },
    ]
  })
}

const MAX_REASONS = 3

/** What a spec that holds says nothing about. */
function coverSteps({ results }: LastRun): readonly SessionStep[] {
  return results.flatMap(({ spec, findings, expectations }): readonly SessionStep[] => [
    ...findings.items.flatMap((finding) =>
      finding.code === 'span_unexpected'
        ? [
            {
              code: 'cover_span' as const,
              spec: spec.name,
              span: finding.span,
              count: finding.count,
            },
          ]
        : [],
    ),
    ...expectations
      .filter(({ count }) => count.min === 0 && count.max !== 0 && count.observed === 0)
      .map(({ label, at }) => ({ code: 'cover_optional' as const, spec: spec.name, label, at })),
  ])
}
