import { InvalidArgumentError, Option, type Command } from 'commander'

/** Options that every command has. */
export interface CommonOptions {
  readonly project?: string
  readonly json?: boolean
}

/** Options of a command that answers with a verdict. */
export interface VerdictOptions extends CommonOptions {
  readonly spec: readonly string[]
  readonly format: readonly string[]
  readonly requireAll?: boolean
  readonly limit: number
}

export function withCommonOptions(command: Command): Command {
  return command
    .option(
      '--project <dir>',
      'the project folder (default: the nearest with tracespec.yaml, then .git)',
    )
    .option('--json', 'one JSON document on standard output')
}

export function withVerdictOptions(command: Command): Command {
  return withCommonOptions(command)
    .option(
      '--spec <name|path>',
      'judge by this spec; repeatable (default: every spec of the folder)',
      collect,
      [],
    )
    .option('--require-all', 'every spec must apply')
    .option('--limit <count>', 'findings and cases shown of each spec', positiveInteger, 50)
    .option(
      '--format <name[=path]>',
      'text, agent or json, to standard output or a file; repeatable',
      collect,
      [],
    )
}

/** What names traces. */
export const traceArgument =
  'a file, a folder, -, run:ID, trace:ID, last, or a time: since:10m, since:10m..5m, since:2026-11-21T10:00:00Z'

/** Options of a command that reads traces. */
export interface SourceOptions {
  readonly from?: string
  readonly wait: number
}

export function withSourceOptions(command: Command): Command {
  return command
    .option(
      '--from <name|url>',
      'read trace:ID or since:10m from this backend of tracespec.yaml, from jaeger, zipkin, tempo or clickhouse on this machine, or from a URL',
    )
    .addOption(
      waitOption(
        'the most time for a trace of --from, or what is checked of a time, to become whole',
      ),
    )
}

/** `--wait`, as 10s when it is not given. */
export function waitOption(what: string): Option {
  return new Option('--wait <duration>', what).argParser(durationMs).default(10_000, '10s')
}

/** What every printed command about the same traces must repeat; by then they have come to rest. */
export function sourceOptionsAsked({ from }: SourceOptions): readonly string[] {
  return from === undefined ? [] : ['--from', from]
}

/** What every printed command must repeat. */
export function commonOptionsAsked({ project }: CommonOptions): readonly string[] {
  return project === undefined ? [] : ['--project', project]
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A duration as `0`, `300ms`, `1.5s`, `2m`, `1h`, `7d`, in milliseconds. */
export function durationMs(text: string): number {
  if (text === '0') return 0
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  const factor = unit === undefined ? undefined : units[unit]
  if (amount === undefined || factor === undefined) {
    throw new InvalidArgumentError('write a duration as 300ms, 30s, 2m, 1h or 7d.')
  }
  return Number(amount) * factor
}

export function positiveInteger(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('write a positive whole number.')
}

export function portNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value > 0 && value < 65_536) return value
  throw new InvalidArgumentError('write a port, from 1 to 65535.')
}
