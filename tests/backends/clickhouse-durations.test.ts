import { expect, test } from 'vitest'
import { openClickHouse } from '../../src/sources/clickhouse.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { hex, idOf, traceOf } from '../conformance/sources/traces.ts'
import { verifies } from '../verifies.ts'
import { endpointOf } from './servers.ts'
import { toClickHouse } from './writers.ts'

test('the engine sorts the longest span of each of many traces', async () => {
  verifies('P-22')
  using source = openClickHouse(endpointOf('CLICKHOUSE_URL'), { database: 'otel' })
  const service = `timed-${hex(4)}`
  const traces = Array.from({ length: 1_000 }, (_, at) =>
    traceOf({ service, operation: 'work', ageMs: 60_000 + at, durationMs: 1 + ((at * 7) % 1_000) }),
  )
  await toClickHouse.write(traces.flat())
  const last = traces.at(-1) ?? []
  expect(await source.trace(idOf(last))).toBeDefined()
  const asked: number[] = []
  const read = await source.durations?.({ service, operation: 'work' }, (count) => {
    asked.push(count)
    return [0, 1, count / 2, count * 0.95, count, count + 1]
  })
  const longest = traces
    .map((spans) => {
      const works = spans.filter(({ name }) => name === 'work')
      return works.reduce((most, { start, end }) => (end - start > most ? end - start : most), 0n)
    })
    .toSorted((a, b) => Number(a - b))
  const expected = [1, 500, 950, 1_000].map((rank) => [rank, nanosOf(longest[rank - 1] ?? 0n)])
  expect({ ...read, at: [...(read?.at ?? [])] }).toEqual({
    traces: 1_000,
    withSeveral: 0,
    at: expected,
  })
  expect(asked).toEqual([1_000])

  const none = await source.durations?.({ service, operation: 'rest' }, () => [1])
  expect(none).toEqual({ traces: 0, withSeveral: 0, at: new Map() })
})
