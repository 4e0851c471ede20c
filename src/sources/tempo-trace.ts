import { PbfReader } from 'pbf'
import { type DecodedTraces, decodeTraces } from '../otlp/decode.ts'
import { isObject } from '../otlp/from-json.ts'
import { decodeTracesText } from '../otlp/read-file.ts'
import { nextTag, readInt32, readText, readView } from '../otlp/wire.ts'
import type { Span } from '../trace/span.ts'
import { jsonOf, type HttpAnswer } from './http-answer.ts'

export interface TempoTrace {
  readonly spans: readonly Span[]
  /** Why spans are left out; undefined when none are. */
  readonly cut: string | undefined
}

/**
 * A trace as Tempo answers with it, in protobuf or in JSON: version 1 is OTLP's TracesData, version 2 a message around it that says
 * whether it is whole. Throws a Fault TRACE_INVALID for anything else.
 */
export function decodeTempo(answer: HttpAnswer, version: 1 | 2): TempoTrace {
  const isProtobuf = answer.contentType.endsWith('protobuf')
  const { parts, isPartial, message } = isProtobuf
    ? protobufIn(answer.body, version)
    : jsonIn(answer)
  const rejected = parts.reduce((sum, part) => sum + part.rejected, 0)
  const reason = message === '' ? 'the trace is larger than Tempo answers with' : message
  const cut = isPartial ? reason : `${rejected} spans have no valid ids`
  return {
    spans: parts.flatMap(({ spans }) => spans),
    cut: isPartial || rejected > 0 ? cut : undefined,
  }
}

interface Told {
  readonly parts: readonly DecodedTraces[]
  readonly isPartial: boolean
  readonly message: string
}

/** https://github.com/grafana/tempo/blob/v3.0.3/pkg/tempopb/tempo.proto, TraceByIDResponse around Trace */
function protobufIn(bytes: Uint8Array, version: 1 | 2): Told {
  if (version === 1) return { parts: [decodeTraces(bytes)], isPartial: false, message: '' }
  const reader = new PbfReader(bytes)
  const parts: DecodedTraces[] = []
  let [isPartial, message] = [false, '']
  for (let tag = nextTag(reader, reader.length); tag !== 0; tag = nextTag(reader, reader.length)) {
    if (tag === 0x0a) parts.push(decodeTraces(readView(reader)))
    else if (tag === 0x18) isPartial = readInt32(reader) === 1
    else if (tag === 0x22) message = readText(reader)
    else reader.skip(tag)
  }
  return { parts, isPartial, message }
}

function jsonIn(answer: HttpAnswer): Told {
  const json = jsonOf(answer)
  const told = isObject(json) ? json : {}
  return {
    parts: [decodeTracesText(answer.body.toString('utf8'))],
    isPartial: told['status'] === 'PARTIAL',
    message: typeof told['message'] === 'string' ? told['message'] : '',
  }
}
