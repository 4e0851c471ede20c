import { InvalidArgumentError, Option, type Command } from 'commander'
import { Fault } from '../trace/fault.ts'
import type { CaptureRequest } from './capture-run.ts'
import { emit, formatsOf, isJsonOnStream, type Format } from './formats.ts'
import type { Invocation } from './invocation.ts'
import {
  collect,
  commonOptionsAsked,
  durationMs,
  waitOption,
  withVerdictOptions,
  type VerdictOptions,
} from './options.ts'
import {
  pipelineAsked,
  pipelineOf,
  withPipelineOptions,
  type PipelineOptions,
} from './pipeline-options.ts'
import { captureRunInSession, counted, noteTokens } from './session-run.ts'
import { serverAsked, serverOf, withServerOptions, type ServerOptions } from './server-options.ts'

interface RunOptions extends VerdictOptions, ServerOptions, PipelineOptions {
  readonly timeout?: number
  readonly wait: number
  readonly expectExit: number | 'any'
  readonly keepEnv: readonly string[]
  readonly preload: boolean
  readonly watch?: boolean
}

const notBuilt = ['--instrument']

/** `tracespec run -- COMMAND`: runs it, judges what it sent. */
export function defineRun(
  program: Command,
  invocation: Invocation,
  command: readonly string[] | undefined,
): void {
  const run = withVerdictOptions(
    program
      .command('run')
      .usage('[options] -- COMMAND ARGS...')
      .description('run a command, capture its spans and judge them')
      .argument('[-- COMMAND...]'),
  )
    .option(
      '--timeout <duration>',
      'end the command after this time (default: no limit)',
      durationMs,
    )
    .addOption(waitOption('the longest wait for late spans'))
    .option('--expect-exit <code>', 'the exit code that is right, or any', exitCode, 0)
    .option('--keep-env <name>', 'leave this variable alone; repeatable', collect, [])
    .option('--watch', 'run again after every change of a file or a spec, until q or Ctrl-C')
    .option('--no-preload', 'do not watch Node processes for spans that they still hold')
  withPipelineOptions(withServerOptions(run))
  for (const name of notBuilt) run.addOption(new Option(`${name} <value>`).hideHelp())
  run.action(async (before: readonly string[], options: RunOptions) => {
    refuseNotBuilt(run)
    invocation.asked = askedOf(run, options)
    const { version, asked } = invocation
    const request = {
      version,
      asked,
      command: commandOf(before, command),
      project: options.project,
      expectExit: options.expectExit,
      requireAll: options.requireAll === true,
      limit: options.limit,
      waitMs: options.wait,
      timeoutMs: options.timeout,
      keepEnv: options.keepEnv,
      preload: options.preload,
      server: await serverOf(options),
      ...pipelineOf(options),
    }
    const formats = await formatsOf(options, invocation.io.env)
    invocation.exitCode = await (options.watch === true ? watch : runOnce)(request, {
      options,
      formats,
      invocation,
    })
  })
}

interface Asking {
  readonly options: RunOptions
  readonly formats: readonly Format[]
  readonly invocation: Invocation
}

async function runOnce(
  request: CaptureRequest,
  { options, formats, invocation: { io } }: Asking,
): Promise<number> {
  await io.err.write(await startNote(request.command))
  const stdio = isJsonOnStream(formats) ? ([0, 2, 2] as const) : ([0, 1, 2] as const)
  const judged = await captureRunInSession(request, stdio, io)
  const told = counted(io)
  const exitCode = await emit(judged, formats, told.io)
  await noteTokens(judged, options.project, { io, bytes: told.bytes() })
  return exitCode
}

/** What goes to standard output is the screen's; reports to files are written anew after every run. */
async function watch(
  capture: CaptureRequest,
  { options, formats, invocation }: Asking,
): Promise<number> {
  const isAsked = options.json === true || options.format.some((text) => !text.includes('='))
  if (isAsked) {
    throw new Fault('USAGE', '--watch has a screen of its own on standard output', {
      hint: 'write reports to files: --format json=report.json',
    })
  }
  const { watchRuns } = await import('./watch.ts')
  const files = formats.filter(({ path }) => path !== undefined)
  return watchRuns({ capture, formats: files }, invocation)
}

/** The first sign of life: the rest takes longer to load than a person waits without wondering. */
async function startNote(command: readonly string[]): Promise<string> {
  const { quoted } = await import('../report/quote.ts')
  const { inert } = await import('../report/sanitize.ts')
  return `tracespec: runs ${inert(quoted(command), 200)}\n`
}

function exitCode(text: string): number | 'any' {
  if (text === 'any') return text
  const code = Number(text)
  if (/^\d{1,3}$/.test(text) && code <= 255) return code
  throw new InvalidArgumentError('write an exit code from 0 to 255, or any.')
}

function refuseNotBuilt(run: Command): void {
  const asked = notBuilt.find((name) => run.getOptionValueSource(camel(name)) === 'cli')
  if (asked !== undefined) throw new Fault('UNSUPPORTED', `${asked} is not built yet`)
}

function camel(option: string): string {
  return option.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function commandOf(
  before: readonly string[],
  command: readonly string[] | undefined,
): readonly [string, ...string[]] {
  const [program, ...args] = command ?? []
  if (before.length > 0 && command === undefined) {
    throw new Fault('USAGE', 'put -- before the command', {
      hint: 'as in: tracespec run -- npm test',
    })
  }
  if (before.length > 0) {
    throw new Fault('USAGE', `${before.join(' ')} is neither an option nor after --`)
  }
  if (program === undefined || program === '') {
    throw new Fault('USAGE', 'there is no command to run', {
      hint: 'as in: tracespec run -- npm test',
    })
  }
  return [program, ...args]
}

/** The options that the same run needs again, as they were written. */
function askedOf(run: Command, options: RunOptions): Invocation['asked'] {
  const { timeout, wait, expectExit, keepEnv } = options
  const isWritten = (name: string): boolean => run.getOptionValueSource(name) === 'cli'
  return {
    traces: [],
    specs: options.spec,
    common_options: commonOptionsAsked(options),
    run_options: [
      ...(timeout === undefined ? [] : ['--timeout', `${timeout}ms`]),
      ...(isWritten('wait') ? ['--wait', `${wait}ms`] : []),
      ...(isWritten('expectExit') ? ['--expect-exit', String(expectExit)] : []),
      ...keepEnv.flatMap((name) => ['--keep-env', name]),
      ...(options.requireAll === true ? ['--require-all'] : []),
      ...(options.preload ? [] : ['--no-preload']),
      ...pipelineAsked(options),
      ...serverAsked(options),
    ],
  }
}
