import { PbfWriter } from 'pbf'
import type { Accepted, Signal } from '../trace/ports.ts'
import { writeInt64, writeText } from './write.ts'

export type Encoding = 'protobuf' | 'json'

const rejectedNames: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
}

/** The body of an Export*ServiceResponse; empty but for what was rejected. */
export function exportResponse(signal: Signal, accepted: Accepted, encoding: Encoding): Uint8Array {
  const { rejected, message } = accepted
  const isPartial = rejected > 0 || message !== ''
  if (encoding === 'json') {
    const partial = { [rejectedNames[signal]]: String(rejected), errorMessage: message }
    return utf8.encode(JSON.stringify(isPartial ? { partialSuccess: partial } : {}))
  }
  const writer = new PbfWriter()
  if (isPartial) writer.writeMessage(1, writePartialSuccess, accepted)
  return writer.finish()
}

function writePartialSuccess({ rejected, message }: Accepted, writer: PbfWriter): void {
  writer.writeTag(1, 0)
  writeInt64(writer, BigInt(rejected))
  writer.writeTag(2, 2)
  writeText(writer, message)
}

/** The body of a google.rpc.Status, which is how OTLP says an error. */
export function statusBody(code: number, message: string, encoding: Encoding): Uint8Array {
  if (encoding === 'json') return utf8.encode(JSON.stringify({ code, message }))
  const writer = new PbfWriter()
  writer.writeVarintField(1, code)
  writer.writeTag(2, 2)
  writeText(writer, message)
  return writer.finish()
}

const utf8 = new TextEncoder()
