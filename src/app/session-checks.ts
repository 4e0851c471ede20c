import type { SpanExpectation, Spec } from '../spec/spec.ts'
import type { CheckVerdict } from '../trace/ports.ts'
import type { SpecFile } from '../verify/observation.ts'
import type { CommandFailed } from '../verify/outcome.ts'
import type { ExpectationResult, Finding, SpecResult, Status } from '../verify/result.ts'

/** Every check of a judged spec under names that stay the same from run to run; `result` has all its findings. */
export function checksOfSpec({ spec }: SpecFile, result: SpecResult): readonly CheckVerdict[] {
  const { name } = spec
  const named = namedExpectations(spec)
  const ofExpectations = result.expectations.flatMap((judged) => {
    const subject = named.get(judged.id) ?? judged.id
    return checksOfExpectation(judged).map((check) => ({ ...check, spec: name, subject }))
  })
  // Of several cases some may fail and the spec still hold.
  const counting = result.status === 'pass' ? [] : result.findings.items
  const ofFindings = counting.flatMap((finding) => checkOfFinding(finding, name))
  return withoutRepeats([
    caseCheck(result),
    ...ofExpectations,
    ...ruleChecks(spec, result),
    ...ofFindings,
  ])
}

/** Whether the command ended as it was asked to. */
export function commandCheck(
  command: readonly string[],
  options: readonly string[],
  failed: CommandFailed | null,
): CheckVerdict {
  return {
    spec: '',
    // With `--expect-exit any` nothing is mended.
    subject: JSON.stringify([command, options]),
    condition: 'exit_code',
    state: failed === null ? 'pass' : 'fail',
    label: command.join(' ').slice(0, 200),
    at: '',
  }
}

/** What tells a check from all others, in whatever run. */
export function keyOf({ spec, subject, condition }: CheckVerdict): string {
  return JSON.stringify([spec, subject, condition])
}

function caseCheck({ spec, status, cases }: SpecResult): CheckVerdict {
  const absent = status === 'fail' ? 'fail' : 'open'
  const state = cases.total > 0 ? 'pass' : absent
  return { spec: spec.name, subject: '', condition: 'case', state, label: spec.name, at: spec.path }
}

/** By the id that its author gave it, else by its labels from the top: positions shift when a spec grows. */
function namedExpectations(spec: Spec): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const add = (expectations: readonly SpanExpectation[], above: string): void => {
    const alike = new Map<string, number>()
    for (const { id, label, children } of expectations) {
      const count = (alike.get(label) ?? 0) + 1
      alike.set(label, count)
      const own = `${above} > ${label}${count === 1 ? '' : ` #${count}`}`
      const name = id.includes('[') ? own : `#${id}`
      names.set(id, name)
      add(children, name)
    }
  }
  add(spec.expected, '')
  return names
}

type Unnamed = Omit<CheckVerdict, 'spec' | 'subject'>

/** What holds only because no span was there to break it is left out while such a span is required. */
function checksOfExpectation(judged: ExpectationResult): readonly Unnamed[] {
  const { label, at, checks, status } = judged
  if (checks.length === 0) {
    return [{ condition: 'count.min', state: status === 'fail' ? 'fail' : 'open', label, at }]
  }
  const isThere = checks.every(
    ({ condition, status: own }) => condition !== 'count.min' || own === 'pass',
  )
  return checks
    .filter((check) => isThere || check.condition === 'count.min' || check.status === 'fail')
    .map((check) => ({ condition: check.condition, state: stateOf(check.status), label, at }))
}

function stateOf(status: Status): CheckVerdict['state'] {
  return status === 'inconclusive' ? 'open' : status
}

/** What a spec asks beside its expectations holds until a finding says otherwise; without a case nothing was asked. */
function ruleChecks(spec: Spec, { cases }: SpecResult): readonly CheckVerdict[] {
  if (cases.total === 0) return []
  const { traces, forbidden, errorConditions, unexpectedErrors, unexpectedSpans } = spec
  const check = (condition: string, label: string, rule?: string): CheckVerdict => ({
    spec: spec.name,
    subject: rule === undefined ? '' : ruleSubject(rule),
    condition,
    state: 'pass',
    label,
    at: '',
  })
  const required = errorConditions.filter((rule) => rule.expect === 'required')
  return [
    ...forbidden.map(({ label }) => check('forbidden_spans', label, label)),
    ...required.map(({ label }) => check('error_conditions', label, label)),
    ...(unexpectedErrors.mode === 'fail' ? [check('error_conditions', 'errors')] : []),
    ...(unexpectedSpans.mode === 'fail' ? [check('unexpected_spans', 'unexpected spans')] : []),
    ...(spec.maxTotalDurationMs === undefined ? [] : [check(TOTAL, spec.name)]),
    ...(traces.min === undefined ? [] : [check('traces.min', spec.name)]),
    ...(traces.max === undefined ? [] : [check('traces.max', spec.name)]),
  ]
}

const TOTAL = 'performance_constraints.max_total_duration_ms'

function ruleSubject(label: string): string {
  return `rule ${label}`
}

/** Spans that break a rule for all of their sort have a check each only while they do. */
function spanSubject(parts: readonly (string | null | undefined)[]): string {
  return `${SPAN}${JSON.stringify(parts)}`
}

const SPAN = 'span '

/** The check that a span is an instance of, by its key; undefined for checks that stand in the spec. */
export function ruleKeyOf(check: CheckVerdict): string | undefined {
  return check.subject.startsWith(SPAN) ? keyOf({ ...check, subject: '' }) : undefined
}

/** The check that its expectation is there at all, by its key. */
export function presenceKeyOf(check: CheckVerdict): string {
  return keyOf({ ...check, condition: 'count.min' })
}

/** The checks that no expectation holds; those of expectations are told by them. */
function checkOfFinding(finding: Finding, spec: string): readonly CheckVerdict[] {
  if (finding.status === 'info') return []
  const state = finding.status === 'fail' ? 'fail' : 'open'
  const check = (condition: string, subject: string, label: string): readonly CheckVerdict[] => [
    { spec, subject, condition, state, label, at: finding.at },
  ]
  switch (finding.code) {
    case 'span_missing':
    case 'span_moved':
    case 'span_renamed':
    case 'span_excess':
    case 'condition_failed':
    case 'percentile_exceeded':
    case 'no_case':
    case 'not_judged':
      return []
    case 'span_unexpected': {
      const { parent, service, name } = finding
      const subject = spanSubject([parent?.service, parent?.name, service, name])
      return check('unexpected_spans', subject, name)
    }
    case 'span_forbidden':
      return check('forbidden_spans', ruleSubject(finding.label), finding.label)
    case 'error_unexpected':
    case 'error_forbidden': {
      const { service, name } = finding.span
      const subject = spanSubject([service, name, finding.exception_type])
      return check('error_conditions', subject, name)
    }
    case 'error_missing':
      return check('error_conditions', ruleSubject(finding.label), finding.label)
    case 'total_duration_exceeded':
      return check(TOTAL, '', spec)
    case 'too_few_cases':
      return check('traces.min', '', spec)
    case 'too_many_cases':
      return check('traces.max', '', spec)
    case 'undecided':
      return finding.expectation === null ? open(finding, check) : []
  }
}

function open(
  { check, label }: Extract<Finding, { code: 'undecided' }>,
  make: (condition: string, subject: string, label: string) => readonly CheckVerdict[],
): readonly CheckVerdict[] {
  const isOneRule =
    check === 'forbidden_spans' || (check === 'error_conditions' && label !== 'errors')
  return make(check, isOneRule ? ruleSubject(label) : '', label)
}

/** Of equal names, which several cases bring, the worst counts. */
function withoutRepeats(checks: readonly CheckVerdict[]): readonly CheckVerdict[] {
  const found = new Map<string, CheckVerdict>()
  for (const check of checks) {
    const key = keyOf(check)
    const before = found.get(key)
    if (before === undefined || worse[check.state] > worse[before.state]) found.set(key, check)
  }
  return [...found.values()]
}

const worse = { pass: 0, open: 1, fail: 2 } as const
