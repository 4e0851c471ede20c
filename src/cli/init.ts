import type { Command } from 'commander'
import type { HostId } from '../app/hosts.ts'
import type { FirstSpec } from '../app/init.ts'
import { Fault } from '../trace/fault.ts'
import type { ExitCode } from '../verify/outcome.ts'
import type { Wire } from '../wire.ts'
import { openCaptures } from './captures.ts'
import type { Invocation } from './invocation.ts'
import { writeJson } from './json.ts'
import { commonOptionsAsked, withCommonOptions, type CommonOptions } from './options.ts'

interface InitOptions extends CommonOptions, Readonly<Partial<Record<HostId, boolean>>> {
  readonly name?: string
}

const hostIds: readonly HostId[] = ['claude', 'cursor', 'vscode', 'codex']

const configText = `# This folder is a project of tracespec: specs are read from here, captures are kept in .tracespec/.
specs: specs
`

/** `tracespec init`: tracespec.yaml and a first spec from a capture; or what a host needs to start the server for agents. */
export function defineInit(program: Command, invocation: Invocation): void {
  withCommonOptions(
    program
      .command('init')
      .description('write tracespec.yaml and a first spec from a capture; overwrites nothing')
      .argument('[trace]', 'what to learn from: a path, run:ID, trace:ID or last', 'last'),
  )
    .option('--name <name>', 'the name of the spec (default: from the root span)')
    .option('--claude', 'write no spec, register the MCP server in .mcp.json for Claude Code')
    .option('--cursor', 'the same in .cursor/mcp.json for Cursor')
    .option('--vscode', 'the same in .vscode/mcp.json for VS Code')
    .option('--codex', 'the same in .codex/config.toml for Codex')
    .action(async (trace: string, options: InitOptions) => {
      invocation.asked = {
        ...invocation.asked,
        traces: [trace],
        common_options: commonOptionsAsked(options),
      }
      const hosts = hostIds.filter((id) => options[id] === true)
      if (hosts.length === 0) invocation.exitCode = await init(trace, options, invocation)
      else await registerFor(hosts, { trace, options, invocation })
    })
}

interface InitCall {
  readonly trace: string
  readonly options: InitOptions
  readonly invocation: Invocation
}

async function registerFor(hosts: readonly HostId[], call: InitCall): Promise<void> {
  const { trace, options, invocation } = call
  if (trace !== 'last' || options.name !== undefined) {
    throw new Fault('USAGE', `--${hosts[0] ?? ''} registers the MCP server and writes no spec`, {
      hint: 'leave out the trace and --name, and run tracespec init once more for the spec',
    })
  }
  const { register } = await import('./register.ts')
  await register(hosts, options, invocation.io)
}

async function init(
  reference: string,
  options: InitOptions,
  { io, asked }: Invocation,
): Promise<ExitCode> {
  const { openWire } = await import('../wire.ts')
  const { firstSpecOf } = await import('../app/init.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const { isMarked, specs: folder } = wire.project
  const hasCapture = reference !== 'last' || (await hasRun(wire))
  const capture = hasCapture ? await openCaptures(wire, [reference]) : undefined
  const spec =
    capture && firstSpecOf({ capture, name: options.name, folder, schema: wire.schemaReference() })
  if (spec !== undefined) wire.writeNew(spec.path, spec.text)
  if (!isMarked) wire.writeNew('tracespec.yaml', configText)
  const report: Report = {
    written: [...(spec === undefined ? [] : [spec.path]), ...(isMarked ? [] : ['tracespec.yaml'])],
    spec,
    source: capture?.source,
    common: asked.common_options,
  }
  if (options.json === true) await writeJson(documentOf(report), io)
  else await io.out.write(await textOf(report))
  return spec === undefined ? 4 : 0
}

async function hasRun(wire: Wire): Promise<boolean> {
  const store = await wire.existingStore()
  return store !== undefined && (await store.runs(1)).length > 0
}

interface Report {
  readonly written: readonly string[]
  /** Undefined without a span to learn from. */
  readonly spec: FirstSpec | undefined
  readonly source: string | undefined
  readonly common: readonly string[]
}

function documentOf({ written, spec, source }: Report): object {
  return {
    schema: 'tracespec.init/1',
    written,
    source: source ?? null,
    spec: spec === undefined ? null : { name: spec.name, path: spec.path, status: spec.status },
    cases: spec?.draft.cases ?? 0,
    spans: spec?.draft.spans ?? 0,
    other_roots: spec?.draft.others ?? [],
  }
}

async function textOf({ written, spec, source, common }: Report): Promise<string> {
  const { quoted } = await import('../report/quote.ts')
  const { inert } = await import('../report/sanitize.ts')
  const wrote = written.map((path) => `wrote ${path}`)
  if (spec === undefined) {
    const command = quoted(['tracespec', 'run', ...common, '--', 'COMMAND'])
    return [
      ...wrote,
      `There is no span to learn a spec from yet. Capture a command, then run init again:\n    ${command}`,
      '',
    ].join('\n')
  }
  const { draft, name, status } = spec
  const check = quoted(['tracespec', 'check', ...common, source ?? 'last', '--spec', name])
  const others = draft.others.slice(0, 5).map((other) => `\`${inert(other, 60)}\``)
  return [
    ...wrote,
    `It asks for ${draft.spans} spans in ${draft.cases} ${draft.cases === 1 ? 'case' : 'cases'} of \`${inert(draft.root.name, 60)}\`.`,
    ...(others.length === 0 ? [] : [`It says nothing of ${others.join(', ')}.`]),
    `On this capture it is: ${status}. See for yourself:`,
    `    ${check}`,
    '',
  ].join('\n')
}
