import { openClickHouse } from '../../src/sources/clickhouse.ts'
import { describeSource } from '../conformance/sources/suite.ts'
import { endpointOf } from './servers.ts'
import { toClickHouse } from './writers.ts'

describeSource(`ClickHouse, rows of ${toClickHouse.name}`, () => {
  const source = openClickHouse(endpointOf('CLICKHOUSE_URL'), { database: 'otel' })
  return Promise.resolve({
    source,
    write: toClickHouse.write,
    [Symbol.asyncDispose]: async () => source[Symbol.dispose](),
  })
})
