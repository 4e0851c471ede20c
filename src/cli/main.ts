import { Command, CommanderError } from 'commander'
import { Fault } from '../trace/fault.ts'
import { defineAnalyze } from './analyze.ts'
import { defineCheck } from './check.ts'
import { defineDemo } from './demo.ts'
import { writeFailure } from './failure.ts'
import { readFormat, type Format } from './formats.ts'
import { defineExport } from './export.ts'
import { defineImport } from './import.ts'
import { defineInit } from './init.ts'
import { nothingAsked, type Invocation } from './invocation.ts'
import { openIo } from './io.ts'
import { defineMcp } from './mcp.ts'
import { defineRun } from './run.ts'
import { defineServe } from './serve.ts'
import { defineSession } from './session.ts'
import { defineShow } from './show.ts'
import { defineSpec } from './spec.ts'
import { defineTraces } from './traces.ts'
import { defineTrust } from './trust.ts'
import { tracespecVersion } from './version.ts'

/** `sysexits.h` EX_SOFTWARE: a fault of tracespec itself, which no verdict may be confused with. */
const internalFault = 70

/** Runs one command line, without the program's own name, and answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const invocation: Invocation = {
    io: openIo(process),
    version: tracespecVersion(),
    asked: nothingAsked,
    exitCode: 0,
  }
  const { own, command } = splitCommand(argv)
  try {
    await programOf(invocation, command).parseAsync(own, { from: 'user' })
    return invocation.exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const fault = faultOf(error)
    if (fault !== undefined) return writeFailure(fault, invocation, formatsWritten(own))
    await invocation.io.err.write(`tracespec: a fault of its own\n${stackOf(error)}\n`)
    return internalFault
  }
}

/** What follows `--` after `run` is the user's command and is read by nobody but the system. */
function splitCommand(argv: readonly string[]): {
  readonly own: readonly string[]
  readonly command: readonly string[] | undefined
} {
  const at = argv.indexOf('--')
  if (argv[0] !== 'run' || at === -1) return { own: argv, command: undefined }
  return { own: argv.slice(0, at), command: argv.slice(at + 1) }
}

function programOf(invocation: Invocation, command: readonly string[] | undefined): Command {
  const program = new Command('tracespec')
    .description(
      'Write down the spans you expect. Run your code. See what matched and what is missing.',
    )
    .version(invocation.version, '--version', 'the version of tracespec')
    .helpOption('-h, --help', 'this help')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .showSuggestionAfterError()
    .addHelpText('after', exitCodes)
  defineDemo(program, invocation)
  defineInit(program, invocation)
  defineRun(program, invocation, command)
  defineCheck(program, invocation)
  defineShow(program, invocation)
  defineAnalyze(program, invocation)
  defineTraces(program, invocation)
  defineSpec(program, invocation)
  defineSession(program, invocation)
  defineServe(program, invocation)
  defineImport(program, invocation)
  defineExport(program, invocation)
  defineTrust(program, invocation)
  defineMcp(program, invocation)
  return program
}

const exitCodes = `
Exit codes:
  0  passed               3  inconclusive
  1  failed               4  nothing to check
  2  usage, spec or world 130  interrupted
  70 a fault of tracespec itself
`

/** Commander's complaint as a Fault; undefined for what is no fault of the user or the world. */
function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error
  if (!(error instanceof CommanderError)) return undefined
  if (error.code === 'commander.help') {
    return new Fault('USAGE', 'name a command', { hint: 'they are listed by tracespec --help' })
  }
  const [message = '', near] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = near === undefined ? undefined : /^\((.*)\)$/.exec(near)?.[1]
  return new Fault('USAGE', message, {
    hint: suggestion ?? 'the options are listed by tracespec --help, and by --help after a command',
  })
}

/**
 * The formats as far as they can be read from the words alone: usage errors come before the options are, and what was asked for
 * as a document is one then too.
 */
function formatsWritten(own: readonly string[]): readonly Format[] {
  const written = own.flatMap((word, at) => {
    if (word === '--json') return 'json'
    if (word === '--format') return own[at + 1] ?? []
    return word.startsWith('--format=') ? word.slice('--format='.length) : []
  })
  return written.flatMap((text) => readFormat(text) ?? [])
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
