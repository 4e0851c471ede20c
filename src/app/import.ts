import { contentOf } from '../trace/content.ts'
import { Fault } from '../trace/fault.ts'
import type { SpanId, TraceId } from '../trace/ids.ts'
import { withKnown } from '../trace/kept-losses.ts'
import { joinedLosses, lossesApart, type Losses, type LostFacts } from '../trace/losses.ts'
import type { RunStore } from '../trace/ports.ts'
import type { SourceTrace } from '../trace/source.ts'
import type { Span } from '../trace/span.ts'
import { keptTrace } from './kept-trace.ts'

export interface ImportPorts {
  /** The spans of a file, a folder or standard input, part by part. */
  readonly parts: (path: string) => AsyncIterable<SourceTrace>
  readonly encode: (spans: readonly Span[]) => Promise<Uint8Array>
  readonly store: Pick<RunStore, 'write' | 'counts' | 'spansOfTrace' | 'runsOfTrace'>
}

/** What `tracespec import` did; of paths that held the same, what each added. */
export interface ImportReport {
  readonly schema: 'tracespec.import/1'
  readonly paths: readonly ImportedPath[]
  readonly spans: number
  /** How many of the spans were not there before. */
  readonly added: number
  /** How many were there with other content, which stays. */
  readonly differing: number
  readonly traces: number
  /** The first of them. */
  readonly trace_ids: readonly TraceId[]
  /** What the forms of the files had lost. */
  readonly lost: readonly LostFacts[]
}

interface ImportedPath {
  readonly path: string
  readonly spans: number
  readonly added: number
  readonly differing: number
  /** Why the file does not hold all of its spans; null when it does. */
  readonly cut: string | null
}

/**
 * Puts the spans of files into the store, outside of any run, as they are read; what is there already is not added again. Throws the
 * Faults of the files, after what came before is kept, and TRACE_NOT_FOUND for a path without spans.
 */
export async function importTraces(
  paths: readonly string[],
  ports: ImportPorts,
): Promise<ImportReport> {
  const traces = new Set<TraceId>()
  const losses: Losses[] = []
  const imported: ImportedPath[] = []
  for (const path of paths) {
    const before = await ports.store.counts('')
    const { spans, differing, cut } = await importPath(path, ports, (part) => {
      losses.push(part.losses)
      for (const { traceId } of part.spans) traces.add(traceId)
    })
    if (spans === 0) throw new Fault('TRACE_NOT_FOUND', `no spans in ${path}`)
    const after = await ports.store.counts('')
    const added = after.spans - before.spans
    imported.push({ path, spans, added, differing, cut: cut ?? null })
  }
  return {
    schema: 'tracespec.import/1',
    paths: imported,
    spans: sumOf(imported.map(({ spans }) => spans)),
    added: sumOf(imported.map(({ added }) => added)),
    differing: sumOf(imported.map(({ differing }) => differing)),
    traces: traces.size,
    trace_ids: [...traces].slice(0, maxShown),
    lost: lossesApart(joinedLosses(losses)).map(({ lost }) => lost),
  }
}

const maxShown = 10

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** One request to the store; a file may be one document with all of its spans. */
const batchSpans = 5000

async function importPath(
  path: string,
  { parts, encode, store }: ImportPorts,
  onPart: (part: SourceTrace) => void,
): Promise<{
  readonly spans: number
  readonly differing: number
  readonly cut: string | undefined
}> {
  const before = spansBefore(store)
  let [spans, differing] = [0, 0]
  let cut: string | undefined
  for await (const part of parts(path)) {
    onPart(part)
    cut ??= part.cut
    const unknown: Span[] = []
    for (const span of part.spans) {
      const known = (await before(span.traceId)).get(span.spanId)
      if (known === undefined) unknown.push(span)
      else if (known !== contentOf(span)) differing += 1
    }
    spans += part.spans.length
    const marked = withKnown(unknown, part)
    for (let at = 0; at < marked.length; at += batchSpans) {
      const batch = marked.slice(at, at + batchSpans)
      const { stored } = await store.write('traces', await encode(batch), null)
      if (stored !== batch.length) throw noRoom(path)
    }
  }
  return { spans, differing, cut }
}

/** The contents of the spans that a trace had before the import, by their ids. */
function spansBefore(
  store: Pick<RunStore, 'spansOfTrace' | 'runsOfTrace'>,
): (id: TraceId) => Promise<ReadonlyMap<SpanId, string>> {
  const traces = new Map<TraceId, ReadonlyMap<SpanId, string>>()
  return async (id) => {
    const read = traces.get(id)
    if (read !== undefined) return read
    const { spans } = await keptTrace(id, store)
    const contents = new Map(spans.map((span) => [span.spanId, contentOf(span)]))
    traces.set(id, contents)
    return contents
  }
}

function noRoom(path: string): Fault {
  return new Fault('STORE_FULL', `the store did not take all spans of ${path}`)
}
