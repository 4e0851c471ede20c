import type { PublishedAnalysis } from '../report/analysis.ts'
import { inert } from '../report/sanitize.ts'
import { nextCallWhy } from '../report/wording/next-call.ts'
import type { Bounded } from '../verify/result.ts'
import { nextCall, type NextCall } from './next-call.ts'

/** An analysis in sentences and the ids that lead on. */
export function analysisAnswer(analysis: PublishedAnalysis): Readonly<Record<string, unknown>> {
  const { tree, errors, repeated, serial, critical_path: path, slowest, services } = analysis
  return {
    summary: analysis.summary,
    trace_id: analysis.trace_id,
    duration_ms: rounded(analysis.duration_ms),
    tree: {
      spans: tree.spans,
      services: tree.services,
      errors: tree.errors,
      depth: tree.depth,
      roots: tree.roots.total,
      defects: tree.defects.map((group) => group.message),
    },
    errors: told(errors, ({ message, origin, count }) => ({
      message,
      span_id: origin.span_id,
      count,
    })),
    repeated: told(repeated, ({ message, span, count, n_plus_one }) => ({
      message,
      span_id: span.span_id,
      count,
      n_plus_one,
    })),
    serial: told(serial, ({ message, parent, saving_ms }) => ({
      message,
      span_id: parent.span_id,
      saving_ms: rounded(saving_ms),
    })),
    critical_path: path === null ? nothing : told(path.operations, operation),
    slowest: told(slowest.by_self_time, ({ span, self_ms, duration_ms }) => ({
      name: inert(span.name, 80),
      service: inert(span.service, 80),
      span_id: span.span_id,
      self_ms: rounded(self_ms),
      duration_ms: rounded(duration_ms),
    })),
    services: told(services, ({ service, spans, errors: failed, self_ms }) => ({
      service: inert(service, 80),
      spans,
      errors: failed,
      self_ms: rounded(self_ms),
    })),
    next_steps: stepsOf(analysis),
  }
}

type Operation = NonNullable<PublishedAnalysis['critical_path']>['operations']['items'][number]

function operation({ service, name, where, duration_ms, share }: Operation): object {
  return {
    service: inert(service, 80),
    name: inert(name, 80),
    where,
    duration_ms: rounded(duration_ms),
    share: rounded(share),
  }
}

const nothing: Bounded<never> = { items: [], shown: 0, omitted: 0, total: 0, how: null }

function told<T, U>(list: Bounded<T>, show: (item: T) => U): Bounded<U> {
  const how = list.omitted === 0 ? null : `limit: ${Math.min(50, list.total)}`
  return { ...list, items: list.items.map(show), how }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** The span that tells most: where an error began, what repeats, what took longest. */
function stepsOf({ trace_id, errors, repeated, slowest }: PublishedAnalysis): readonly NextCall[] {
  const span =
    errors.items[0]?.origin ?? repeated.items[0]?.span ?? slowest.by_self_time.items[0]?.span
  if (span === undefined) return []
  const args = { trace_id, span_id: span.span_id, detail: 'spans' }
  return [nextCall(nextCallWhy('see_attributes'), 'get_trace_by_id', args)]
}
