import type { Command } from 'commander'
import type { ChosenSpec } from '../app/spec-files.ts'
import { Fault } from '../trace/fault.ts'
import type { Wire } from '../wire.ts'
import { openCaptures } from './captures.ts'
import { emit, formatsOf } from './formats.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import {
  commonOptionsAsked,
  sourceOptionsAsked,
  traceArgument,
  withSourceOptions,
  withVerdictOptions,
  type SourceOptions,
  type VerdictOptions,
} from './options.ts'
import { openSpecs } from './specs.ts'

type CheckOptions = VerdictOptions & SourceOptions

/** `tracespec check TRACE...`: judges what was captured before. */
export function defineCheck(program: Command, invocation: Invocation): void {
  withSourceOptions(
    withVerdictOptions(
      program
        .command('check')
        .description('judge captured traces')
        .argument('<trace...>', traceArgument),
    ),
  ).action(async (traces: readonly string[], options: CheckOptions) => {
    invocation.asked = {
      traces,
      specs: options.spec,
      common_options: commonOptionsAsked(options),
      trace_options: sourceOptionsAsked(options),
      run_options: [],
    }
    invocation.exitCode = await checkTraces(options, invocation)
  })
}

async function checkTraces(
  options: CheckOptions,
  { io, version, asked }: Invocation,
): Promise<number> {
  const formats = await formatsOf(options, io.env)
  const { openWire } = await import('../wire.ts')
  const { check } = await import('../app/check.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const specs = await openSpecs(wire, asked.specs)
  const capture = await openCaptures(wire, asked.traces, { options, io, isJudged: true, specs })
  await keepVersions(specs, wire, io)
  const requireAll = options.requireAll === true
  const { limit } = options
  const outcome = check({ version, asked, specs, capture, requireAll, limit })
  return await emit({ outcome, traces: capture.traces }, formats, io)
}

/** Reading alone makes no store; that one cannot be written changes no verdict, and is said. */
async function keepVersions(specs: readonly ChosenSpec[], wire: Wire, io: Io): Promise<void> {
  const { versionsOf } = await import('../app/spec-versions.ts')
  try {
    const store = await wire.existingStore()
    await store?.keepSpecs(versionsOf(specs, { origin: 'check', at: wire.now() }))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { visible } = await import('../report/sanitize.ts')
    await io.err.write(`tracespec: the spec history is not kept: ${visible(error.message)}\n`)
  }
}
