import type { Fault } from '../trace/fault.ts'
import type { Invocation } from './invocation.ts'

/** Says what went wrong: one document on standard output when JSON was asked for, else text on standard error. */
export async function writeFailure(
  fault: Fault,
  { io, version, asked }: Invocation,
  asJson: boolean,
): Promise<number> {
  const { failureOf } = await import('../app/failure.ts')
  const { renderJson, resultOf } = await import('../report/json.ts')
  const result = resultOf(failureOf(fault, version, asked))
  if (asJson) {
    await io.out.write(renderJson(result))
    return result.exit_code
  }
  const { visible } = await import('../report/sanitize.ts')
  const lines = [
    ...`tracespec: ${fault.message}`.split('\n').map(visible),
    ...(fault.hint === undefined ? [] : fault.hint.split('\n').map((line) => `  ${visible(line)}`)),
    ...result.next_steps.flatMap((step) => [`  ${step.why}:`, `    ${step.text}`]),
  ]
  await io.err.write(`${lines.join('\n')}\n`)
  return result.exit_code
}
