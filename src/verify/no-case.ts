import { firstDifference } from '../trace/order.ts'
import { serviceName } from '../trace/span.ts'
import type { Spec } from '../spec/spec.ts'
import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Division, Entry } from './cases.ts'
import { isIgnored } from './closed-world.ts'
import type { Draft } from './draft.ts'
import { failedIdentity } from './nearest.ts'
import type { Plan } from './plan.ts'
import type { Finding, Nearest } from './result.ts'
import { atText, spanRef } from './shown.ts'
import { similarity, writtenText } from './similar.ts'
import { spanAt } from './span-at.ts'

/**
 * The entry that comes nearest to being a case: it holds the most top-level expectations. One that holds none is judged only
 * when the user named it.
 */
export function nearestEntry(
  plan: Plan,
  divisions: readonly Division[],
  named: boolean,
): Entry | undefined {
  if (plan.spec.appliesTo !== undefined) return undefined
  const ranked = divisions
    .flatMap((division) => division.entries)
    .map((entry) => ({ entry, held: heldBy(entry, plan) }))
    .toSorted((a, b) =>
      firstDifference(b.held - a.held, b.entry.members.length - a.entry.members.length),
    )
  const [first] = ranked
  return first !== undefined && (first.held > 0 || named) ? first.entry : undefined
}

function heldBy({ trace, own }: Entry, plan: Plan): number {
  return plan.top.members.filter((node) =>
    own.some((span) => node.is(spanAt(trace, span)) === 'yes'),
  ).length
}

export interface NoCaseInput {
  readonly plan: Plan
  readonly traces: readonly Trace[]
  readonly status: 'fail' | 'inconclusive'
}

/** Says that no case applies, and which span came nearest to opening one. */
export function noCase({ plan, traces, status }: NoCaseInput): Draft {
  const { identity, at, label } = openerOf(plan.spec)
  const make = (): Finding => ({
    code: 'no_case',
    status,
    at: atText(at),
    case: null,
    label,
    nearest: identity === undefined ? null : nearestTo(identity, plan, traces),
  })
  return { status, code: 'no_case', at, case: null, make }
}

export interface Opener {
  readonly identity: Parameters<typeof failedIdentity>[0] | undefined
  readonly at: Spec['at']
  readonly label: string
}

/** What opens a case of the spec: `applies_to`, else the first required expectation. */
export function openerOf(spec: Spec): Opener {
  if (spec.appliesTo !== undefined) {
    const { identity, at } = spec.appliesTo
    const written = writtenText(identity.operationName)
    return { identity, at, label: written === '' ? 'applies_to' : written }
  }
  const first = spec.expected.find((expectation) => expectation.count.min > 0)
  if (first === undefined) return { identity: undefined, at: spec.at, label: spec.name }
  return { identity: first.identity, at: first.at, label: first.label }
}

const MAX_COMPARED = 1000
const BARELY_ALIKE = 0.3

function nearestTo(
  identity: NonNullable<Opener['identity']>,
  plan: Plan,
  traces: readonly Trace[],
): Nearest | null {
  const written = writtenText(identity.operationName)
  const compared = distinct(plan, traces).map(({ trace, index }) => {
    const span = spanAt(trace, index)
    return {
      trace,
      index,
      span,
      failed: failedIdentity(identity, span, plan.reading),
      alike: similarity(written, span.name),
    }
  })
  const [best] = compared.toSorted((a, b) =>
    firstDifference(a.failed.length - b.failed.length, b.alike - a.alike),
  )
  const [failed] = best?.failed ?? []
  if (best === undefined || failed === undefined) return null
  if (failed.condition === 'operation_name' && best.alike < BARELY_ALIKE) return null
  const parent = best.trace.parent[best.index] ?? -1
  return {
    span: spanRef(best.span),
    parent: parent === -1 ? null : spanRef(spanAt(best.trace, parent)),
    failed,
    failed_count: best.failed.length,
  }
}

/** The first span of each name, service and kind, in the order of the traces. */
function distinct(
  plan: Plan,
  traces: readonly Trace[],
): readonly { readonly trace: Trace; readonly index: SpanIndex }[] {
  const found = new Map<string, { readonly trace: Trace; readonly index: SpanIndex }>()
  for (const trace of traces) {
    for (const [index, span] of trace.spans.entries()) {
      if (isIgnored(plan, trace, index) === 'yes') continue
      const key = `${span.name}\n${span.kind}\n${serviceName(span)}`
      if (!found.has(key)) found.set(key, { trace, index })
      if (found.size >= MAX_COMPARED) return [...found.values()]
    }
  }
  return [...found.values()]
}
