import type { SpanIndex, Trace } from '../trace/trace.ts'
import type { Binding, Place } from './bind.ts'
import type { Condition } from './conditions.ts'
import type { Node, Plan } from './plan.ts'
import type { Check, Shown, Status } from './result.ts'
import { spanAt } from './span-at.ts'
import { seenOrOpen, worst } from './three.ts'

/** One expectation in one case. */
export interface Judgement {
  readonly node: Node
  readonly status: Status
  readonly checks: readonly Check[]
  /** The count at the deciding place: the worst, else the first. */
  readonly observed: number
  readonly places: readonly Place[]
  readonly failures: readonly ConditionFailure[]
  /** The minimum's own status: nested expectations go with it. */
  readonly minimum: Status
  /** Further spans of this expectation could come to light and be bound. */
  readonly mayGain: boolean
}

export interface ConditionFailure {
  readonly condition: Condition
  readonly spans: readonly SpanIndex[]
}

/**
 * The three values of every expectation of a case, parents first. A minimum is open where further spans may stand, a maximum
 * and a condition are open where further spans could be bound; what was seen is decided.
 */
export function judge(plan: Plan, trace: Trace, binding: Binding): readonly Judgement[] {
  const places = Map.groupBy(binding.places, (place) => place.node)
  const judged = new Map<Node, Judgement>()
  for (const node of plan.nodes) {
    const parent = node.parent === undefined ? undefined : judged.get(node.parent)
    judged.set(node, judgeNode(trace, { node, parent, places: places.get(node) ?? [] }))
  }
  return [...judged.values()]
}

interface NodeInput {
  readonly node: Node
  readonly parent: Judgement | undefined
  readonly places: readonly Place[]
}

function judgeNode(trace: Trace, input: NodeInput): Judgement {
  const { node, parent, places } = input
  const { min, max } = node.expectation.count
  const mayGainPlaces = parent?.mayGain === true
  const isOpen = mayGainPlaces || places.some((place) => place.open && surelyBound(place) < max)
  const mayGain = isOpen && !node.isRelieved
  const minimum = worst([...places.map(minimumAt), ...minimumOfAbsent(input)])
  const mayExceed = !node.isRelieved && max !== Infinity
  const maximum = maximumOf(
    places,
    mayExceed && (mayGainPlaces || places.some((place) => place.open)),
  )
  const conditions = node.conditions.map((condition) =>
    judgeCondition(trace, { condition, places, mayGain }),
  )
  const deciding =
    places.find((place) => minimumAt(place) !== 'pass' || place.leftOver.length > 0) ?? places[0]
  const observed = deciding === undefined ? 0 : deciding.spans.length + deciding.leftOver.length
  const checks: readonly Check[] = [
    { condition: 'count.min', expected: min, observed, status: minimum },
    ...(max === Infinity
      ? []
      : [{ condition: 'count.max', expected: max, observed, status: maximum }]),
    ...conditions.map((one) => one.check),
  ]
  const failures = conditions.flatMap((one) =>
    one.failed.length === 0 ? [] : [{ condition: one.condition, spans: one.failed }],
  )
  return {
    node,
    status: worst(checks.map((check) => check.status)),
    checks,
    observed,
    places,
    failures,
    minimum,
    mayGain,
  }
}

function surelyBound({ spans, unsure }: Place): number {
  return spans.length - unsure.length
}

/** The minimum at one place. */
export function minimumAt(place: Place): Status {
  const { min } = place.node.expectation.count
  if (surelyBound(place) >= min) return 'pass'
  const mayHold = place.open || place.spans.length >= min || !place.certain
  return mayHold ? 'inconclusive' : 'fail'
}

/** What is required below a missing span is missing with it, and open with it. */
function minimumOfAbsent({ node, parent }: NodeInput): readonly Status[] {
  if (parent === undefined || node.expectation.count.min === 0) return []
  return [parent.mayGain ? worst([parent.minimum, 'inconclusive']) : parent.minimum]
}

function maximumOf(places: readonly Place[], mayBeExceeded: boolean): Status {
  const over = places.filter((place) => place.leftOver.length > 0)
  return seenOrOpen(
    over.some((place) => place.certain),
    mayBeExceeded || over.length > 0,
  )
}

interface ConditionInput {
  readonly condition: Condition
  readonly places: readonly Place[]
  readonly mayGain: boolean
}

interface JudgedCondition {
  readonly condition: Condition
  readonly check: Check
  readonly failed: readonly SpanIndex[]
}

function judgeCondition(
  trace: Trace,
  { condition, places, mayGain }: ConditionInput,
): JudgedCondition {
  const failed: SpanIndex[] = []
  let status: Status = mayGain ? 'inconclusive' : 'pass'
  for (const place of places) {
    const unsure = new Set(place.unsure)
    for (const span of place.spans) {
      const holds = condition.holds(spanAt(trace, span))
      if (holds === 'no' && place.certain && !unsure.has(span)) failed.push(span)
      else if (holds !== 'yes') status = 'inconclusive'
    }
  }
  const shown = failed[0] ?? places.find((place) => place.spans.length > 0)?.spans[0]
  const check = {
    condition: condition.name,
    expected: condition.expected,
    observed: observedOf(trace, condition, shown),
    status: failed.length > 0 ? ('fail' as const) : status,
  }
  return { condition, check, failed }
}

function observedOf(trace: Trace, condition: Condition, span: SpanIndex | undefined): Shown {
  return span === undefined ? null : condition.facts(spanAt(trace, span)).observed
}
