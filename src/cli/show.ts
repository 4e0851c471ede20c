import type { Command } from 'commander'
import type { SpanPlace, ViewedSpan } from '../app/trace-view.ts'
import type { Trace } from '../trace/trace.ts'
import type { SpecResult } from '../verify/result.ts'
import { notePartial, openCaptures } from './captures.ts'
import type { Invocation } from './invocation.ts'
import type { Io } from './io.ts'
import { writeJson } from './json.ts'
import {
  collect,
  commonOptionsAsked,
  positiveInteger,
  sourceOptionsAsked,
  traceArgument,
  withCommonOptions,
  withSourceOptions,
  type CommonOptions,
  type SourceOptions,
} from './options.ts'
import { openSpecs } from './specs.ts'

interface ShowOptions extends CommonOptions, SourceOptions {
  readonly spec: readonly string[]
  readonly span?: string
  readonly limit?: number
}

/** `tracespec show TRACE`: the waterfall, with what a spec says of it. */
export function defineShow(program: Command, invocation: Invocation): void {
  withSourceOptions(
    withCommonOptions(
      program
        .command('show')
        .description('draw a trace, and what a spec makes of it')
        .argument('<trace>', traceArgument),
    ),
  )
    .option('--spec <name|path>', 'mark what this spec found; repeatable', collect, [])
    .option('--span <id>', 'show this span with its attributes and events')
    .option('--limit <count>', 'rows of a trace (default: 60, of JSON 1000)', positiveInteger)
    .action(async (trace: string, options: ShowOptions) => {
      invocation.asked = {
        traces: [trace],
        specs: options.spec,
        common_options: commonOptionsAsked(options),
        trace_options: sourceOptionsAsked(options),
        run_options: [],
      }
      await showTrace(trace, options, invocation)
    })
}

async function showTrace(
  reference: string,
  options: ShowOptions,
  { io }: Invocation,
): Promise<void> {
  const { openWire } = await import('../wire.ts')
  const { findSpan, traceViewOf } = await import('../app/trace-view.ts')
  const { Fault } = await import('../trace/fault.ts')
  const { judge } = await import('../app/judge.ts')
  await using wire = openWire({ cwd: io.cwd, project: options.project, env: io.env })
  const files = options.spec.length === 0 ? [] : await openSpecs(wire, options.spec)
  const capture = await openCaptures(wire, [reference], { options, io })
  if (capture.traces.length === 0) {
    throw new Fault('TRACE_NOT_FOUND', `there is no span in ${capture.source}`)
  }
  await notePartial(capture, io)
  const named = { specsNamed: true, captureNamed: true, requireAll: false, exercisedBefore: [] }
  const { specs } = judge(files, capture, named)
  const focus = options.span === undefined ? undefined : findSpan(capture.traces, options.span)
  const view = { focus, specs, limit: options.limit ?? 1000 }
  if (options.json === true) return await writeJson(traceViewOf(capture.traces, view), io)
  await drawTraces(capture.traces, { focus, specs, rows: options.limit ?? 60 }, io)
  const { span } = traceViewOf(focus === undefined ? [] : [focus.trace], view)
  if (span !== null) await io.out.write(await spanText(span))
  await io.out.write(await pageLines(capture.pages))
}

async function pageLines(pages: readonly string[]): Promise<string> {
  const { visible } = await import('../report/sanitize.ts')
  return pages.map((page) => `In the backend: ${visible(page)}\n`).join('')
}

interface Drawing {
  readonly focus: SpanPlace | undefined
  readonly specs: readonly SpecResult[]
  readonly rows: number
}

const maxTraces = 5

async function drawTraces(traces: readonly Trace[], drawing: Drawing, io: Io): Promise<void> {
  const all = drawing.focus === undefined ? traces : [drawing.focus.trace]
  for (const trace of all.slice(0, maxTraces)) {
    await io.out.write(await drawTrace(trace, drawing, io))
  }
  if (all.length > maxTraces) {
    await io.out.write(`${maxTraces} of ${all.length} traces; tracespec traces lists all\n`)
  }
}

async function drawTrace(trace: Trace, { focus, specs, rows }: Drawing, io: Io): Promise<string> {
  const { waterfall } = await import('../report/waterfall.ts')
  const { NO_MARKS, specMarks } = await import('../report/marks.ts')
  const { publishedSpec } = await import('../report/json.ts')
  const views = specs.length === 0 ? [undefined] : specs
  const lines = views.flatMap((spec) => [
    `trace:${trace.traceId}${spec === undefined ? '' : `  ${spec.spec.name}: ${spec.status}`}`,
    ...waterfall(trace, spec === undefined ? NO_MARKS : specMarks(trace, publishedSpec(spec)), {
      ...io.out.terminal,
      maxRows: rows,
      how: `--limit ${trace.spans.length} shows all`,
      ...(focus === undefined ? {} : { focus: focus.span }),
    }),
    '',
  ])
  return `${lines.join('\n')}\n`
}

async function spanText(span: ViewedSpan): Promise<string> {
  const { inert } = await import('../report/sanitize.ts')
  const facts = {
    span: `${span.name}  ${span.span_id}`,
    service: span.service,
    kind: span.kind,
    status: `${span.status} ${span.status_message}`,
    duration: `${span.duration_ms} ms`,
    scope: span.scope,
    ...span.attributes,
    ...prefixed('resource.', span.resource),
  }
  const events = span.events.map(({ name, at_ms, attributes }) => [
    `event ${name}`,
    `${at_ms} ms ${JSON.stringify(attributes)}`,
  ])
  const links = span.links.map(({ trace_id, span_id }) => ['link', `trace:${trace_id} ${span_id}`])
  const lines = [...Object.entries(facts), ...events, ...links].map(
    ([name, value]) => `  ${inert(String(name), 60).padEnd(32)}  ${inert(String(value), 200)}`,
  )
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function prefixed(
  prefix: string,
  attributes: ViewedSpan['attributes'],
): Record<string, ViewedSpan['attributes'][string]> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, value]),
  )
}
