import type {
  ErrorCondition,
  Identity,
  SourceRange,
  Spec,
  SpanExpectation,
  TagCondition,
} from '../spec/spec.ts'

/** One way in which a changed spec asks for less than before. */
export interface Weakening {
  readonly code: WeakeningCode
  /** The line in the new text; in the old one for what was taken away. */
  readonly at: SourceRange
  /** The expectation or the rule; null for the spec as a whole. */
  readonly label: string | null
  /** The field, as it is written. */
  readonly field: string
  /** Numbers and words of the two texts; null for what is not there. */
  readonly before: string | null
  readonly after: string | null
}

export type WeakeningCode = 'removed' | 'widened' | 'changed' | 'silenced'

/** Everything that the new spec no longer asks for, in the order of the file. */
export function weakenings(before: Spec, after: Spec): readonly Weakening[] {
  return [
    ...ofSpec(before, after),
    ...ofExpectations(before.expected, after.expected),
    ...ofRules(before, after),
  ].toSorted(byPlace)
}

function byPlace({ at: a }: Weakening, { at: b }: Weakening): number {
  return a.line === b.line ? a.column - b.column : a.line - b.line
}

function ofSpec(before: Spec, after: Spec): readonly Weakening[] {
  const at = after.traces.at
  const bound = (field: string): Bound => ({ label: null, field, at })
  return [
    ...lowered(before.traces.min, after.traces.min, bound('traces.min')),
    ...raised(before.traces.max, after.traces.max, bound('traces.max')),
    ...softened(before.traces.passing, after.traces.passing, {
      ...bound('traces.passing'),
      order: ['all', 'any'],
    }),
    ...softened(before.unexpectedSpans.mode, after.unexpectedSpans.mode, {
      ...bound('unexpected_spans'),
      at: after.unexpectedSpans.at,
      order: ['fail', 'report', 'ignore'],
    }),
    ...softened(before.unexpectedErrors.mode, after.unexpectedErrors.mode, {
      ...bound('unexpected_errors'),
      at: after.unexpectedErrors.at,
      order: ['fail', 'report'],
    }),
    ...raised(before.maxTotalDurationMs?.value, after.maxTotalDurationMs?.value, {
      ...bound('performance_constraints.max_total_duration_ms'),
      at: (after.maxTotalDurationMs ?? before.maxTotalDurationMs)?.at ?? after.at,
    }),
    ...before.percentiles.flatMap(({ span, percentile, maxMs }) => {
      const kept = after.percentiles.find(
        (other) => other.span === span && other.percentile === percentile,
      )
      const field = `performance_constraints.percentiles.p${percentile}_ms`
      return raised(maxMs, kept?.maxMs, { label: span, field, at: kept?.at ?? after.at })
    }),
    ...changed(before.appliesTo?.identity, after.appliesTo?.identity, {
      ...bound('applies_to'),
      at: (after.appliesTo ?? before.appliesTo)?.at ?? after.at,
    }),
  ]
}

interface Bound {
  readonly label: string | null
  readonly field: string
  readonly at: SourceRange
}

function lowered(
  before: number | undefined,
  after: number | undefined,
  bound: Bound,
): readonly Weakening[] {
  if (before === undefined || (after !== undefined && after >= before)) return []
  return [weakening(after === undefined ? 'removed' : 'widened', bound, { before, after })]
}

function raised(
  before: number | undefined,
  after: number | undefined,
  bound: Bound,
): readonly Weakening[] {
  if (before === undefined || before === Infinity) return []
  if (after !== undefined && after <= before) return []
  return [weakening(after === undefined ? 'removed' : 'widened', bound, { before, after })]
}

function softened(
  before: string,
  after: string,
  bound: Bound & { readonly order: readonly string[] },
): readonly Weakening[] {
  return bound.order.indexOf(after) > bound.order.indexOf(before)
    ? [weakening('widened', bound, { before, after })]
    : []
}

function changed(before: unknown, after: unknown, bound: Bound): readonly Weakening[] {
  if (keyOf(before) === keyOf(after)) return []
  return [weakening('changed', bound, { before: undefined, after: undefined })]
}

function weakening(
  code: WeakeningCode,
  { label, field, at }: Bound,
  values: {
    readonly before: string | number | undefined
    readonly after: string | number | undefined
  },
): Weakening {
  const { before, after } = values
  return { code, at, label, field, before: textOf(before), after: textOf(after) }
}

function textOf(value: string | number | undefined): string | null {
  if (value === undefined) return null
  return value === Infinity ? 'any number' : String(value)
}

/** Expectations are the same when they have the same id of their own, else the same identity, in the order of the list. */
function ofExpectations(
  before: readonly SpanExpectation[],
  after: readonly SpanExpectation[],
): readonly Weakening[] {
  const left = Map.groupBy(after, keyOfExpectation)
  return before.flatMap((old) => {
    const match = left.get(keyOfExpectation(old))?.shift()
    if (match !== undefined) return ofExpectation(old, match)
    const bound = { label: old.label, field: 'expected_spans', at: old.at }
    return [weakening('removed', bound, { before: undefined, after: undefined })]
  })
}

function keyOfExpectation({ id, identity }: SpanExpectation): string {
  return id.includes('[') ? keyOf(identity) : `id ${id}`
}

function ofExpectation(before: SpanExpectation, after: SpanExpectation): readonly Weakening[] {
  const { label } = after
  const bound = (field: string): Bound => ({ label, field, at: after.at })
  return [
    ...lowered(before.count.min, after.count.min, bound('count.min')),
    ...raised(before.count.max, after.count.max, bound('count.max')),
    ...raised(before.duration?.maxMs, after.duration?.maxMs, bound('expected_duration_ms.max')),
    ...lowered(before.duration?.minMs, after.duration?.minMs, bound('expected_duration_ms.min')),
    ...softened(before.relation, after.relation, {
      ...bound('relation'),
      order: ['direct', 'child', 'descendant'],
    }),
    ...ofStatus(before, after, bound('status')),
    ...before.tags.flatMap((tag) => ofTag(tag, after)),
    ...identityChanged(before, after),
    ...ofExpectations(before.children, after.children),
  ]
}

function ofStatus(
  before: SpanExpectation,
  after: SpanExpectation,
  bound: Bound,
): readonly Weakening[] {
  const was = before.status?.condition
  const is = after.status?.condition
  if (was === undefined || was === is) return []
  return [weakening(is === undefined ? 'removed' : 'changed', bound, { before: was, after: is })]
}

function ofTag(before: TagCondition, after: SpanExpectation): readonly Weakening[] {
  const { label } = after
  const list = before.optional ? 'optional_tags' : 'required_tags'
  const same = after.tags.find((tag) => tag.name === before.name)
  const bound = { label, field: `${list}.${before.name}`, at: same?.at ?? before.at }
  const none = { before: undefined, after: undefined }
  if (same === undefined) return [weakening('removed', bound, none)]
  if (same.optional && !before.optional) {
    return [weakening('widened', bound, { before: 'required', after: 'optional' })]
  }
  return changed(before.matcher, same.matcher, bound)
}

/** Of two expectations with one id, each part by itself. */
function identityChanged(before: SpanExpectation, after: SpanExpectation): readonly Weakening[] {
  const bound = (field: string): Bound => ({ label: after.label, field, at: after.at })
  const { identity: was } = before
  const { identity: is } = after
  return [
    ...changed(was.operationName, is.operationName, bound('operation_name')),
    ...changed(was.serviceName, is.serviceName, bound('service_name')),
    ...changed(was.kind, is.kind, bound('kind')),
    ...changed(was.where, is.where, bound('where')),
  ]
}

interface Rule {
  readonly at: SourceRange
  readonly identity: Identity
}

function ofRules(before: Spec, after: Spec): readonly Weakening[] {
  const forbidden = gone(before.forbidden, after.forbidden).map((rule) =>
    weakening('removed', { label: rule.label, field: 'forbidden_spans', at: rule.at }, noValues),
  )
  const errors = gone(strict(before), strict(after)).map((rule) =>
    weakening('removed', { label: rule.label, field: 'error_conditions', at: rule.at }, noValues),
  )
  const allowed = gone(lenient(after), lenient(before)).map((rule) =>
    weakening('silenced', { label: rule.label, field: 'error_conditions', at: rule.at }, noValues),
  )
  const ignored = gone(after.ignore, before.ignore).map((rule) =>
    weakening('silenced', { label: null, field: 'ignore', at: rule.at }, noValues),
  )
  return [...forbidden, ...errors, ...allowed, ...ignored]
}

const noValues = { before: undefined, after: undefined } as const

function strict({ errorConditions }: Spec): readonly ErrorCondition[] {
  return errorConditions.filter((rule) => rule.expect !== 'allowed')
}

function lenient({ errorConditions }: Spec): readonly ErrorCondition[] {
  return errorConditions.filter((rule) => rule.expect === 'allowed')
}

/** The rules of the first list that are not in the second. */
function gone<T extends Rule>(rules: readonly T[], others: readonly T[]): readonly T[] {
  const kept = new Set(others.map(keyOf))
  return rules.filter((rule) => !kept.has(keyOf(rule)))
}

/** What a part of a spec asks, whatever its place in the file. */
function keyOf(part: unknown): string {
  if (part === undefined) return ''
  return JSON.stringify(part, (key, value: unknown) => {
    if (key === 'at') return undefined
    return typeof value === 'bigint' ? `${value}n` : value
  })
}
