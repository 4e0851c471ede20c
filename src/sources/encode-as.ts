import { encodeTraces, encodeTracesJson } from '../otlp/encode.ts'
import { withKnown } from '../trace/kept-losses.ts'
import type { SourceTrace } from '../trace/source.ts'
import type { TraceForm, Written } from '../trace/trace-form.ts'
import { jaegerJsonOf } from './jaeger-json-write.ts'
import { encodeZipkin } from './zipkin-encode.ts'

/** Traces in a form, with what was lost of them before written on their resources; of JSON lines each is a trace. */
export function encodeAs(form: TraceForm, known: SourceTrace): Written {
  const spans = withKnown(known.spans, known)
  switch (form) {
    case 'otlp-json':
      return { content: `${encodeTracesJson(spans)}\n`, lost: [] }
    case 'otlp-jsonl': {
      const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()]
      return { content: traces.map((trace) => `${encodeTracesJson(trace)}\n`).join(''), lost: [] }
    }
    case 'otlp-proto':
      return { content: encodeTraces(spans), lost: [] }
    case 'jaeger': {
      const { text, lost } = jaegerJsonOf(spans)
      return { content: `${text}\n`, lost }
    }
    case 'zipkin': {
      const { text, lost } = encodeZipkin(spans, known.losses)
      return { content: text, lost }
    }
  }
}
