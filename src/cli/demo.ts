import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { Trace } from '../trace/trace.ts'
import type { ExitCode, Outcome, Result } from '../verify/outcome.ts'
import { captureRun } from './capture-run.ts'
import { makeDemoProject } from './demo-project.ts'
import { nothingAsked, type Invocation } from './invocation.ts'
import type { Io } from './io.ts'

interface DemoOptions {
  readonly keep?: string
  readonly json?: boolean
}

/** `tracespec demo`: the bundled shop, red, its fix, green. */
export function defineDemo(program: Command, invocation: Invocation): void {
  program
    .command('demo')
    .description('see it at work: a shop of two services, its spec, red and then green')
    .option('--keep <dir>', 'leave the shop in a new folder, to try things on it')
    .option('--json', 'one JSON document on standard output')
    .action(async (options: DemoOptions) => {
      invocation.exitCode = await demo(options, invocation)
    })
}

async function demo({ keep, json }: DemoOptions, { io, version }: Invocation): Promise<ExitCode> {
  const { applyPatch } = await import('../app/patch.ts')
  const isJson = json === true
  const say = async (text: string): Promise<void> => (isJson ? undefined : io.out.write(text))
  await say(
    'A shop of two services runs; specs/checkout.trace.yaml says which spans its checkout makes.\n',
  )
  await using project = await makeDemoProject(io.cwd, keep)
  const inside = demoIo(io, project.folder)
  const checkout = join(project.folder, 'checkout.mjs')
  const text = await readFile(checkout, 'utf8')
  const patch = await readFile(join(project.folder, 'fix.patch'), 'utf8')

  await say(`\n$ ${commandText}\n`)
  const red = await runShop(version, { io: inside, isJson })
  await say(await reportText(red, io))
  await say(`\nThe fix of checkout.mjs:\n\n${await diffText(patch, io)}\n`)
  await writeFile(checkout, applyPatch(text, patch))
  await say(`$ ${commandText}\n`)
  const green = await runShop(version, { io: inside, isJson })
  await say(await reportText(green, io))

  if (keep !== undefined) await writeFile(checkout, text)
  const isAsPlanned = red.result.status === 'fail' && green.result.status === 'pass'
  await say(`\n${closing(isAsPlanned, keep)}`)
  if (isJson) await io.out.write(await documentText(red.result, green.result))
  return isAsPlanned ? 0 : 1
}

const command = ['node', 'drive.mjs'] as const
const commandText = `tracespec run -- ${command.join(' ')}`

/** In the shop's folder, with the Node that runs tracespec, and without the notes on the environment. */
function demoIo(io: Io, cwd: string): Io {
  const path = [dirname(process.execPath), io.env['PATH'] ?? ''].join(delimiter)
  return {
    ...io,
    cwd,
    env: { ...io.env, PATH: path },
    err: { ...io.err, write: () => Promise.resolve() },
  }
}

interface Shown {
  readonly result: Result
  readonly traces: readonly Trace[]
}

async function runShop(
  version: string,
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
): Promise<Shown> {
  const request = {
    version,
    command,
    asked: nothingAsked,
    project: undefined,
    expectExit: 0,
    requireAll: false,
    waitMs: 10_000,
    timeoutMs: 30_000,
    keepEnv: [],
    preload: true,
  }
  const judged = await captureRun(request, isJson ? [0, 2, 2] : [0, 1, 2], io)
  return { result: await resultWithoutCommands(judged.outcome), traces: judged.traces }
}

/** What the report would propose belongs to a folder that is about to go. */
async function resultWithoutCommands(outcome: Outcome): Promise<Result> {
  const { resultOf } = await import('../report/json.ts')
  return { ...resultOf(outcome), next_steps: [] }
}

async function reportText({ result, traces }: Shown, io: Io): Promise<string> {
  const { renderText } = await import('../report/text.ts')
  return `\n${renderText(result, { ...io.out.terminal, traces })}`
}

async function diffText(patch: string, { out }: Io): Promise<string> {
  const { paint } = await import('../report/terminal.ts')
  return patch
    .split('\n')
    .slice(3)
    .map((line) => paint(`  ${line}`.trimEnd(), toneOf(line), out.terminal))
    .join('\n')
}

function toneOf(line: string): 'red' | 'green' | undefined {
  if (line.startsWith('-')) return 'red'
  return line.startsWith('+') ? 'green' : undefined
}

function closing(isAsPlanned: boolean, keep: string | undefined): string {
  if (!isAsPlanned) return 'The demo did not go as planned: red first and then green.\n'
  if (keep === undefined) {
    return 'Red, then green, and nothing is left behind. To try it yourself:\n    tracespec demo --keep shop-demo\n'
  }
  return `Red, then green. The shop stays in ${keep}, as it was before the fix. To try it yourself:\n    cd ${keep}\n    ${commandText}\n`
}

async function documentText(red: Result, green: Result): Promise<string> {
  const { renderJson } = await import('../report/json.ts')
  return `{"schema":"tracespec.demo/1","red":${renderJson(red)},"green":${renderJson(green)}}\n`
}
