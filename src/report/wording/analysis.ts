import type {
  ClippedSpan,
  CriticalOperation,
  DefectGroup,
  ErrorCategory,
  ErrorChain,
  RepeatedSiblings,
  SerialCalls,
  TraceAnalysis,
} from '../../analyze/trace-analysis.ts'
import type { Bounded, SpanRef } from '../../verify/result.ts'
import { inert } from '../sanitize.ts'
import { duration, plural, some, spanName, tick } from './phrases.ts'

/** The whole analysis in a few sentences: extent, error, where the time went, the first thing to change. */
export function analysisSummary(analysis: TraceAnalysis): string {
  const [error] = analysis.errors.items
  const [repeat] = analysis.repeated.items.filter((item) => item.n_plus_one)
  const [serial] = analysis.serial.items
  return [
    extentSentence(analysis),
    error === undefined ? '' : errorSentence(error),
    criticalSentence(analysis),
    repeat === undefined ? '' : repeatedSentence(repeat),
    serial === undefined ? '' : serialSentence(serial),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function extentSentence({ tree, duration_ms: ms }: TraceAnalysis): string {
  const [root] = tree.roots.items
  const others = tree.roots.total - 1
  const subject = root === undefined ? 'The trace' : spanName(root.span)
  const more = others > 0 ? `, with ${plural(others, 'further root')}` : ''
  return `${subject}: ${duration(ms)}, ${plural(tree.spans, 'span')} of ${plural(tree.services, 'service')}, ${plural(tree.depth, 'level')} deep${more}.`
}

function criticalSentence({ critical_path: path }: TraceAnalysis): string {
  const [most] = path?.operations.items ?? []
  if (path === null || most === undefined) return ''
  return `Most of the time that its root waited for, ${duration(most.duration_ms)} of ${duration(path.duration_ms)}, is ${operationName(most)}.`
}

/** An operation of a critical path, or the way to the service that it calls. */
export function operationName(operation: CriticalOperation): string {
  const name = spanName(namedSpan(operation))
  return operation.where === 'own' ? name : `the way of ${name} to ${serviceText(operation.callee)}`
}

function namedSpan({ name, service }: Pick<SpanRef, 'name' | 'service'>): SpanRef {
  return { trace_id: '', span_id: '', name, service }
}

export function serviceText(name: string | null): string {
  return name === null || name === '' ? '(no service.name)' : inert(name, 40)
}

const CATEGORIES: Readonly<Record<ErrorCategory, string>> = {
  timeout: 'a timeout',
  cancelled: 'cancelled',
  unavailable: 'what it called was not available',
  server_error: 'an error of the server',
  client_error: 'a refused request',
  exception: 'an exception',
  unspecified: 'an error that says no more',
}

/** Where an error began, what it was, and how far up it went. */
export function errorSentence(chain: ErrorChain): string {
  const times = chain.count > 1 ? ` ${chain.count} times` : ''
  return `${spanName(chain.origin)} failed${times}: ${errorText(chain)}. ${[retryText(chain), wayText(chain)].filter((text) => text !== '').join(' ')}`
}

function errorText({ error }: ErrorChain): string {
  const codes = [
    error.exception_type === null ? '' : tick(error.exception_type),
    error.http_status === null ? '' : `HTTP ${error.http_status}`,
    error.rpc_status === null ? '' : `gRPC ${inert(error.rpc_status, 40)}`,
    error.description === '' || error.description === error.exception_type
      ? ''
      : tick(error.description),
  ].filter((text) => text !== '')
  return [CATEGORIES[error.category], ...codes].join(', ')
}

function retryText({ retry }: ErrorChain): string {
  if (retry === null) return ''
  return `It looks like one of ${retry.attempts} attempts, of which the last ${retry.succeeded ? 'succeeded' : 'failed too'}.`
}

function wayText({
  origin,
  reached,
  reached_root: isRoot,
  absorbed_by: above,
}: ErrorChain): string {
  const isOrigin = origin.span_id === reached.span_id
  if (above === null || isRoot) {
    return isOrigin ? 'It is a root itself.' : `The error went up to the root ${spanName(reached)}.`
  }
  return isOrigin
    ? `The error went no further: ${spanName(above)} above it did not fail.`
    : `The error went up to ${spanName(reached)}; ${spanName(above)} above that did not fail.`
}

/** What repeats below one span, and what that costs it. */
export function repeatedSentence(repeat: RepeatedSiblings): string {
  const cost = `${duration(repeat.covered_ms)}, ${percent(repeat.share_of_parent)} of ${spanName(repeat.parent)}`
  const hint = repeat.n_plus_one ? ' This looks like N+1: fetch them in one call.' : ''
  return `${spanName(repeat.span)} runs ${repeat.count} times${wayOf(repeat)}: ${cost}.${hint}`
}

function wayOf({ in_sequence: waited, count }: RepeatedSiblings): string {
  if (waited === count) return ' one after the other'
  return waited === 1 ? ' at the same time' : `, ${waited} of them after all before had ended`
}

/** Which calls could run together, and what that could save. */
export function serialSentence(serial: SerialCalls): string {
  const names = serial.calls.items.map(
    (call) => `${tick(call.span.name)} to ${serviceText(call.callee)}`,
  )
  const listed = some([...new Set(names)].slice(0, 3), new Set(names).size)
  return `Below ${spanName(serial.parent)} ${plural(serial.count, 'call')} to different services run back to back: ${listed}. If none needs the answer of another, running them together saves up to ${duration(serial.saving_ms)}, ${percent(serial.share_of_parent)} of it.`
}

/** What is structurally wrong, told once for all spans that have it. */
export function defectGroupSentence({ code, count, spans }: DefectGroup): string {
  const names = some(spans.items.slice(0, 3).map(spanName), spans.total)
  switch (code) {
    case 'parent_lost':
      return `${plural(count, 'span')} whose parent was lost: ${names}.`
    case 'parent_foreign':
      return `${plural(count, 'span')} whose parent is of another process and not in the trace: ${names}.`
    case 'duplicate_id':
      return `${plural(count, 'span id')} that several spans share: ${names}.`
    case 'cycle':
      return `${plural(count, 'circle')} of spans that name each other as parents, cut at the earliest: ${names}.`
    case 'several_roots':
      return `More than one root: ${names}.`
    case 'clock_skew':
      return `${plural(count, 'span')} outside the time of a parent with another clock: ${names}.`
  }
}

/** What was left out of the times; empty when nothing was. */
export function clippedSentence({ items, total }: Bounded<ClippedSpan>): string {
  const [worst] = items
  if (worst === undefined) return ''
  const parts = [
    worst.before_ms > 0 ? `${duration(worst.before_ms)} before` : '',
    worst.after_ms > 0 ? `${duration(worst.after_ms)} after` : '',
  ].filter((part) => part !== '')
  const place = parts.length === 0 ? 'outside' : parts.join(' and ')
  return `${plural(total, 'span')} ${total === 1 ? 'reaches' : 'reach'} beyond the parent and ${total === 1 ? 'counts' : 'count'} only within it, most of all ${spanName(worst.span)}: ${place} ${spanName(worst.parent)}.`
}

export function percent(share: number): string {
  return share < 0.01 ? 'below 1 %' : `${Math.round(share * 100)} %`
}
