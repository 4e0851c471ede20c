import { focusOf } from '../report/focus.ts'
import { nextCallWhy, type NextCallReason } from '../report/wording/next-call.ts'
import type { PublishedSpec, Result } from '../verify/outcome.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { repeatRun } from './repeat-run.ts'
import type { ExecuteInput } from './run-call.ts'

/** How the capture can be had again. */
export interface Origin {
  /** The arguments of the run; undefined when nothing was run. */
  readonly run: ExecuteInput | undefined
  /** As `compare_trace_to_spec` takes it. */
  readonly trace: string
  /** The traces can be asked for by their ids. */
  readonly isKept: boolean
}

/** The calls that lead on from a verdict, the most useful first; none from a pass. */
export function verdictSteps(result: Result, origin: Origin): readonly NextCall[] {
  switch (result.status) {
    case 'pass':
    case 'error':
      return []
    case 'fail':
    case 'inconclusive':
      return [...see(result, origin), ...again(origin), ...compareAgain(result, origin)]
    case 'interrupted':
      return again(origin)
    case 'nothing_to_check':
      return [...whyNot(result, origin), ...listed(result)]
  }
}

function open(result: Result): PublishedSpec | undefined {
  return result.specs.find((spec) => spec.status === result.status)
}

/** The trace of the first finding that counts, at the span that it is about. */
function see(result: Result, { isKept }: Origin): readonly NextCall[] {
  const spec = open(result)
  const finding = spec?.findings.items.find((item) => item.status !== 'info')
  if (spec === undefined || finding === undefined) return []
  const focus = focusOf(finding)
  const found = finding.case === null ? undefined : spec.cases.items[finding.case]
  const traceId = focus?.span.trace_id ?? found?.trace_id
  if (traceId === undefined || !isKept) return []
  const at = focus === undefined ? {} : { span_id: focus.span.span_id }
  const why: NextCallReason = focus === undefined ? 'see_trace' : `see_${focus.role}`
  return [nextCall(nextCallWhy(why), 'get_trace_by_id', { trace_id: traceId, ...at })]
}

function again({ run }: Origin): readonly NextCall[] {
  return run === undefined ? [] : repeatRun(run)
}

function compareAgain(result: Result, { trace }: Origin): readonly NextCall[] {
  const spec = open(result)
  if (spec === undefined || result.captured.spans === 0) return []
  const args = { trace, spec: spec.spec.path }
  return [nextCall(nextCallWhy('compare_again'), 'compare_trace_to_spec', args)]
}

function whyNot(result: Result, { trace }: Origin): readonly NextCall[] {
  const [spec] = result.not_exercised
  if (spec === undefined) return []
  const args = { trace, spec: spec.path }
  return [nextCall(nextCallWhy('why_not_exercised'), 'compare_trace_to_spec', args)]
}

function listed({ run }: Result): readonly NextCall[] {
  return run === null ? [] : [nextCall(nextCallWhy('list_traces'), 'get_traces', { run: run.id })]
}
