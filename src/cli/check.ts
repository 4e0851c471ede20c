import type { Command } from 'commander'
import { openCaptures } from './captures.ts'
import { emit, formatsOf } from './formats.ts'
import type { Invocation } from './invocation.ts'
import { commonOptionsAsked, withVerdictOptions, type VerdictOptions } from './options.ts'
import { openSpecs } from './specs.ts'

/** `tracespec check TRACE...`: judges what was captured before. */
export function defineCheck(program: Command, invocation: Invocation): void {
  withVerdictOptions(
    program
      .command('check')
      .description('judge captured traces')
      .argument('<trace...>', 'a file, a folder, -, run:ID, trace:ID or last'),
  ).action(async (traces: readonly string[], options: VerdictOptions) => {
    invocation.asked = {
      traces,
      specs: options.spec,
      common_options: commonOptionsAsked(options),
      run_options: [],
    }
    invocation.exitCode = await checkTraces(options, invocation)
  })
}

async function checkTraces(
  options: VerdictOptions,
  { io, version, asked }: Invocation,
): Promise<number> {
  const formats = await formatsOf(options, io.env)
  const { openWire } = await import('../wire.ts')
  const { check } = await import('../app/check.ts')
  using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const specs = await openSpecs(wire, asked.specs)
  const capture = await openCaptures(wire, asked.traces)
  const requireAll = options.requireAll === true
  const { limit } = options
  const outcome = check({ version, asked, specs, capture, requireAll, limit })
  return await emit({ outcome, traces: capture.traces }, formats, io)
}
