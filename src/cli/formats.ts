import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Fault } from '../trace/fault.ts'
import type { Trace } from '../trace/trace.ts'
import type { ExitCode, Outcome, Result } from '../verify/outcome.ts'
import type { Io, Output } from './io.ts'
import type { VerdictOptions } from './options.ts'

const names = ['text', 'agent', 'json'] as const

export type FormatName = (typeof names)[number]

export interface Format {
  readonly name: FormatName
  /** Standard output when undefined. */
  readonly path: string | undefined
}

/**
 * The formats that are asked for; where none goes to standard output, the one that suits the reader does. A Fault for an
 * unknown name and for two documents on one stream.
 */
export async function formatsOf(
  { format, json }: Pick<VerdictOptions, 'format' | 'json'>,
  env: Io['env'],
): Promise<readonly Format[]> {
  const asked = format.map(parseFormat)
  if (json === true) asked.push({ name: 'json', path: undefined })
  const onStream = asked.filter(({ path }) => path === undefined)
  const [first, second] = [...new Set(onStream.map(({ name }) => name))]
  if (second !== undefined) {
    throw new Fault('USAGE', `${first} and ${second} cannot both go to standard output`, {
      hint: `give one of them a file: --format ${second}=PATH`,
    })
  }
  const files = asked.filter(({ path }) => path !== undefined)
  return [...files, { name: first ?? (await fittingFormat(env)), path: undefined }]
}

function parseFormat(text: string): Format {
  const format = readFormat(text)
  if (format !== undefined && format.path !== '') return format
  throw new Fault('USAGE', `there is no format ${text}`, {
    hint: `formats are ${names.join(', ')}, each to standard output or as NAME=PATH to a file`,
  })
}

/** `NAME` or `NAME=PATH`; undefined for a name that is none. */
export function readFormat(text: string): Format | undefined {
  const at = text.indexOf('=')
  const written = at === -1 ? text : text.slice(0, at)
  const name = names.find((known) => known === written)
  const path = at === -1 ? undefined : text.slice(at + 1)
  return name === undefined ? undefined : { name, path }
}

/** Known agents get the form made for them. */
async function fittingFormat(env: Io['env']): Promise<FormatName> {
  if (env['AGENT'] !== undefined && env['AGENT'] !== '') return 'agent'
  const { isAgent } = await import('std-env')
  return isAgent ? 'agent' : 'text'
}

export function isJsonOnStream(formats: readonly Format[]): boolean {
  return formats.some(({ name, path }) => name === 'json' && path === undefined)
}

/** Writes an outcome in every format, and answers the exit code. */
export async function emit(
  { outcome, traces }: { readonly outcome: Outcome; readonly traces: readonly Trace[] },
  formats: readonly Format[],
  io: Io,
): Promise<ExitCode> {
  const { resultOf } = await import('../report/json.ts')
  const result = resultOf(outcome)
  for (const { name, path } of formats) {
    if (path === undefined)
      await io.out.write(await rendered(name, { result, traces, output: io.out }))
    else await writeReport(resolve(io.cwd, path), await rendered(name, { result, traces }))
  }
  return result.exit_code
}

interface Rendered {
  readonly result: Result
  readonly traces: readonly Trace[]
  /** A file when undefined. */
  readonly output?: Output
}

async function rendered(name: FormatName, { result, traces, output }: Rendered): Promise<string> {
  switch (name) {
    case 'json':
      return (await import('../report/json.ts')).renderJson(result)
    case 'agent':
      return (await import('../report/agent.ts')).renderAgent(result)
    case 'text': {
      const { renderText } = await import('../report/text.ts')
      const terminal = output?.terminal ?? { width: 100, color: false, unicode: true }
      return renderText(result, { ...terminal, traces })
    }
  }
}

/** Writes a report to a file, with the folders above it. A Fault when that cannot be. */
export async function writeReport(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('FILE_UNREADABLE', `the report cannot be written: ${reason}`, { cause })
  }
}
