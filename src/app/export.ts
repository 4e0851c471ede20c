import type { FormatLoss } from '../trace/format-loss.ts'
import { lossesApart, type LostFacts } from '../trace/losses.ts'
import type { SourceTrace } from '../trace/source.ts'
import type { TraceForm, Written } from '../trace/trace-form.ts'
import type { Capture } from './judge.ts'

/** What `tracespec export` wrote. */
export interface ExportReport {
  readonly schema: 'tracespec.export/1'
  readonly form: TraceForm
  readonly traces: number
  readonly spans: number
  /** What the form could not hold, and of how many spans. */
  readonly lost: readonly FormatLoss[]
  /** What was lost before, in the form that the traces were read from. */
  readonly lost_before: readonly LostFacts[]
  /** Why not all spans are there; null when they are. It is written with the spans. */
  readonly cut: string | null
}

export interface Exported {
  readonly content: string | Uint8Array
  readonly report: ExportReport
}

/** A capture in a form, with what is known of it beside, so that a check of what is written comes to the same. */
export async function exportCapture(
  capture: Capture,
  form: TraceForm,
  encodeAs: (form: TraceForm, known: SourceTrace) => Promise<Written>,
): Promise<Exported> {
  const spans = capture.traces.flatMap((trace) => trace.spans)
  const cut = cutOf(capture)
  const { content, lost } = await encodeAs(form, { spans, losses: capture.losses, cut })
  return {
    content,
    report: {
      schema: 'tracespec.export/1',
      form,
      traces: capture.traces.length,
      spans: spans.length,
      lost,
      lost_before: lossesApart(capture.losses).map((loss) => loss.lost),
      cut: cut ?? null,
    },
  }
}

/** What opened the evidence of the capture; missing parents are seen again by whoever reads it. */
function cutOf({ run }: Capture): string | undefined {
  if (run === undefined || run.complete) return undefined
  const codes = new Set(run.reasons.map(({ code }) => code))
  return `captured incompletely: ${[...codes].toSorted().join(', ')}`
}
