import { beforeAll, expect, test } from 'vitest'
import { newestFirst, type TraceQuery, type TraceSearchAnswer } from '../../../src/trace/query.ts'
import type { TraceSource } from '../../../src/trace/source.ts'
import { expectedSummary } from './summaries.ts'
import { hex, traceOf } from './traces.ts'
import { give, type SourceUnderTest } from './under-test.ts'

export function turnsPages(subject: () => SourceUnderTest): void {
  const service = `pages-${hex(4)}`
  // Two and two begin at once: a page that ends between them must not lose one.
  const traces = Array.from({ length: 23 }, (_, at) =>
    traceOf({
      service,
      operation: 'work',
      ageMs: 60_000 + Math.floor(at / 2) * 1000,
      durationMs: 10,
      attributes: new Map([['note', `n${at % 3}`]]),
    }),
  )
  const ofNote = traces.filter((_, at) => at % 3 === 1)
  beforeAll(() => give(subject(), traces))

  test.for([
    { story: 'of one', limit: 1, wanted: traces, attributes: [] },
    { story: 'of four', limit: 4, wanted: traces, attributes: [] },
    { story: 'that hold just all', limit: 23, wanted: traces, attributes: [] },
    {
      story: 'of what one in three has',
      limit: 3,
      wanted: ofNote,
      attributes: [{ name: 'note', compare: 'eq', value: 'n1' } as const],
    },
    {
      story: 'of what one in three has, as the source may not be asked',
      limit: 3,
      wanted: ofNote,
      attributes: [{ name: 'note', compare: 'lte', value: 'n1' } as const, isN1],
    },
  ])('$story have every trace once, newest first', async ({ limit, wanted, attributes }) => {
    const { source } = subject()
    const pages = await allPages(source, { service, limit, attributes })
    expect(pages.flatMap(({ items }) => items)).toEqual(
      wanted.map((spans) => expectedSummary(spans, source)).toSorted(newestFirst),
    )
    expect(pages.filter(({ items }) => items.length > limit)).toEqual([])
  })

  test('tell of what they leave out, and count no more than there are', async () => {
    const { source } = subject()
    const pages = await allPages(source, { service, limit: 10 })
    expect(pages.slice(0, -1).filter(({ cursor }) => cursor === undefined)).toEqual([])
    expect(pages.filter(({ total }) => total !== undefined && total !== traces.length)).toEqual([])
  })

  test('of a cursor that no answer had are refused', async () => {
    const asked = subject().source.search({ service, limit: 4, cursor: 'nonsense' })
    await expect(asked).rejects.toMatchObject({ code: 'USAGE' })
  })
}

const isN1 = { name: 'note', compare: 'gte', value: 'n1' } as const

async function allPages(source: TraceSource, query: TraceQuery): Promise<TraceSearchAnswer[]> {
  const pages: TraceSearchAnswer[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: TraceSearchAnswer = await source.search({
      ...query,
      ...(cursor !== '' && { cursor }),
    })
    pages.push(page)
    if (pages.length > 200) throw new RangeError('the pages do not end')
    cursor = page.cursor
  }
  return pages
}
