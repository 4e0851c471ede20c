import { Command, CommanderError } from 'commander'
import { Fault } from '../trace/fault.ts'
import { writeFailure } from './failure.ts'
import { readFormat, type Format } from './formats.ts'
import { nothingAsked, type Invocation } from './invocation.ts'
import { openIo } from './io.ts'
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
  const split = splitCommand(argv)
  const { own } = split
  try {
    const program = await programOf(invocation, split)
    await program.parseAsync(own, { from: 'user' })
    return invocation.exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const fault = faultOf(error)
    if (fault !== undefined) return writeFailure(fault, invocation, formatsWritten(own))
    await invocation.io.err.write(`tracespec: a fault of its own\n${stackOf(error)}\n`)
    return internalFault
  }
}

interface Split {
  readonly own: readonly string[]
  readonly command: readonly string[] | undefined
}

/** What follows `--` after `run` is the user's command and is read by nobody but the system. */
function splitCommand(argv: readonly string[]): Split {
  const at = argv.indexOf('--')
  if (argv[0] !== 'run' || at === -1) return { own: argv, command: undefined }
  return { own: argv.slice(0, at), command: argv.slice(at + 1) }
}

async function programOf(invocation: Invocation, { own, command }: Split): Promise<Command> {
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
  // Hosts start the server often, and wait for it.
  if (own[0] === 'mcp') {
    const { defineMcp } = await import('./mcp.ts')
    defineMcp(program, invocation)
  } else {
    const { defineCommands } = await import('./commands.ts')
    defineCommands(program, invocation, command)
  }
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
