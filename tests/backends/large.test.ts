import { describe, expect, test } from 'vitest'
import { parseSpanId, type SpanId, type TraceId } from '../../src/trace/ids.ts'
import type { TraceSearchAnswer } from '../../src/trace/query.ts'
import type { TraceSource } from '../../src/trace/source.ts'
import type { Span } from '../../src/trace/span.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { hex, idOf, newTraceId, traceOf } from '../conformance/sources/traces.ts'
import type { SourceUnderTest } from '../conformance/sources/under-test.ts'
import { ways } from './ways.ts'

// Measured on two cores: 100,000 spans in 0.6 to 5 s, 10,000 traces in 0.6 to 3 s. These bounds catch what grows faster than that.
const mostMillis = 30_000
const mostKilobytes = 2 * 2 ** 20

for (const { name, make } of ways.filter((way) => way.isLarge)) {
  describe(`${name}, with much in it`, () => {
    test('a trace of 100,000 spans comes whole', async () => {
      await using subject = await make()
      const spans = longTrace(100_000)
      await writeInParts(subject, spans)
      await until(async () => (await subject.source.trace(idOf(spans)))?.spans.length === 100_000)
      const begin = Date.now()
      const read = await subject.source.trace(idOf(spans))
      const millis = Date.now() - begin
      console.info(`${name}: 100,000 spans in ${millis} ms, ${held()}`)
      expect(read?.cut).toBeUndefined()
      expect(new Set(read?.spans.map(({ spanId }) => spanId))).toEqual(
        new Set(spans.map(({ spanId }) => spanId)),
      )
      expect(millis).toBeLessThan(mostMillis)
      expect(process.resourceUsage().maxRSS).toBeLessThan(mostKilobytes)
    })

    test('a search over 10,000 traces has each once, or says that it is cut', async () => {
      await using subject = await make()
      const service = `many-${hex(4)}`
      const traces = Array.from({ length: 10_000 }, (_, at) =>
        traceOf({ service, operation: 'work', ageMs: 60_000 + at, durationMs: 10 }),
      )
      await writeInParts(subject, traces.flat())
      const last = traces.at(-1) ?? []
      await until(async () => (await subject.source.trace(idOf(last))) !== undefined)

      const begin = Date.now()
      const whole = await subject.source.search({ service, limit: 20_000 })
      const millis = Date.now() - begin
      console.info(`${name}: 10,000 traces in ${millis} ms, ${held()}`)
      expect(idsOf([whole])).toEqual(traces.map(idOf))
      expect({ ...whole, items: [], total: whole.total ?? 10_000 }).toEqual({
        items: [],
        total: 10_000,
        cursor: undefined,
        cutAt: undefined,
      })
      expect(millis).toBeLessThan(mostMillis)
      expect(process.resourceUsage().maxRSS).toBeLessThan(mostKilobytes)

      const pages = await allPages(subject.source, service)
      const ids = idsOf(pages)
      expect(new Set(ids).size).toBe(ids.length)
      const isCut = pages.some(({ cutAt }) => cutAt !== undefined)
      expect(isCut || ids.length === traces.length).toBe(true)
    })
  })
}

/** A root and what it called, ten deep. */
function longTrace(count: number): readonly Span[] {
  const [root, child] = traceOf({
    service: `long-${hex(4)}`,
    operation: 'work',
    ageMs: 60_000,
    durationMs: 10_000,
  })
  if (root === undefined || child === undefined) throw new RangeError('two spans')
  const traceId = newTraceId()
  const spans: Span[] = [{ ...root, traceId }]
  for (let at = 1; at < count; at += 1) {
    const parent = spans[at % 10 === 0 ? 0 : at - 1] ?? root
    const spanId = (0x1000000000000000n + BigInt(at)).toString(16)
    spans.push({
      ...child,
      traceId,
      spanId: parsed(spanId),
      parentSpanId: parent.spanId,
      name: `step ${at % 10}`,
      start: nanosOf(root.start + BigInt(at) * 1000n),
      end: nanosOf(root.end),
      attributes: new Map([['db.query.text', `SELECT * FROM items WHERE id = ${at}`]]),
    })
  }
  return spans
}

function parsed(hexDigits: string): SpanId {
  const id = parseSpanId(hexDigits)
  if (id === undefined) throw new RangeError(hexDigits)
  return id
}

async function writeInParts({ write }: SourceUnderTest, spans: readonly Span[]): Promise<void> {
  for (let at = 0; at < spans.length; at += 10_000) await write(spans.slice(at, at + 10_000))
}

async function allPages(source: TraceSource, service: string): Promise<TraceSearchAnswer[]> {
  const pages: TraceSearchAnswer[] = []
  let cursor: string | undefined
  do {
    const page = await source.search({
      service,
      limit: 5000,
      ...(cursor !== undefined && { cursor }),
    })
    pages.push(page)
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < 100)
  return pages
}

async function until(isThere: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await isThere());) {
    if (Date.now() > deadline) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function idsOf(pages: readonly TraceSearchAnswer[]): readonly TraceId[] {
  return pages.flatMap(({ items }) => items.map(({ traceId }) => traceId))
}

/** The most that this process ever held, with the spans that it wrote. */
function held(): string {
  return `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB held at most`
}
