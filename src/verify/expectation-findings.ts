import { atText, page, spanRef } from './shown.ts'
import type { Span } from '../trace/span.ts'
import type { SpanIndex } from '../trace/trace.ts'
import type { Place } from './bind.ts'
import { refAt, type Draft, type FindingContext } from './draft.ts'
import { droppedOf } from './dropped.ts'
import { minimumAt, type ConditionFailure, type Judgement } from './judge.ts'
import type { JudgedCase } from './judged-case.ts'
import { explainMiss, surroundingsOf, type Surroundings } from './nearest.ts'
import type { Finding } from './result.ts'
import { spanAt } from './span-at.ts'
import { tellByCondition, tellByCount } from './tell-apart.ts'

/** What one expectation has to report of a case: misses, excesses, failed conditions and what is open. */
export function findingsOfExpectation(context: FindingContext, one: Judgement): readonly Draft[] {
  const around = once(() => surroundings(context, one))
  return [
    ...one.places
      .filter((place) => minimumAt(place) === 'fail')
      .map((place) => miss(context, { one, place, around })),
    ...one.places
      .filter((place) => place.certain && place.leftOver.length > 0)
      .map((place) => excess(context, one, place)),
    ...one.failures.map((failure) => failedCondition(context, one, failure)),
    ...undecided(context, one),
  ]
}

function head({ node }: Judgement): {
  readonly at: string
  readonly expectation: string
  readonly label: string
} {
  const { at, id, label } = node.expectation
  return { at: atText(at), expectation: id, label }
}

interface MissInput {
  readonly one: Judgement
  readonly place: Place
  readonly around: () => Surroundings
}

function miss({ judged, index }: FindingContext, { one, place, around }: MissInput): Draft {
  const { trace } = judged.one
  const make = (): Finding => {
    const found = explainMiss(around(), place.parent)
    const facts = {
      ...head(one),
      status: 'fail' as const,
      case: index,
      min: one.node.expectation.count.min,
      observed: place.spans.length,
      parent: refAt(judged, place.parent),
      required_below: one.node.requiredBelow,
    }
    switch (found.kind) {
      case 'moved':
        return {
          ...facts,
          code: 'span_moved',
          span: spanRef(spanAt(trace, found.span)),
          under: refAt(judged, trace.parent[found.span]),
        }
      case 'renamed':
        return {
          ...facts,
          code: 'span_renamed',
          span: spanRef(spanAt(trace, found.span)),
          failed: found.failed,
        }
      case 'missing':
        return { ...facts, code: 'span_missing', nearest: found.nearest }
    }
  }
  return { status: 'fail', code: 'span_missing', at: one.node.expectation.at, case: index, make }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function surroundings({ plan, judged }: FindingContext, one: Judgement): Surroundings {
  const taken = new Set(one.places.flatMap((place) => place.spans))
  return surroundingsOf({
    reading: plan.reading,
    trace: judged.one.trace,
    node: one.node,
    among: judged.counted,
    taken,
    spokenFor: boundSpans(judged),
  })
}

function boundSpans({ binding }: JudgedCase): ReadonlySet<SpanIndex> {
  return new Set(binding.places.flatMap((place) => [...place.spans, ...place.leftOver]))
}

function excess({ judged, index, refs }: FindingContext, one: Judgement, place: Place): Draft {
  const { trace } = judged.one
  const all = [...place.spans, ...place.leftOver].toSorted((a, b) => a - b)
  const make = (): Finding => ({
    ...head(one),
    code: 'span_excess',
    status: 'fail',
    case: index,
    max: one.node.expectation.count.max,
    observed: all.length,
    parent: refAt(judged, place.parent),
    spans: page(
      all.map((span) => spanRef(spanAt(trace, span))),
      refs,
    ),
    pattern: patternOf(
      all.map((span) => spanAt(trace, span)),
      one.node.expectation.count.max,
    ),
    tell_apart: tellByCount(
      one.node,
      all.map((span) => spanAt(trace, span)),
    ),
  })
  return { status: 'fail', code: 'span_excess', at: one.node.expectation.at, case: index, make }
}

const MANY = 4

/** Calls before the last that failed are a retry; many more than allowed, one after the other, are an N+1. */
function patternOf(spans: readonly Span[], max: number): 'n_plus_one' | 'retry' | null {
  if (spans.slice(0, -1).some((span) => span.status.code === 'error')) return 'retry'
  return spans.length >= Math.max(MANY, 2 * max) ? 'n_plus_one' : null
}

function failedCondition(
  { judged, index }: FindingContext,
  one: Judgement,
  failure: ConditionFailure,
): Draft {
  const { trace } = judged.one
  const { condition, spans } = failure
  const make = (): Finding => {
    const span = spanAt(trace, spans[0] ?? 0)
    const all = one.places.flatMap((place) => place.spans).map((index) => spanAt(trace, index))
    return {
      ...head(one),
      ...condition.facts(span),
      code: 'condition_failed',
      at: atText(condition.at),
      status: 'fail',
      case: index,
      span: spanRef(span),
      spans: spans.length,
      tell_apart: tellByCondition(one.node, condition, all),
    }
  }
  const isSlow = condition.name === 'expected_duration_ms.max'
  return { status: 'fail', code: 'condition_failed', isSlow, at: condition.at, case: index, make }
}

/** One finding for all open checks of an expectation; what goes missing with its parent is told there. */
function undecided({ judged, index }: FindingContext, one: Judgement): readonly Draft[] {
  const open = one.checks
    .filter((check) => check.status === 'inconclusive')
    .map((check) => check.condition)
    .join(', ')
  if (open === '' || one.places.length === 0) return []
  const spans = one.places.flatMap((place) => place.spans)
  const make = (): Finding => ({
    ...head(one),
    code: 'undecided',
    status: 'inconclusive',
    case: index,
    check: open,
    reasons: [...judged.openness.reasons, ...droppedOf(judged.one.trace, spans)],
  })
  return [
    {
      status: 'inconclusive',
      code: 'undecided',
      open,
      at: one.node.expectation.at,
      case: index,
      make,
    },
  ]
}
