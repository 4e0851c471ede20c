import type { Duplex } from 'node:stream'
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { exportResponse } from '../otlp/answers.ts'
import { Fault } from '../trace/fault.ts'
import type { Signal } from '../trace/ports.ts'
import type { Intake } from './answer.ts'
import type { Tally } from './tally.ts'

/** A server of OTLP/gRPC over connections that others accept. */
export interface GrpcServer {
  take(connection: Duplex): void
  close(): void
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics']

/** Takes in what exporters send by https://opentelemetry.io/docs/specs/otlp/#otlpgrpc; success means a commit. */
export function openGrpc(intake: Intake, tally: Tally): GrpcServer {
  const server = new Server({
    'grpc.max_receive_message_length': intake.maxBytes,
    interceptors: [(_, call) => new ServerInterceptingCall(call, watching(tally))],
  })
  for (const signal of signals) {
    server.addService(serviceOf(signal), {
      Export: (call: ServerUnaryCall<Buffer, Uint8Array>, answer: sendUnaryData<Uint8Array>) =>
        void take({ signal, request: call.request, answer }, intake, tally),
    })
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    take: (connection) => injector.injectConnection(connection),
    close: () => server.forceShutdown(),
  }
}

/** One Export method that hands the bytes through. */
function serviceOf(signal: Signal): ServiceDefinition {
  const name = { traces: 'trace.v1.Trace', logs: 'logs.v1.Logs', metrics: 'metrics.v1.Metrics' }
  const bytes = (value: Buffer): Buffer => value
  return {
    Export: {
      path: `/opentelemetry.proto.collector.${name[signal]}Service/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: (value: Uint8Array) => Buffer.from(value),
      responseDeserialize: bytes,
    },
  }
}

/** A call that is cancelled before its message is whole was cut. */
function watching(tally: Tally): ConstructorParameters<typeof ServerInterceptingCall>[1] {
  let isWhole = false
  return {
    start: (next) =>
      next({
        onReceiveMetadata(metadata, proceed) {
          tally.began()
          proceed(metadata)
        },
        onReceiveMessage(message, proceed) {
          isWhole = true
          proceed(message)
        },
        onCancel() {
          if (!isWhole) tally.cut()
        },
      }),
  }
}

interface Exported {
  readonly signal: Signal
  readonly request: Buffer
  readonly answer: sendUnaryData<Uint8Array>
}

async function take(
  { signal, request, answer }: Exported,
  { sink, runId }: Intake,
  tally: Tally,
): Promise<void> {
  const answered = { signal, contentType: 'application/grpc' }
  try {
    const accepted = await sink.write(signal, request, runId)
    tally.answered({ ...answered, status: 200, accepted })
    answer(null, exportResponse(signal, accepted, 'protobuf'))
  } catch (cause) {
    const refusal = refusalOf(cause)
    tally.answered({ ...answered, status: refusal.http, accepted: undefined })
    answer({ code: refusal.code, details: refusal.message })
    if (!(cause instanceof Fault)) throw cause
  }
}

interface Refusal {
  readonly code: status
  /** What the same refusal is called over HTTP. */
  readonly http: number
  readonly message: string
}

/** What lies with the sender is final; a store that cannot be written now may be tried again. */
function refusalOf(cause: unknown): Refusal {
  if (!(cause instanceof Fault)) {
    return { code: status.INTERNAL, http: 500, message: 'a fault of the receiver' }
  }
  const { code, message } = cause
  if (code === 'TRACE_INVALID') return { code: status.INVALID_ARGUMENT, http: 400, message }
  if (code === 'TOO_LARGE') return { code: status.RESOURCE_EXHAUSTED, http: 413, message }
  return { code: status.UNAVAILABLE, http: 503, message }
}
