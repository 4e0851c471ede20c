import type { Command } from 'commander'
import type { Evolution } from '../app/spec-evolution.ts'
import { Fault } from '../trace/fault.ts'
import type { Invocation } from './invocation.ts'
import { writeJson } from './json.ts'
import {
  commonOptionsAsked,
  positiveInteger,
  withCommonOptions,
  type CommonOptions,
} from './options.ts'

interface HistoryOptions extends CommonOptions {
  readonly limit: number
}

/** `tracespec spec history`: the texts that a spec has had. */
export function defineHistory(spec: Command, invocation: Invocation): void {
  withCommonOptions(
    spec
      .command('history')
      .description('the versions of a spec, newest first, with what each changed')
      .argument('<name|path>', 'a spec of the project, a file, or one that is gone'),
  )
    .option('--limit <count>', 'at most so many', positiveInteger, 20)
    .action(async (name: string, options: HistoryOptions) => {
      const evolution = await evolutionAsked(name, options, invocation)
      const { io } = invocation
      const { specHistoryOf } = await import('../app/spec-change.ts')
      const history = specHistoryOf(evolution, options.limit)
      if (options.json === true) return writeJson(history, io)
      const { renderSpecHistory } = await import('../report/spec-evolution.ts')
      await io.out.write(renderSpecHistory(history, io.out.terminal))
    })
}

/** `tracespec spec diff`: how two texts of a spec differ. */
export function defineDiff(spec: Command, invocation: Invocation): void {
  withCommonOptions(
    spec
      .command('diff')
      .description('how two versions of a spec differ, and what it asks for less or more')
      .argument('<name|path>', 'a spec of the project, a file, or one that is gone')
      .argument(
        '[sha...]',
        'one or two, by the first digits of their sha256; one is compared with the file (default: the last two)',
      ),
  ).action(async (name: string, digests: readonly string[], options: CommonOptions) => {
    if (digests.length > 2) throw new Fault('USAGE', 'a difference is of two versions')
    const evolution = await evolutionAsked(name, options, invocation)
    const { io } = invocation
    const { specDifferenceOf } = await import('../app/spec-change.ts')
    const { renderSpecDiff, specDiffOf } = await import('../report/spec-evolution.ts')
    const diff = specDiffOf(specDifferenceOf(evolution, digests))
    if (options.json === true) return writeJson(diff, io)
    await io.out.write(renderSpecDiff(diff, io.out.terminal))
  })
}

async function evolutionAsked(
  text: string,
  options: CommonOptions,
  invocation: Invocation,
): Promise<Evolution> {
  const { io } = invocation
  invocation.asked = {
    ...invocation.asked,
    specs: [text],
    common_options: commonOptionsAsked(options),
  }
  const { openWire } = await import('../wire.ts')
  const { evolutionOf } = await import('../app/spec-evolution.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const versions = await wire.existingStore()
  return await evolutionOf({ text, file: wire.specAt(text) }, { folder: wire.specFolder, versions })
}
