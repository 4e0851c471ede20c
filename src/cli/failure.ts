import type { Fault } from '../trace/fault.ts'
import type { ExitCode } from '../verify/outcome.ts'
import { emit, type Format } from './formats.ts'
import type { Invocation } from './invocation.ts'

/**
 * Says what went wrong: in every document that was asked for, and as text on standard error where standard output has none.
 */
export async function writeFailure(
  fault: Fault,
  { io, version, asked }: Invocation,
  formats: readonly Format[],
): Promise<ExitCode> {
  const { failureOf } = await import('../app/failure.ts')
  const { resultOf } = await import('../report/json.ts')
  const outcome = failureOf(fault, version, asked)
  const documents = formats.filter(({ name, path }) => path !== undefined || name === 'json')
  const exitCode = await emit({ outcome, traces: [] }, documents, io)
  if (documents.some(({ path }) => path === undefined)) return exitCode
  const { visible } = await import('../report/sanitize.ts')
  const lines = [
    ...`tracespec: ${fault.message}`.split('\n').map(visible),
    ...(fault.hint === undefined ? [] : fault.hint.split('\n').map((line) => `  ${visible(line)}`)),
    ...resultOf(outcome).next_steps.flatMap((step) => [`  ${step.why}:`, `    ${step.text}`]),
  ]
  await io.err.write(`${lines.join('\n')}\n`)
  return exitCode
}
