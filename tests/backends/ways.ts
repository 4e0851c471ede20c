import { openJaeger, type JaegerProtocol } from '../../src/sources/jaeger.ts'
import { openZipkin } from '../../src/sources/zipkin.ts'
import type { TraceSource } from '../../src/trace/source.ts'
import type { Way } from '../conformance/verdict/suite.ts'
import { changedByZipkin, openByOldJaeger, openByZipkin } from '../conformance/verdict/opened.ts'
import { endpointOf } from './servers.ts'
import { toJaeger, toZipkin, type Writer } from './writers.ts'

export interface ServerWay extends Way {
  /** It is tried with large traces too. */
  readonly isLarge: boolean
}

/** The ways from a program's spans through a real server to us. */
export const ways: readonly ServerWay[] = [
  ...jaegerWays([
    ['HTTP, version 3', 'http-v3'],
    ['HTTP, as old servers speak', 'http-legacy'],
    ['gRPC, version 3', 'grpc-v3'],
    ['gRPC, version 2', 'grpc-v2'],
  ]),
  {
    name: 'Zipkin',
    isLarge: false,
    make: made(() => openZipkin(endpointOf('ZIPKIN_URL')), toZipkin),
    changes: changedByZipkin,
    opens: { 'all that a span can say': openByZipkin },
  },
]

function jaegerWays(
  protocols: readonly (readonly [string, JaegerProtocol])[],
): readonly ServerWay[] {
  return protocols.map(([name, protocol]) => {
    const server = protocol.startsWith('grpc') ? 'JAEGER_GRPC_URL' : 'JAEGER_HTTP_URL'
    const isOld = protocol === 'http-legacy' || protocol === 'grpc-v2'
    return {
      name: `Jaeger over ${name}`,
      isLarge: true,
      make: made(() => openJaeger(endpointOf(server), { protocol }), toJaeger),
      changes: { 'zipkin/envoy.json': 'Jaeger names a service that has no name' },
      opens: isOld ? { 'all that a span can say': openByOldJaeger } : {},
    }
  })
}

function made(open: () => TraceSource & Disposable, { write }: Writer): Way['make'] {
  return async () => {
    const source = open()
    return { source, write, [Symbol.asyncDispose]: async () => source[Symbol.dispose]() }
  }
}
