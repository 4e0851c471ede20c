import { Fault } from '../trace/fault.ts'
import { joinedLosses, lossless } from '../trace/losses.ts'
import { spanMatches } from '../trace/query.ts'
import type { SourceTrace, TraceSource } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import { readTraceParts, type TraceFileOptions } from './file-parts.ts'
import { chosen } from './found-traces.ts'
import { matchesWithoutCase } from './without-case.ts'

/** All that `readTraceParts` reads; a Fault TRACE_NOT_FOUND where there is no span. */
export async function readTraceFile(
  path: string,
  options: TraceFileOptions = {},
): Promise<SourceTrace> {
  const read = await collected(path, { options })
  if (read.spans.length > 0) return read
  throw new Fault('TRACE_NOT_FOUND', `no spans in ${path}`)
}

/** The traces of a file or a folder, which are read anew for each question, for a program may write more. */
export function openFile(path: string): TraceSource & Disposable {
  return {
    capabilities: { kind: 'file', losses: lossless, pushesDown: [], needsService: false },
    trace: async (id, signal) => {
      const read = await collected(path, { signal, isWanted: (span) => span.traceId === id })
      return read.spans.length === 0 ? undefined : read
    },
    search: async (query, signal) => {
      const { spans, losses } = await collected(path, { signal })
      const traces = [...Map.groupBy(spans, ({ traceId }) => traceId)]
      return chosen(
        traces.map(([traceId, members]) => ({ traceId, spans: members })),
        query,
        { given: 'all', matches: losses.nameCase ? matchesWithoutCase : spanMatches },
      )
    },
    [Symbol.dispose]: () => undefined,
  }
}

interface Collecting {
  readonly options?: TraceFileOptions
  readonly isWanted?: (span: Span) => boolean
  readonly signal?: AbortSignal | undefined
}

async function collected(
  path: string,
  { options = {}, isWanted = () => true, signal }: Collecting,
): Promise<SourceTrace> {
  signal?.throwIfAborted()
  const spans: Span[] = []
  const parts: Omit<SourceTrace, 'spans'>[] = []
  for await (const { spans: some, losses, cut } of readTraceParts(path, options)) {
    signal?.throwIfAborted()
    const wanted = some.filter(isWanted)
    for (const span of wanted) spans.push(span)
    if (wanted.length > 0 || cut !== undefined) parts.push({ losses, cut })
  }
  return {
    spans,
    losses: joinedLosses(parts.map(({ losses }) => losses)),
    cut: parts.find(({ cut }) => cut !== undefined)?.cut,
  }
}
