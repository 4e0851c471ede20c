import { nextCallWhy, runAgainWithout } from '../report/wording/next-call.ts'
import { nextCall, type NextCall } from './next-call.ts'
import { isSecret, redacted } from './redact.ts'
import type { ExecuteInput } from './run-call.ts'
import { bytesOf } from './verdict.ts'

// A call that is longer is known to the caller.
const MAX_BYTES = 1200

/**
 * The call that makes a run again, with all that it was called with but values that may be secret; none when a secret stands in
 * the command itself, or when it is long.
 */
export function repeatRun({ env, ...rest }: ExecuteInput): readonly NextCall[] {
  const written = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  )
  const variables = Object.entries(env ?? {})
  const told = variables.filter(([name, value]) => !isSecret(name, value))
  const left = variables.filter(([name, value]) => isSecret(name, value)).map(([name]) => name)
  const args = { ...written, ...(told.length === 0 ? {} : { env: Object.fromEntries(told) }) }
  if (bytesOf(args) > MAX_BYTES || textsIn(args).some((text) => redacted(text) !== text)) return []
  const why = left.length === 0 ? nextCallWhy('run_again') : runAgainWithout(left)
  return [nextCall(why, 'execute_and_capture', args)]
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
