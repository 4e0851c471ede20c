import type { Command } from 'commander'
import type { ImportReport } from '../app/import.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import { writeJson } from './json.ts'
import { commonOptionsAsked, withCommonOptions, type CommonOptions } from './options.ts'

/** `tracespec import PATH...`: keeps the traces of files as if they had been captured. */
export function defineImport(program: Command, invocation: Invocation): void {
  withCommonOptions(
    program
      .command('import')
      .description('keep the traces of files: OTLP, Jaeger or Zipkin, compressed or not')
      .argument('<path...>', 'a file, a folder or -'),
  ).action(async (paths: readonly string[], options: CommonOptions) => {
    invocation.asked = { ...invocation.asked, common_options: commonOptionsAsked(options) }
    await importFiles(paths, options, invocation)
  })
}

async function importFiles(
  paths: readonly string[],
  options: CommonOptions,
  { io }: Invocation,
): Promise<void> {
  const { openWire } = await import('../wire.ts')
  const { importTraces } = await import('../app/import.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const { traceParts: parts, traceProtobuf: encode } = wire
  const report = await importTraces(paths, { parts, encode, store: await wire.store() })
  if (options.json === true) await writeJson(report, io)
  else await writeReport(report, io)
}

async function writeReport(report: ImportReport, io: Io): Promise<void> {
  const { visible } = await import('../report/sanitize.ts')
  const { lostBeforeLine } = await import('../report/wording/format-loss.ts')
  for (const lost of report.lost) await io.err.write(`tracespec: ${lostBeforeLine(lost)}\n`)
  for (const { path, cut } of report.paths) {
    if (cut !== null) await io.err.write(`tracespec: ${visible(`${path}: ${cut}`)}\n`)
  }
  const { spans, added, differing, traces, trace_ids: ids } = report
  if (differing > 0) {
    const stay = `${counted(differing, 'span')} with other content were there already and stay`
    await io.err.write(`tracespec: ${stay}\n`)
  }
  const news = added === 0 ? 'all of them there already' : `${added} of them new`
  await io.out.write(`${counted(spans, 'span')} of ${counted(traces, 'trace')}, ${news}\n`)
  await io.out.write(ids.map((id) => `  trace:${id}\n`).join(''))
  if (traces > ids.length) await io.out.write(`  ${traces - ids.length} more\n`)
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
