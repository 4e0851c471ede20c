import { openClickHouse } from '../../src/sources/clickhouse.ts'
import { openJaeger, type JaegerProtocol } from '../../src/sources/jaeger.ts'
import { openZipkin } from '../../src/sources/zipkin.ts'
import { storeSource } from '../../src/store/source.ts'
import type { TraceSource } from '../../src/trace/source.ts'
import type { SourceUnderTest } from '../conformance/sources/under-test.ts'
import { writeToStore } from '../conformance/verdict/local-ways.ts'
import type { Way } from '../conformance/verdict/suite.ts'
import { openByClickHouse, openByOldJaeger, openByZipkin } from '../conformance/verdict/opened.ts'
import { temporaryPostgres } from './postgres-store.ts'
import { endpointOf } from './servers.ts'
import { toClickHouse, toJaeger, toZipkin, type Writer } from './writers.ts'

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
    opens: { 'all that a span can say': openByZipkin },
  },
  {
    name: 'ClickHouse',
    isLarge: true,
    make: made(
      () => openClickHouse(endpointOf('CLICKHOUSE_URL'), { database: 'otel' }),
      toClickHouse,
    ),
    opens: { 'all that a span can say': openByClickHouse },
  },
  {
    name: 'a shared store in PostgreSQL',
    isLarge: true,
    make: postgres,
  },
]

export async function postgres(): Promise<SourceUnderTest> {
  const opened = await temporaryPostgres()
  return {
    source: storeSource(opened.store),
    write: (spans) => writeToStore(spans, opened),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

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
