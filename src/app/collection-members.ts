import { Fault } from '../trace/fault.ts'
import { parseTraceId, type TraceId } from '../trace/ids.ts'
import type { RunStore } from '../trace/ports.ts'
import type { OpenedCapture } from './captures.ts'
import type { TraceFilter } from './trace-filter.ts'

/** One capture of a collection. */
export interface Member {
  /** As `trace:ID` or `run:ID`. */
  readonly reference: string
  /** Undefined when the reference names nothing. */
  readonly capture: OpenedCapture | undefined
}

export interface MemberPorts {
  readonly store: RunStore
  /** Opens what a reference names, with the run of a trace when that is asked. */
  readonly open: (
    reference: string,
    runOf: (id: TraceId) => string | undefined,
  ) => Promise<OpenedCapture>
}

/** The captures that are named, one after the other, each read when it is asked for. */
export async function* namedMembers(
  references: readonly string[],
  ports: MemberPorts,
): AsyncGenerator<Member> {
  for (const reference of references) {
    const id = parseTraceId(reference.replace(/^trace:/, ''))
    const [newest] = id === undefined ? [] : await ports.store.runsOfTrace(id)
    yield { reference, capture: await openedOrNone(reference, () => newest ?? undefined, ports) }
  }
}

async function openedOrNone(
  reference: string,
  runOf: (id: TraceId) => string | undefined,
  { open }: MemberPorts,
): Promise<OpenedCapture | undefined> {
  try {
    return await open(reference, runOf)
  } catch (error) {
    if (error instanceof Fault && error.code === 'TRACE_NOT_FOUND') return undefined
    throw error
  }
}

const PAGE = 500

/** The traces that a filter finds, newest first and at most so many, each read when it is asked for. */
export async function* foundMembers(
  filter: TraceFilter,
  most: number,
  ports: MemberPorts,
): AsyncGenerator<Member> {
  const seen = new Set<TraceId>()
  for await (const { traceId, runId } of found(ports.store, filter, most)) {
    // Programs with fixed ids send one trace id in every run: an id alone names the newest.
    const isShared = seen.has(traceId) && runId !== undefined
    const reference = isShared ? `run:${runId}` : `trace:${traceId}`
    const capture = await openedOrNone(reference, () => runId, ports)
    yield { reference, capture: isShared ? ofTrace(capture, traceId) : capture }
    seen.add(traceId)
  }
}

function ofTrace(capture: OpenedCapture | undefined, id: TraceId): OpenedCapture | undefined {
  return capture === undefined
    ? undefined
    : { ...capture, traces: capture.traces.filter(({ traceId }) => traceId === id) }
}

async function* found(
  store: RunStore,
  filter: TraceFilter,
  most: number,
): AsyncGenerator<{ readonly traceId: TraceId; readonly runId: string | undefined }> {
  let left = most
  let cursor: string | undefined
  do {
    const page = await store.search({
      ...filter,
      limit: Math.min(PAGE, left),
      ...(cursor === undefined ? {} : { cursor }),
    })
    yield* page.items
    left -= page.items.length
    cursor = page.cursor
  } while (left > 0 && cursor !== undefined)
}
