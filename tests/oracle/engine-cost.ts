import type { Spec } from '../../src/spec/spec.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { bind } from '../../src/verify/bind.ts'
import { casesOf } from '../../src/verify/cases.ts'
import { planOf } from '../../src/verify/plan.ts'
import { reduce } from '../../src/verify/reduce.ts'

const COMPLETE = { everywhere: false, holes: new Set<number>(), reasons: [] }

/** What the engine's best assignment of the first case costs. */
export function engineCost(
  spec: Spec,
  trace: Trace,
): { readonly missing: number; readonly excess: number; readonly failedConditions: number } {
  const plan = planOf(spec)
  const { cases } = casesOf(trace, plan)
  const [one] = cases
  if (one === undefined) throw new Error('no case applies')
  const reduced = reduce({ trace, plan, holes: COMPLETE.holes, cases })
  const [missing = 0, excess = 0, failedConditions = 0] = bind({
    reduced,
    one,
    openness: COMPLETE,
  }).cost
  return { missing, excess, failedConditions }
}
