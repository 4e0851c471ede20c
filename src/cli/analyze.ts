import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AnalysisDocument } from '../report/analysis.ts'
import type { Terminal } from '../report/terminal.ts'
import { notePartial, openCaptures } from './captures.ts'
import { formatsOf, writeReport, type Format, type FormatName } from './formats.ts'
import type { Invocation } from './invocation.ts'
import {
  collect,
  commonOptionsAsked,
  positiveInteger,
  sourceOptionsAsked,
  traceArgument,
  withCommonOptions,
  withSourceOptions,
  type CommonOptions,
  type SourceOptions,
} from './options.ts'

interface AnalyzeOptions extends CommonOptions, SourceOptions {
  readonly format: readonly string[]
  readonly trace?: string
  readonly limit?: number
}

/** `tracespec analyze TRACE`: where the time of a trace went, where its errors began, what repeats. */
export function defineAnalyze(program: Command, invocation: Invocation): void {
  withSourceOptions(
    withCommonOptions(
      program
        .command('analyze')
        .description('say where a trace spent its time, where its errors began and what repeats')
        .argument('<trace>', traceArgument),
    ),
  )
    .option('--trace <id>', 'of several traces this one')
    .option('--limit <count>', 'items of each list (default: 5, of JSON 20)', positiveInteger)
    .option(
      '--format <name[=path]>',
      'text, agent or json, to standard output or a file; repeatable',
      collect,
      [],
    )
    .action(async (trace: string, options: AnalyzeOptions) => {
      const common_options = commonOptionsAsked(options)
      const trace_options = sourceOptionsAsked(options)
      invocation.asked = {
        traces: [trace],
        specs: [],
        common_options,
        trace_options,
        run_options: [],
      }
      await analyze(trace, options, invocation)
    })
}

async function analyze(
  reference: string,
  options: AnalyzeOptions,
  { io, version }: Invocation,
): Promise<void> {
  const formats = await formatsOf(options, io.env)
  const { openWire } = await import('../wire.ts')
  const { analyzeTraces } = await import('../app/analyze.ts')
  const { analysisDocument } = await import('../report/analysis.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const capture = await openCaptures(wire, [reference], { options, io })
  await notePartial(capture, io)
  const { traces, source } = capture
  for (const format of formats) {
    const analysed = analyzeTraces(traces, { traceId: options.trace, ...extentOf(format, options) })
    const document = analysisDocument({ version, source, traces: analysed })
    const terminal = format.path === undefined ? io.out.terminal : page
    const text = await rendered(format.name, document, terminal)
    if (format.path === undefined) await io.out.write(text)
    else await writeReport(resolve(io.cwd, format.path), text)
  }
}

const page: Terminal = { width: 100, color: false, unicode: true }

/** A reader gets the few that tell most; a program gets more. */
function extentOf(
  { name }: Format,
  { limit }: AnalyzeOptions,
): { readonly maxTraces: number; readonly limit: number } {
  return name === 'json'
    ? { maxTraces: 20, limit: limit ?? 20 }
    : { maxTraces: 1, limit: limit ?? 5 }
}

async function rendered(
  name: FormatName,
  document: AnalysisDocument,
  terminal: Terminal,
): Promise<string> {
  switch (name) {
    case 'json':
      return (await import('../report/analysis.ts')).renderAnalysisJson(document)
    case 'agent':
      return (await import('../report/analysis-agent.ts')).renderAnalysisAgent(document)
    case 'text':
      return (await import('../report/analysis-text.ts')).renderAnalysisText(document, terminal)
  }
}
