import { statusOf, type NextStep, type Outcome } from '../verify/outcome.ts'
import type { Finding, SpanRef, SpecResult } from '../verify/result.ts'
import { focusOf, type Focus } from './focus.ts'
import { isPrintable, quoted } from './quote.ts'
import { nextStepWhy, type NextStepReason } from './wording/next-step.ts'
import { findingSubject } from './wording/finding.ts'

/** The commands that lead on from an outcome, the most useful first; every one exists and can be pasted. */
export function nextStepsOf(outcome: Outcome): readonly NextStep[] {
  switch (statusOf(outcome)) {
    case 'pass':
      return []
    case 'fail':
    case 'inconclusive':
      return [
        ...see(outcome),
        ...seeDelivered(outcome),
        ...again(outcome),
        ...checkAgain(outcome),
      ].filter(isPasteable)
    case 'nothing_to_check':
      return [...whyNotExercised(outcome), ...firstSpec(outcome)].filter(isPasteable)
    case 'error':
      return afterError(outcome).filter(isPasteable)
    case 'interrupted':
      return again(outcome).filter(isPasteable)
  }
}

function step(reason: NextStepReason, command: readonly string[]): NextStep {
  const whole = ['tracespec', ...command]
  return { why: nextStepWhy(reason), command: whole, text: quoted(whole) }
}

function isPasteable(next: NextStep): boolean {
  return isPrintable(next.command)
}

/** The trace of the first finding that counts, opened at the span that it is about. */
function see(outcome: Outcome): readonly NextStep[] {
  const spec = outcome.specs.find((judged) => judged.status === statusOf(outcome))
  const finding = spec?.findings.items.find((item) => item.status !== 'info')
  if (spec === undefined || finding === undefined) return []
  const focus = focusOf(finding)
  const span = focus?.span
  const trace = traceArgument(outcome, spec, { finding, span })
  if (trace === undefined) return []
  const at = span === undefined ? [] : ['--span', span.span_id]
  return [
    step(seeReason(finding, focus), [
      'show',
      ...outcome.asked.common_options,
      ...traceOptions(outcome),
      trace,
      '--spec',
      specArgument(outcome, spec),
      ...at,
    ]),
  ]
}

/** The trace of the first span that is not there as it was sent, as the backend has it. */
function seeDelivered({ delivery, asked }: Outcome): readonly NextStep[] {
  if (delivery === undefined) return []
  const span = delivery.changed.items[0]?.span ?? delivery.lost.items[0]
  if (span === undefined) return []
  const { source } = delivery
  return [
    step({ code: 'see_delivered', source }, [
      'show',
      ...asked.common_options,
      '--from',
      source,
      `trace:${span.trace_id}`,
    ]),
  ]
}

function seeReason(finding: Finding, focus: Focus | undefined): NextStepReason {
  const label = findingSubject(finding)
  return {
    code: 'see_in_trace',
    subject: focus?.span.name ?? label,
    role: focus?.role ?? 'case',
    label,
  }
}

function again(outcome: Outcome): readonly NextStep[] {
  const { run, asked } = outcome
  if (run === null) return checkFilesAgain(outcome)
  return [
    step({ code: 'run_again' }, [
      'run',
      ...asked.common_options,
      ...asked.run_options,
      ...specOptions(outcome),
      '--',
      ...run.command,
    ]),
  ]
}

function checkFilesAgain(outcome: Outcome): readonly NextStep[] {
  const { asked } = outcome
  // Standard input is gone.
  if (asked.traces.length === 0 || asked.traces.includes('-')) return []
  return [
    step({ code: 'check_files_again' }, [
      'check',
      ...asked.common_options,
      ...traceOptions(outcome),
      ...asked.traces,
      ...specOptions(outcome),
    ]),
  ]
}

function checkAgain(outcome: Outcome): readonly NextStep[] {
  if (outcome.run === null || outcome.captured.spans === 0) return []
  if (outcome.specs.every((spec) => spec.status === 'pass')) return []
  return [
    step({ code: 'check_again' }, [
      'check',
      ...outcome.asked.common_options,
      `run:${outcome.run.id}`,
      ...specOptions(outcome),
    ]),
  ]
}

/** Named by `--spec`, a spec that does not apply fails with the nearest case. */
function whyNotExercised(outcome: Outcome): readonly NextStep[] {
  const spec = outcome.not_exercised[0]
  if (spec === undefined) return []
  const traces = outcome.run === null ? outcome.asked.traces : [`run:${outcome.run.id}`]
  if (traces.length === 0 || traces.includes('-')) return []
  return [
    step({ code: 'why_not_exercised', spec: spec.name }, [
      'check',
      ...outcome.asked.common_options,
      ...traceOptions(outcome),
      ...traces,
      '--spec',
      spec.name,
    ]),
  ]
}

function firstSpec(outcome: Outcome): readonly NextStep[] {
  if (outcome.run === null || outcome.not_exercised.length > 0) return []
  return [step({ code: 'write_first_spec' }, ['init', ...outcome.asked.common_options])]
}

function afterError({ error, asked }: Outcome): readonly NextStep[] {
  switch (error?.code) {
    case 'SPEC_INVALID': {
      const path = asked.specs.find((spec) => /[/\\]|\.(ya?ml|json)$/.test(spec))
      if (path === undefined) return []
      return [step({ code: 'validate_spec' }, ['spec', 'validate', ...asked.common_options, path])]
    }
    case 'SPEC_NOT_FOUND':
      return [step({ code: 'list_specs' }, ['spec', 'list', ...asked.common_options])]
    case 'TRACE_NOT_FOUND':
      return [
        step({ code: 'list_traces' }, [
          'traces',
          ...asked.common_options,
          ...(asked.trace_options ?? []),
        ]),
      ]
    case 'SESSION_NOT_FOUND':
      return [step({ code: 'list_sessions' }, ['session', 'list', ...asked.common_options])]
    case undefined:
    case 'USAGE':
    case 'PATH_OUTSIDE':
    case 'FILE_UNREADABLE':
    case 'FILE_EXISTS':
    case 'TRACE_INVALID':
    case 'TOO_LARGE':
    case 'STORE_UNAVAILABLE':
    case 'STORE_FULL':
    case 'COMMAND_NOT_STARTED':
    case 'COMMAND_NOT_READY':
    case 'RECEIVER_UNAVAILABLE':
    case 'SOURCE_UNAVAILABLE':
    case 'SOURCE_REFUSED':
    case 'SOURCE_INVALID':
    case 'NOT_TRUSTED':
    case 'PACKAGE_MISSING':
    case 'UNSUPPORTED':
      return []
  }
}

/** Where the traces were read; what a run captured is kept here. */
function traceOptions({ asked, run }: Outcome): readonly string[] {
  return run === null ? (asked.trace_options ?? []) : []
}

/** The specs as the user wrote them; else the only one that did not pass. */
function specOptions(outcome: Outcome): readonly string[] {
  const open = outcome.specs.filter((spec) => spec.status !== 'pass')
  const only = open.length === 1 ? open.map((spec) => spec.spec.name) : []
  const named = outcome.asked.specs.length > 0 ? outcome.asked.specs : only
  return named.flatMap((name) => ['--spec', name])
}

function specArgument({ asked, specs }: Outcome, { spec }: SpecResult): string {
  const [first] = asked.specs
  if (first === undefined || asked.specs.includes(spec.name)) return spec.name
  if (asked.specs.length === 1 && specs.length === 1) return first
  return asked.specs.includes(spec.path) ? spec.path : spec.name
}

interface Place {
  readonly finding: Finding
  readonly span: SpanRef | undefined
}

/** What names the trace of a finding on the command line: its id when the store has it, else its file. */
function traceArgument(outcome: Outcome, spec: SpecResult, place: Place): string | undefined {
  const found = place.finding.case === null ? undefined : spec.cases.items[place.finding.case]
  const traceId = place.span?.trace_id ?? found?.trace_id
  const named = outcome.asked.traces
  if (traceId !== undefined && (outcome.run !== null || named.every(isKept))) {
    return `trace:${traceId}`
  }
  const [first] = named
  if (named.length === 1 && first !== '-') return first
  return named.find((text) => text === found?.source && text !== '-')
}

function isKept(trace: string): boolean {
  return /^(run:|trace:|last$)/.test(trace)
}
