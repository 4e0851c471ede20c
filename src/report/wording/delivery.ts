import type { Delivery } from '../../verify/delivery.ts'
import { inert } from '../sanitize.ts'
import { duration, plural, some, spanName } from './phrases.ts'

const MAX_NAMES = 3

/** What a backend has of what was sent, in a few sentences. */
export function deliverySentence(delivery: Delivery): string {
  const { sent, arrived, waited_ms: waitedMs, problem, traces_left_out: leftOut } = delivery
  const source = inert(delivery.source, 80)
  const has = problem === null ? 'has' : 'has shown'
  return [
    `${source} ${has} ${arrived} of ${plural(sent, 'span')} after ${duration(waitedMs)}.`,
    ...(problem === null ? [] : [`What else it has is not known: ${inert(problem, 200)}.`]),
    ...lostSentence(delivery),
    ...changedSentence(delivery),
    ...lateSentence(delivery),
    ...(leftOut === 0 ? [] : [`${plural(leftOut, 'further trace')} were not asked for.`]),
  ].join(' ')
}

function lostSentence({ lost, problem }: Delivery): readonly string[] {
  if (lost.total === 0) return []
  const names = some(lost.items.slice(0, MAX_NAMES).map(spanName), lost.total)
  return [problem === null ? `Lost: ${names}.` : `Not seen there: ${names}.`]
}

function changedSentence({ changed }: Delivery): readonly string[] {
  if (changed.total === 0) return []
  const named = changed.items
    .slice(0, MAX_NAMES)
    .map(({ span, changes }) => `${spanName(span)} in ${fields(changes)}`)
  return [`Changed: ${some(named, changed.total)}.`]
}

function fields(changes: readonly string[]): string {
  return some(
    changes.slice(0, MAX_NAMES).map((change) => inert(change, 80)),
    changes.length,
  )
}

function lateSentence({ late }: Delivery): readonly string[] {
  return late.total === 0
    ? []
    : [`${plural(late.total, 'span')} came after the first time of asking.`]
}
