import { describeSource } from '../conformance/sources/suite.ts'
import { openZipkin } from '../../src/sources/zipkin.ts'
import { endpointOf } from './servers.ts'
import { toZipkin } from './writers.ts'

describeSource('Zipkin', async () => {
  const source = openZipkin(endpointOf('ZIPKIN_URL'))
  return {
    source,
    write: toZipkin.write,
    [Symbol.asyncDispose]: async () => source[Symbol.dispose](),
  }
})
