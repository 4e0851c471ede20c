import { decodeTraces } from '../otlp/decode.ts'
import type { Span } from '../trace/span.ts'
import type { GrpcClient } from './grpc.ts'
import { readAs } from './jaeger-faults.ts'
import {
  type Processes,
  readServices,
  readSpansChunk,
  writeFindTraces,
  writeGetTrace,
} from './jaeger-messages.ts'
import { cutOf, jaegerModelLosses, jaegerReader } from './jaeger-model.ts'
import { answerOfStored, grainOf, withoutIds } from './jaeger-stored.ts'
import type { JaegerAnswer, JaegerWay } from './jaeger-way.ts'

type Signal = AbortSignal | undefined

/** Version 3 over gRPC: each trace is one OTLP message, or several. `from` names the source in Faults. */
export function jaegerGrpcV3(grpc: GrpcClient, from: string): JaegerWay {
  const ask = async (
    method: string,
    request: Uint8Array,
    signal: Signal,
  ): Promise<JaegerAnswer> => {
    const spans: Span[] = []
    let rejected = 0
    const onMessage = (message: Uint8Array): void => {
      const decoded = readAs(from, () => decodeTraces(message))
      for (const span of decoded.spans) spans.push(span)
      rejected += decoded.rejected
    }
    await grpc.call(`${v3}/${method}`, request, { onMessage, signal })
    return answerOfStored(spans, rejected)
  }
  return {
    losses: { ...jaegerModelLosses, grainNanos: 1000 },
    needsService: false,
    trace: (id, signal) => ask('GetTrace', writeGetTrace(id, 3), signal),
    find: (asked, signal) => ask('FindTraces', writeFindTraces(asked), signal),
    services: (signal) => servicesOf(grpc, v3, signal),
  }
}

const v3 = '/jaeger.api_v3.QueryService'
const v2 = '/jaeger.api_v2.QueryService'

/** Version 2 over gRPC: spans of Jaeger's own model, with nanoseconds where the storage keeps them. */
export function jaegerGrpcV2(grpc: GrpcClient, from: string): JaegerWay {
  const ask = async (
    method: string,
    request: Uint8Array,
    signal: Signal,
  ): Promise<JaegerAnswer> => {
    const read = jaegerReader()
    const processes: Processes = new Map()
    const spans: Span[] = []
    const warnings: string[] = []
    let rejected = 0
    const onMessage = (message: Uint8Array): void => {
      for (const span of readAs(from, () => readSpansChunk(message, processes))) {
        if (span === undefined) rejected += 1
        else {
          spans.push(read(span))
          for (const warning of span.warnings) warnings.push(warning)
        }
      }
    }
    await grpc.call(`${v2}/${method}`, request, { onMessage, signal })
    const losses = { ...jaegerModelLosses, grainNanos: grainOf(spans) }
    return { spans, losses, cut: cutOf(warnings) ?? withoutIds(rejected) }
  }
  return {
    losses: { ...jaegerModelLosses, grainNanos: 1000 },
    needsService: false,
    trace: (id, signal) => ask('GetTrace', writeGetTrace(id, 2), signal),
    find: (asked, signal) => ask('FindTraces', writeFindTraces(asked), signal),
    services: (signal) => servicesOf(grpc, v2, signal),
  }
}

async function servicesOf(
  grpc: GrpcClient,
  api: string,
  signal: Signal,
): Promise<readonly string[]> {
  const names: string[] = []
  const onMessage = (message: Uint8Array): void => void names.push(...readServices(message))
  await grpc.call(`${api}/GetServices`, new Uint8Array(0), { onMessage, signal })
  return names
}
