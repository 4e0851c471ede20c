import { didYouMean } from '../app/did-you-mean.ts'
import { Fault } from '../trace/fault.ts'
import { parseTraceId } from '../trace/ids.ts'
import type { Trace } from '../trace/trace.ts'
import type { Wire } from '../wire.ts'
import { openCaptureIn, type Knowing } from './captures.ts'

export interface OpenedTrace {
  readonly trace: Trace
  /** `run:ID`, when a run captured it. */
  readonly source: string
}

/** The trace of an id; a Fault names the nearest when there is none. */
export async function openTrace(
  wire: Wire,
  text: string,
  { from }: Pick<Knowing, 'from'> = {},
): Promise<OpenedTrace> {
  const id = parseTraceId(text.replace(/^trace:/, ''))
  if (id === undefined) throw await unknownTrace(wire, text)
  const { traces, source } = await openCaptureIn(wire, `trace:${id}`, { from })
  const [trace] = traces
  if (trace === undefined) throw await unknownTrace(wire, text)
  return { trace, source }
}

async function unknownTrace(wire: Wire, text: string): Promise<Fault> {
  const store = await wire.existingStore()
  const found = await store?.search({ limit: 100 })
  const known = (found?.items ?? []).map((item) => String(item.traceId))
  const near = known.find((id) => id.startsWith(text)) ?? undefined
  const hint = near === undefined ? didYouMean(text, known) : `did you mean ${near}?`
  const message = `there is no trace ${text}`
  return new Fault('TRACE_NOT_FOUND', message, {
    hint: hint ?? 'a trace id has 32 hex digits; get_traces lists them',
  })
}
