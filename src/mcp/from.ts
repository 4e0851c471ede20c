import { setTimeout as delay } from 'node:timers/promises'
import type { NamedReader } from '../app/captures.ts'
import { didYouMean } from '../app/did-you-mean.ts'
import { readTrace } from '../app/read-trace.ts'
import { Fault } from '../trace/fault.ts'
import type { TraceSource } from '../trace/source.ts'
import { ownRootOf, type Wire } from '../wire.ts'
import type { Answer } from './answer.ts'
import type { NextCall } from './next-call.ts'
import { isPathInside } from './open-project.ts'

/** The most time for a trace of a backend to become whole. */
const WAIT_MS = 10_000

export interface OpenedFrom extends Disposable {
  readonly source: TraceSource
  readonly reader: NamedReader
}

/**
 * Where a call reads traces: a backend that tracespec.yaml names, or a trace file of the project. A Fault for a URL, which is for the
 * command line alone: an agent may have it from a span. Undefined when the call names none.
 */
export async function openFrom(
  wire: Wire,
  from: string | undefined,
  signal: AbortSignal,
): Promise<OpenedFrom | undefined> {
  if (from === undefined) return undefined
  if (!isConfigured(wire, from) && !isFile(wire, from)) throw unknownSource(wire, from)
  const { source, name } = await wire.source(from)
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal })
  const ports = { source, name, now: wire.now, pause, ownRootOf }
  const { durations } = source
  return {
    source,
    reader: {
      name,
      isFile: source.capabilities.kind === 'file',
      read: (id, waitMs = WAIT_MS) => readTrace(id, { ...ports, waitMs }),
      search: (query) => source.search(query, signal),
      durations: durations && ((query, ranksOf) => durations(query, ranksOf, signal)),
    },
    [Symbol.dispose]: () => source[Symbol.dispose](),
  }
}

function isConfigured({ project }: Wire, from: string): boolean {
  return project.config.backends.some(({ name }) => name === from)
}

function isFile({ project }: Wire, from: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(from) && isPathInside(project.root, from)
}

function unknownSource({ project }: Wire, from: string): Fault {
  if (/^(https?|grpcs?):/i.test(from)) {
    return new Fault('USAGE', 'from takes no URL: those are for the command line', {
      hint: 'name a backend of tracespec.yaml',
    })
  }
  const names = project.config.backends.map(({ name }) => name)
  const known = names.length === 0 ? 'it names none yet' : `it names ${names.join(', ')}`
  return new Fault('USAGE', `tracespec.yaml names no backend ${from}, nor is it a file`, {
    hint: didYouMean(from, names) ?? `add it to backends: of tracespec.yaml; ${known}`,
  })
}

const readingTools: ReadonlySet<string> = new Set([
  'analyze_trace',
  'compare_trace_to_spec',
  'get_trace_by_id',
  'get_traces',
])

type Structured = Answer['structured']

/** An answer whose calls that lead on read from the same source. */
export function stepsFrom(answer: Structured, from: string | undefined): Structured {
  const steps = answer['next_steps']
  if (from === undefined || !Array.isArray(steps)) return answer
  return { ...answer, next_steps: steps.map((step: NextCall) => stepFrom(step, from)) }
}

function stepFrom(step: NextCall, from: string): NextCall {
  if (!readingTools.has(step.tool)) return step
  return { ...step, arguments: { ...step.arguments, from } }
}
