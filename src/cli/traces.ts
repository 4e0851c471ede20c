import { InvalidArgumentError, type Command } from 'commander'
import type { TraceList } from '../app/trace-list.ts'
import type { TraceQuery } from '../trace/query.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { Invocation } from './invocation.ts'
import { writeJson } from './json.ts'
import type { Io } from './io.ts'
import {
  commonOptionsAsked,
  durationMs,
  positiveInteger,
  withCommonOptions,
  type CommonOptions,
} from './options.ts'

interface TracesOptions extends CommonOptions {
  readonly service?: string
  readonly operation?: string
  readonly from?: Nanos
  readonly to?: Nanos
  readonly since?: number
  readonly minDuration?: number
  readonly errors?: boolean
  readonly attribute: readonly Attribute[]
  readonly run?: string
  readonly limit: number
}

interface Attribute {
  readonly name: string
  readonly value: string
}

/** `tracespec traces`: lists what is kept, newest first. */
export function defineTraces(program: Command, invocation: Invocation): void {
  withCommonOptions(program.command('traces').description('list captured traces, newest first'))
    .option('--service <name>', 'with a span of this service')
    .option('--operation <name>', 'with a span of this name')
    .option('--from <time>', 'from this moment on (ISO 8601)', moment)
    .option('--to <time>', 'until this moment (ISO 8601)', moment)
    .option('--since <duration>', 'of the last 10m, 2h, 7d', durationMs)
    .option('--min-duration <duration>', 'with a span at least this long', durationMs)
    .option('--errors', 'with an error span')
    .option('--attribute <name=value>', 'with a span that has it; repeatable', attributes, [])
    .option('--run <id>', 'of this run')
    .option('--limit <count>', 'at most so many', positiveInteger, 20)
    .action(async (options: TracesOptions) => {
      invocation.asked = { ...invocation.asked, common_options: commonOptionsAsked(options) }
      await listTraces(options, invocation)
    })
}

function moment(text: string): Nanos {
  const millis = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(millis)) {
    throw new InvalidArgumentError('write a moment as 2026-11-20 or 2026-11-20T14:30:00Z.')
  }
  return nanosOf(BigInt(millis) * 1_000_000n)
}

function attributes(text: string, before: readonly Attribute[]): readonly Attribute[] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('write an attribute as name=value.')
  return [...before, { name: text.slice(0, at), value: text.slice(at + 1) }]
}

async function listTraces(options: TracesOptions, { io }: Invocation): Promise<void> {
  const { openWire } = await import('../wire.ts')
  const { traceListOf } = await import('../app/trace-list.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const store = await wire.existingStore()
  const found = (await store?.search(queryOf(options, wire.now()))) ?? { items: [], total: 0 }
  const list = traceListOf(found)
  if (options.json === true) await writeJson(list, io)
  else await writeTable(list, io)
}

function queryOf(options: TracesOptions, now: Nanos): TraceQuery {
  const { service, operation, to, minDuration, errors, run } = options
  const from = options.from ?? (options.since === undefined ? undefined : ago(now, options.since))
  return {
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(minDuration === undefined ? {} : { minDuration: nanosOfMillis(minDuration) }),
    ...(errors === true ? { status: 'error' } : {}),
    ...(options.attribute.length === 0
      ? {}
      : { attributes: options.attribute.map((one) => ({ ...one, compare: 'eq' as const })) }),
    ...(run === undefined ? {} : { runId: run.replace(/^run:/, '') }),
    limit: options.limit,
  }
}

function ago(now: Nanos, durationMillis: number): Nanos {
  return nanosOf(now - nanosOfMillis(durationMillis))
}

function nanosOfMillis(millis: number): Nanos {
  return nanosOf(BigInt(Math.round(millis * 1e6)))
}

async function writeTable({ traces }: TraceList, io: Io): Promise<void> {
  const { inert } = await import('../report/sanitize.ts')
  const { columns, fit } = await import('../report/terminal.ts')
  const rows = traces.items.map((trace) => [
    `trace:${trace.trace_id}`,
    trace.started_at.slice(0, 19).replace('T', ' '),
    inert(`${trace.service} ${trace.root}`.trim(), 40),
    `${trace.spans} spans`,
    `${trace.duration_ms.toFixed(1)} ms`,
    trace.errors === 0 ? '' : `${trace.errors} errors`,
    trace.run === null ? '' : `run:${trace.run}`,
  ])
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => columns(row[at] ?? ''))),
  )
  const lines = rows.map((row) =>
    row
      .map((cell, at) => fit(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const counted = `${traces.shown} of ${traces.total} traces${traces.how === null ? '' : `; ${traces.how}`}`
  await io.out.write(`${[...lines, counted].join('\n')}\n`)
}
