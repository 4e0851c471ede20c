import type { Spec } from '../spec/spec.ts'
import type { EvidenceReason } from '../trace/evidence.ts'
import type { TraceSource } from '../trace/source.ts'
import { measuredSpan, ranksRead, type SortedDurations } from '../verify/sorted-durations.ts'
import type { TimeWindow } from './time-window.ts'
import type { WindowCapture } from './window-capture.ts'

/** A source that may sort durations itself. */
export interface SortingSource {
  /** As the user calls it. */
  readonly name: string
  readonly durations?: TraceSource['durations']
}

/**
 * Asks a source for what the percentiles of specs need of a time, where not all of its traces were read: each span once. Of a time
 * to which more may come nothing is asked.
 */
export async function sortedBySource(
  specs: readonly Spec[],
  window: TimeWindow,
  { read, from }: { readonly read: WindowCapture; readonly from: SortingSource | undefined },
): Promise<readonly SortedDurations[]> {
  const codes = new Set(read.evidence.flatMap(({ reasons }) => reasons.map(({ code }) => code)))
  if (from?.durations === undefined || !codes.has('window_cut') || codes.has('window_open'))
    return []
  const wanted = specs.flatMap((spec) =>
    spec.percentiles.flatMap((bound) => {
      const measured = measuredSpan(bound, { spec, losses: read.losses })
      return measured === undefined ? [] : [{ spec, measured }]
    }),
  )
  const bySpan = Map.groupBy(wanted, ({ measured }) => JSON.stringify(measured))
  const sorted: SortedDurations[] = []
  for (const asking of bySpan.values()) {
    const [{ measured } = {}] = asking
    if (measured === undefined) continue
    const answer = await from.durations({ ...measured, ...window }, (traces) => [
      ...new Set(asking.flatMap(({ spec }) => ranksRead(spec, traces))),
    ])
    sorted.push({ ...answer, measured, source: from.name })
  }
  return sorted
}

/** That a verdict may rest on it. */
export function sortedReasons(sorted: readonly SortedDurations[]): readonly EvidenceReason[] {
  return sorted
    .filter(({ withSeveral }) => withSeveral === 0)
    .map(({ source, traces }) => ({ code: 'sorted_by_source', source, traces }))
}
