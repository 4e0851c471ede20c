import { openJaeger, type JaegerProtocol } from '../../src/sources/jaeger.ts'
import { openZipkin } from '../../src/sources/zipkin.ts'
import type { TraceSource } from '../../src/trace/source.ts'
import { endpointOf } from './servers.ts'
import { toJaeger, toZipkin, type Writer } from './writers.ts'

/** A way from a program's spans through a real server to us. */
export interface Way {
  readonly name: string
  readonly writer: Writer
  readonly open: () => TraceSource & Partial<Disposable>
}

const jaeger = (name: string, protocol: JaegerProtocol): Way => ({
  name: `Jaeger over ${name}`,
  writer: toJaeger,
  open: () =>
    openJaeger(endpointOf(protocol.startsWith('grpc') ? 'JAEGER_GRPC_URL' : 'JAEGER_HTTP_URL'), {
      protocol,
    }),
})

export const ways: readonly Way[] = [
  jaeger('HTTP, version 3', 'http-v3'),
  jaeger('HTTP, as old servers speak', 'http-legacy'),
  jaeger('gRPC, version 3', 'grpc-v3'),
  jaeger('gRPC, version 2', 'grpc-v2'),
  { name: 'Zipkin', writer: toZipkin, open: () => openZipkin(endpointOf('ZIPKIN_URL')) },
]
