import { weakenedSentence } from '../report/wording/session.ts'
import type { Bounded } from '../verify/result.ts'
import type { WeakenedSpec } from '../verify/session.ts'

/** What the specs ask for less than before; nothing when they do not. */
export function toldWeaker(list: Bounded<WeakenedSpec> | undefined): object {
  if (list === undefined || list.total === 0) return {}
  const items = list.items.map((one) => ({ at: one.at, message: weakenedSentence(one) }))
  const how = list.omitted === 0 ? null : 'tracespec session status --json lists more'
  return { weaker: { ...list, items, how } }
}
