import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import type { ExportReport } from '../app/export.ts'
import { Fault } from '../trace/fault.ts'
import { traceForms, type TraceForm } from '../trace/trace-form.ts'
import { openCaptures } from './captures.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import { writeJson } from './json.ts'
import {
  commonOptionsAsked,
  sourceOptionsAsked,
  withCommonOptions,
  withSourceOptions,
  type CommonOptions,
  type SourceOptions,
} from './options.ts'

interface ExportOptions extends CommonOptions, SourceOptions {
  readonly as: TraceForm
  readonly output: string
}

/** `tracespec export TRACE...`: writes traces in a form that others read, and says what it cannot hold. */
export function defineExport(program: Command, invocation: Invocation): void {
  withSourceOptions(
    withCommonOptions(
      program
        .command('export')
        .description('write traces in a form that other tools read')
        .argument('<trace...>', 'a file, a folder, -, run:ID, trace:ID or last'),
    ),
  )
    .addOption(new Option('--as <form>', 'the form').choices([...traceForms]).default('otlp-json'))
    .option('-o, --output <path>', 'the file to write, or - for standard output', '-')
    .action(async (traces: readonly string[], options: ExportOptions) => {
      invocation.asked = {
        traces,
        specs: [],
        common_options: commonOptionsAsked(options),
        trace_options: sourceOptionsAsked(options),
        run_options: [],
      }
      await exportTraces(traces, options, invocation.io)
    })
}

async function exportTraces(
  traces: readonly string[],
  options: ExportOptions,
  io: Io,
): Promise<void> {
  const { as: form, output } = options
  if (output === '-') refuseMix(options, io)
  const { openWire } = await import('../wire.ts')
  const { exportCapture } = await import('../app/export.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const capture = await openCaptures(wire, traces, { options, io })
  const { content, report } = await exportCapture(capture, form, wire.encodeAs)
  if (output === '-') await io.out.write(content)
  else await replaceFile(resolve(io.cwd, output), content)
  if (options.json === true) await writeJson(report, io)
  else await writeLosses(report, io)
}

/** Two documents on one stream, or bytes on a terminal. */
function refuseMix({ as, json }: ExportOptions, { out }: Io): void {
  const hint = 'name a file: --output PATH'
  if (json === true) {
    throw new Fault('USAGE', 'with --json the traces cannot go to standard output too', { hint })
  }
  if (as === 'otlp-proto' && out.isTerminal) {
    throw new Fault('USAGE', 'protobuf is not written to a terminal', { hint })
  }
}

/** All of it or nothing: what was there stays until the new is whole. */
async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(unfinished, content)
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('FILE_UNREADABLE', `${path} cannot be written: ${reason}`, { cause })
  }
}

async function writeLosses({ form, lost, lost_before, cut }: ExportReport, io: Io): Promise<void> {
  const { visible } = await import('../report/sanitize.ts')
  const { formatLossLine, lostBeforeLine } = await import('../report/wording/format-loss.ts')
  const lines = [
    ...lost.map((loss) => `in ${form} ${formatLossLine(loss)}`),
    ...lost_before.map(lostBeforeLine),
    ...(cut === null ? [] : [cut]),
  ]
  for (const line of lines) await io.err.write(`tracespec: ${visible(line)}\n`)
}
