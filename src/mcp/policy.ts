import { Fault } from '../trace/fault.ts'
import type { Wire } from '../wire.ts'
import type { Effect } from './annotations.ts'
import type { Call, Policy } from './call.ts'

/** What holds in a project: the server's own command line, and what it leaves open by the project's file. */
export function policyIn({ project: { config } }: Wire, policy: Policy): Policy {
  return {
    readOnly: policy.readOnly || config.mcp.readOnly,
    allowCommands: policy.allowCommands ?? config.mcp.allowCommands,
  }
}

/** Refuses what writes or runs in a project whose file allows reading alone. */
export async function refuseInReadOnly(effect: Effect, call: Call): Promise<void> {
  if (effect === 'reads') return
  await using wire = await call.open()
  if (!policyIn(wire, call.policy).readOnly) return
  throw new Fault('USAGE', 'this project is read-only for agents', {
    hint: 'its tracespec.yaml says mcp: {read_only: true}',
  })
}
