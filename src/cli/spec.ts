import type { Command } from 'commander'
import type { LoadedSpec } from '../app/spec-files.ts'
import type { ExitCode } from '../verify/outcome.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import { writeJson } from './json.ts'
import { commonOptionsAsked, withCommonOptions, type CommonOptions } from './options.ts'
import { defineDiff, defineHistory } from './spec-evolution.ts'

/** `tracespec spec list|show|validate|schema|history|diff`. */
export function defineSpec(program: Command, invocation: Invocation): void {
  const spec = program.command('spec').description('list, show, validate and compare specs')
  defineList(spec, invocation)
  defineShowSpec(spec, invocation)
  defineValidate(spec, invocation)
  defineSchema(spec, invocation)
  defineHistory(spec, invocation)
  defineDiff(spec, invocation)
}

function defineList(spec: Command, invocation: Invocation): void {
  withCommonOptions(spec.command('list').description('the specs of the project')).action(
    async (options: CommonOptions) => {
      const { specListOf } = await import('../app/spec-list.ts')
      const list = specListOf(await loadSpecs([], options, invocation))
      if (options.json === true) return writeJson(list, invocation.io)
      const { inert } = await import('../report/sanitize.ts')
      const lines = list.specs.map(({ name, path, errors, expectations, description }) =>
        [
          (name === null ? '(cannot be read)' : inert(name, 40)).padEnd(24),
          errors === 0 ? `${expectations} expectations` : `${errors} errors`,
          path,
          ...(description === null ? [] : [inert(description, 80)]),
        ].join('  '),
      )
      await invocation.io.out.write(`${[...lines, `${lines.length} specs`].join('\n')}\n`)
    },
  )
}

function defineShowSpec(spec: Command, invocation: Invocation): void {
  withCommonOptions(
    spec
      .command('show')
      .description('the text of a spec')
      .argument('<name|path>', 'a spec of the project, or a file'),
  ).action(async (name: string, options: CommonOptions) => {
    const [found] = await loadSpecs([name], options, invocation)
    if (found === undefined) return
    const text = 'text' in found.source.read ? found.source.read.text : ''
    if (options.json !== true) return invocation.io.out.write(text)
    const { path, sha256 } = found.source
    const document = {
      schema: 'tracespec.spec/1',
      name: found.spec?.name ?? null,
      path,
      sha256,
      text,
    }
    await writeJson(document, invocation.io)
  })
}

function defineValidate(spec: Command, invocation: Invocation): void {
  withCommonOptions(
    spec
      .command('validate')
      .description('say everything that is wrong with specs')
      .argument('[name|path...]', 'specs of the project, or files (default: all of the project)'),
  ).action(async (names: readonly string[], options: CommonOptions) => {
    const specs = await loadSpecs(names, options, invocation)
    invocation.exitCode = exitCodeOf(specs)
    if (options.json === true) await writeJson(issuesOf(specs), invocation.io)
    else await writeIssues(specs, invocation.io)
  })
}

async function loadSpecs(
  names: readonly string[],
  options: CommonOptions,
  invocation: Invocation,
): Promise<readonly LoadedSpec[]> {
  const { io } = invocation
  invocation.asked = {
    ...invocation.asked,
    specs: names,
    common_options: commonOptionsAsked(options),
  }
  const { openWire } = await import('../wire.ts')
  const { findSpecs } = await import('../app/spec-files.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  return findSpecs(
    wire.specFolder,
    names.map((text) => ({ text, file: wire.specAt(text) })),
  )
}

function exitCodeOf(specs: readonly LoadedSpec[]): ExitCode {
  if (specs.length === 0) return 4
  return specs.some(({ spec }) => spec === undefined) ? 2 : 0
}

function issuesOf(specs: readonly LoadedSpec[]): object {
  return {
    schema: 'tracespec.issues/1',
    exit_code: exitCodeOf(specs),
    specs: specs.map(({ source: { path, sha256 }, spec, issues }) => ({
      path,
      sha256,
      valid: spec !== undefined,
      issues: issues.map(({ code, severity, message, hint, at }) => ({
        code,
        severity,
        message,
        hint: hint ?? null,
        at: `${at.file}:${at.line}:${at.column}`,
      })),
    })),
  }
}

async function writeIssues(specs: readonly LoadedSpec[], io: Io): Promise<void> {
  const { issueTexts } = await import('../app/spec-files.ts')
  const issues = specs.flatMap((spec) => issueTexts(spec))
  const valid = specs.filter(({ spec }) => spec !== undefined).length
  const counted = `${valid} of ${specs.length} specs can be used`
  await io.out.write(`${[...issues, counted].join('\n\n')}\n`)
}

function defineSchema(spec: Command, invocation: Invocation): void {
  spec
    .command('schema')
    .description('the JSON Schema of the spec language, for editors')
    .option('--json', 'as without it: the schema is JSON')
    .action(async () => {
      const { readFile } = await import('node:fs/promises')
      const file = new URL('../../schema/trace-spec.schema.json', import.meta.url)
      await invocation.io.out.write(await readFile(file, 'utf8'))
    })
}
