import type { TraceSource } from '../../../src/trace/source.ts'
import type { Span } from '../../../src/trace/span.ts'
import { idOf } from './traces.ts'

/** A source, and the way into what it reads. */
export interface SourceUnderTest extends AsyncDisposable {
  readonly source: TraceSource
  /** Settles when all is on its way. */
  readonly write: (spans: readonly Span[]) => Promise<void>
}

/** Writes traces, and waits until all of them can be read: servers take them in batches. */
export async function give(
  { source, write }: SourceUnderTest,
  traces: readonly (readonly Span[])[],
): Promise<void> {
  await write(traces.flat())
  for (const spans of traces) await readable(source, spans)
}

async function readable(source: TraceSource, spans: readonly Span[]): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const count = (await source.trace(idOf(spans)))?.spans.length ?? 0
    if (count >= spans.length) return
    if (Date.now() > deadline) throw new Error(`${count} of ${spans.length} spans can be read`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
