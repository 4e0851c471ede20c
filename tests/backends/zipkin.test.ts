import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openZipkin } from '../../src/sources/zipkin.ts'
import type { Span } from '../../src/trace/span.ts'
import { hex } from '../conformance/sources/traces.ts'
import { describeSource } from '../conformance/sources/suite.ts'
import { verifies } from '../verifies.ts'
import { endpointOf, urlOf } from './servers.ts'
import { toZipkin } from './writers.ts'

describeSource('Zipkin', async () => {
  const source = openZipkin(endpointOf('ZIPKIN_URL'))
  return {
    source,
    write: toZipkin.write,
    [Symbol.asyncDispose]: async () => source[Symbol.dispose](),
  }
})

const program = fileURLToPath(
  new URL('../../fixtures/apps/programs/zipkin-exporter.mjs', import.meta.url),
)

test("what a program sends by OpenTelemetry's own exporter is found in Zipkin and read whole", async () => {
  verifies('P-24')
  const service = `Shop-${hex(4)}`
  const env = {
    ...process.env,
    ZIPKIN_ENDPOINT: new URL('/api/v2/spans', urlOf('ZIPKIN_URL')).href,
    OTEL_SERVICE_NAME: service,
  }
  await promisify(execFile)(process.execPath, [program], { env })
  using source = openZipkin(endpointOf('ZIPKIN_URL'))
  await expect.poll(() => spansOf(service), { timeout: 10_000 }).toHaveLength(4)
  expect((await spansOf(service)).map(toldOf).toSorted()).toEqual([
    'fine internal ok ',
    'get /cart server unset cart.read',
    'get client error ',
    'silent internal error ',
  ])

  async function spansOf(name: string): Promise<readonly Span[]> {
    const { items } = await source.search({ service: name, operation: 'GET /Cart', limit: 2 })
    const [item] = items
    return item === undefined ? [] : ((await source.trace(item.traceId))?.spans ?? [])
  }
})

function toldOf({ name, kind, status, events }: Span): string {
  return `${name} ${kind} ${status.code} ${events.map((event) => event.name).join()}`
}
