import type { Span } from '../../trace/span.ts'
import type { Defect, SpanIndex, Trace } from '../../trace/trace.ts'
import { plural, some, tick } from './phrases.ts'

/** What is structurally wrong with a trace, as one sentence. */
export function defectSentence(defect: Defect, trace: Trace): string {
  const name = (index: SpanIndex): string => nameOf(trace.spans[index])
  const names = (spans: readonly SpanIndex[]): string =>
    some(spans.slice(0, 3).map(name), spans.length)
  switch (defect.code) {
    case 'orphan':
      return defect.parent === 'lost'
        ? `${name(defect.span)} names a parent in its own process that is not in the trace: it was lost.`
        : `${name(defect.span)} names a parent of another process that is not in the trace.`
    case 'duplicate_id':
      return `${names(defect.spans)} have the same span id.`
    case 'cycle':
      return `${names(defect.spans)} name each other as parents; the circle was cut.`
    case 'several_roots':
      return `${plural(defect.spans.length, 'root')}: ${names(defect.spans)}.`
    case 'clock_skew':
      return `${name(defect.span)} lies outside the time of its parent ${name(defect.parent)}: their clocks differ, or it outlived the parent.`
  }
}

function nameOf(span: Span | undefined): string {
  return tick(span?.name ?? '')
}
