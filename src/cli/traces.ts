import { InvalidArgumentError, type Command } from 'commander'
import type { TraceFilter } from '../app/trace-filter.ts'
import type { TraceQuery, TraceSearchAnswer } from '../trace/query.ts'
import { nanosOf, type Nanos } from '../trace/time.ts'
import type { Wire } from '../wire.ts'
import { openNamed } from './captures.ts'
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
  readonly from?: string
  readonly since?: Since
  readonly until?: Nanos
  readonly minDuration?: number
  readonly errors?: boolean
  readonly attribute: readonly Attribute[]
  readonly run?: string
  readonly limit: number
  readonly cursor?: string
}

/** A moment, or how long ago. */
type Since = { readonly at: Nanos } | { readonly agoMs: number }

interface Attribute {
  readonly name: string
  readonly value: string
}

/** `tracespec traces`: lists what is kept, newest first. */
export function defineTraces(program: Command, invocation: Invocation): void {
  withCommonOptions(
    program
      .command('traces')
      .description('list captured traces, or those of a backend, newest first')
      .argument('[filter]', 'as: service=shop status=error duration>100ms http.route="/checkout"'),
  )
    .option('--from <name|url>', 'search this backend instead, named as in check --from')
    .option('--service <name>', 'with a span of this service')
    .option('--operation <name>', 'with a span of this name')
    .option(
      '--since <duration|time>',
      'of the last 10m, 2h, 7d, or since a moment (ISO 8601)',
      since,
    )
    .option('--until <time>', 'until this moment (ISO 8601)', moment)
    .option('--min-duration <duration>', 'with a span at least this long', durationMs)
    .option('--errors', 'with an error span')
    .option('--attribute <name=value>', 'with a span that has it; repeatable', attributes, [])
    .option('--run <id>', 'of this run')
    .option('--limit <count>', 'at most so many', positiveInteger, 20)
    .option('--cursor <text>', 'what comes after, as an answer of a backend named it')
    .action(async (filter: string | undefined, options: TracesOptions) => {
      invocation.asked = { ...invocation.asked, common_options: commonOptionsAsked(options) }
      await listTraces(filter ?? '', options, invocation)
    })
}

function since(text: string): Since {
  return /^\d{4}-/.test(text) ? { at: moment(text) } : { agoMs: durationMs(text) }
}

function moment(text: string): Nanos {
  // without a zone it would be another moment on another machine
  const isWhole = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const millis = isWhole ? Date.parse(text) : Number.NaN
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

async function listTraces(text: string, options: TracesOptions, { io }: Invocation): Promise<void> {
  const { openWire } = await import('../wire.ts')
  const { traceListOf } = await import('../app/trace-list.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const { joinedFilters, parseTraceFilter } = await import('../app/trace-filter.ts')
  const now = wire.now()
  const filter = joinedFilters([filterOf(options, now), parseTraceFilter(text, now)])
  const { limit, cursor } = options
  const list = traceListOf(
    await search({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }, options, {
      wire,
      io,
    }),
  )
  if (options.json === true) return await writeJson(list, io)
  const { renderTraceList } = await import('../report/trace-list.ts')
  const searched = { from: options.from, isFiltered: Object.keys(filter).length > 0 }
  return await io.out.write(renderTraceList(list.traces, io.out.terminal, searched))
}

async function search(
  query: TraceQuery,
  { from }: TracesOptions,
  { wire, io }: { readonly wire: Wire; readonly io: Io },
): Promise<TraceSearchAnswer> {
  if (from !== undefined) {
    using opened = await openNamed(wire, from, io)
    return await opened.source.search(query)
  }
  const store = await wire.existingStore()
  if (store !== undefined) return store.search(query)
  return { items: [], total: 0, cursor: undefined, cutAt: undefined }
}

function filterOf(options: TracesOptions, now: Nanos): TraceFilter {
  const { service, operation, since: begin, until: to, minDuration, errors, run } = options
  const from = begin === undefined ? undefined : beginOf(begin, now)
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
  }
}

function beginOf(begin: Since, now: Nanos): Nanos {
  return 'at' in begin ? begin.at : nanosOf(now - nanosOfMillis(begin.agoMs))
}

function nanosOfMillis(millis: number): Nanos {
  return nanosOf(BigInt(Math.round(millis * 1e6)))
}
