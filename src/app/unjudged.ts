import { casesOf, type Entry } from '../verify/cases.ts'
import { planOf, type Plan } from '../verify/plan.ts'
import { spanAt } from '../verify/span-at.ts'
import type { Observation, SpecFile } from '../verify/observation.ts'

/**
 * Whether some entry that no spec judges holds a required top-level identity of this spec: its first one is probably what went
 * missing, so that the spec was meant.
 */
export function holdsUnjudgedEntry(
  file: SpecFile,
  files: readonly SpecFile[],
  { traces, losses }: Pick<Observation, 'traces' | 'losses'>,
): boolean {
  const plan = planOf(file.spec, losses)
  const held = traces.flatMap((trace) =>
    casesOf(trace, plan).entries.filter((entry) => holdsRequired(entry, plan)),
  )
  if (held.length === 0) return false
  const others = files.map(({ spec }) => planOf(spec, losses))
  return held.some((entry) => !others.some((other) => judges(other, entry)))
}

function holdsRequired({ trace, own }: Entry, plan: Plan): boolean {
  const required = plan.top.members.filter(({ expectation }) => expectation.count.min > 0)
  return own.some((span) => required.some((node) => node.is(spanAt(trace, span)) !== 'no'))
}

function judges(plan: Plan, { trace, own }: Entry): boolean {
  const members = new Set(
    casesOf(trace, plan).cases.flatMap((judged) => [...judged.members, ...judged.fragments]),
  )
  return own.some((span) => members.has(span))
}
