import { nextCallWhy } from '../report/wording/next-call.ts'
import type { Wire } from '../wire.ts'
import { nextCall, type NextCall } from './next-call.ts'

/** The call that judges the last run by a spec; none while nothing was captured. */
export async function lastRunSteps(wire: Wire, spec: string): Promise<readonly NextCall[]> {
  const store = await wire.existingStore()
  const [last] = (await store?.runs(1)) ?? []
  if (last === undefined) return []
  const args = { trace: `run:${last.id}`, spec }
  return [nextCall(nextCallWhy('compare_last'), 'compare_trace_to_spec', args)]
}
