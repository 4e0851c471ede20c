import { beforeAll, expect, test } from 'vitest'
import type { TraceId } from '../../../src/trace/ids.ts'
import type { TraceSearchAnswer } from '../../../src/trace/query.ts'
import { hostileNames, numberedTraces, questions } from './questions.ts'
import { expectedSummary } from './summaries.ts'
import { hex, idOf, traceOf } from './traces.ts'
import { give, type SourceUnderTest } from './under-test.ts'

export function answersSearches(subject: () => SourceUnderTest): void {
  const service = `shop-${hex(4)}`
  const traces = numberedTraces(service)
  const startOf = (number: number): (typeof traces)[0][0]['start'] => {
    const start = traces[number]?.[0]?.start
    if (start === undefined) throw new RangeError(`no trace ${number}`)
    return start
  }
  beforeAll(() => give(subject(), traces))

  test('finds the traces of a service, newest first, with what they are', async () => {
    const { source } = subject()
    const answer = await source.search({ service, limit: 100 })
    expect({ ...answer, total: answer.total ?? traces.length }).toEqual({
      items: traces.toReversed().map((spans) => expectedSummary(spans, source)),
      total: traces.length,
      cursor: undefined,
      cutAt: undefined,
    })
  })

  test.for(questions)('finds by $story', async ({ query, found }) => {
    const asked = { service, limit: 100, ...query({ service, startOf }) }
    const answer = await subject().source.search(asked)
    expect({
      found: idsOf(answer).map((id) => traces.findIndex((spans) => idOf(spans) === id)),
      total: answer.total ?? found.length,
      cursor: answer.cursor,
      cutAt: answer.cutAt,
    }).toEqual({ found, total: found.length, cursor: undefined, cutAt: undefined })
  })

  test('all parts must hold for one span', async () => {
    const { source } = subject()
    const operation = 'select items'
    expect(idsOf(await source.search({ service, operation, limit: 100 }))).toEqual([])
    const ofStore = await source.search({ service: `${service}-store`, operation, limit: 100 })
    expect(idsOf(ofStore)).toEqual(traces.map(idOf).toReversed())
  })

  test.for(hostileNames)('finds what is called %j, and nothing else', async (hostile) => {
    const { source } = subject()
    const own = `${service} ${hostile}`
    const [wanted, other] = [hostile, 'plain'].map((text) =>
      traceOf({
        service: own,
        operation: text,
        ageMs: 60_000,
        durationMs: 10,
        attributes: new Map([['note', text]]),
      }),
    )
    if (wanted === undefined || other === undefined) throw new RangeError('two traces')
    await give(subject(), [wanted, other])
    const byName = await source.search({ service: own, operation: hostile, limit: 10 })
    const note = { name: 'note', compare: 'eq', value: hostile } as const
    const byNote = await source.search({ service: own, attributes: [note], limit: 10 })
    expect([byName, byNote].map(idsOf)).toEqual([[idOf(wanted)], [idOf(wanted)]])
  })

  test('without a match is empty', async () => {
    const answer = await subject().source.search({ service: `nobody-${hex(4)}`, limit: 10 })
    expect({ ...answer, total: answer.total ?? 0 }).toEqual({
      items: [],
      total: 0,
      cursor: undefined,
      cutAt: undefined,
    })
  })

  test('is not made when the caller has given up', async () => {
    const reason = new Error('given up')
    const asked = subject().source.search({ service, limit: 10 }, AbortSignal.abort(reason))
    await expect(asked).rejects.toBe(reason)
  })
}

function idsOf({ items }: TraceSearchAnswer): readonly TraceId[] {
  return items.map(({ traceId }) => traceId)
}
