import { expect, test } from 'vitest'
import { encodeTraces } from '../../../src/otlp/encode.ts'
import { storeSource } from '../../../src/store/source.ts'
import { lossless } from '../../../src/trace/losses.ts'
import type { TraceQuery } from '../../../src/trace/query.ts'
import { nanosOf } from '../../../src/trace/time.ts'
import { resource, span, traceId } from '../../trace/spans.ts'
import type { OpenTemporary } from './open.ts'

const cart = resource('cart')
const spans = [
  span({ id: 1, trace: 1, start: 100, end: 900, name: 'GET /a' }),
  span({ id: 2, trace: 1, parent: 1, start: 200, end: 300, name: 'query', resource: cart }),
  span({ id: 3, trace: 2, start: 400, end: 500, name: 'GET /b', attributes: new Map([['n', 7n]]) }),
  span({
    id: 4,
    trace: 2,
    parent: 3,
    start: 450,
    end: 460,
    name: 'query',
    resource: cart,
    status: { code: 'error', message: '' },
  }),
  span({ id: 5, trace: 3, start: 600, end: 700, name: 'GET /a' }),
]

/** Search and its pages. */
export function describeSearch(open: OpenTemporary): void {
  test.for<readonly [string, Omit<TraceQuery, 'limit'>, readonly number[]]>([
    ['nothing', {}, [3, 2, 1]],
    ['a service', { service: 'cart' }, [2, 1]],
    ['an operation', { operation: 'GET /a' }, [3, 1]],
    ['service and operation of one span', { service: 'cart', operation: 'GET /a' }, []],
    ['a time', { from: nanosOf(450n), to: nanosOf(500n) }, [2]],
    ['a least duration', { minDuration: nanosOf(800n) }, [1]],
    ['errors', { status: 'error' }, [2]],
    ['no status', { status: 'unset', operation: 'query' }, [1]],
    ['a greatest duration', { maxDuration: nanosOf(10n) }, [2]],
    ['a number', { attributes: [{ name: 'n', compare: 'gt', value: '6' }] }, [2]],
    ['an attribute', { attributes: [{ name: 'n', compare: 'eq', value: '7' }] }, [2]],
    [
      'an attribute of the resource',
      { attributes: [{ name: 'service.name', compare: 'eq', value: 'cart' }] },
      [2, 1],
    ],
    [
      'an attribute of another span',
      { operation: 'query', attributes: [{ name: 'n', compare: 'eq', value: '7' }] },
      [],
    ],
    ['a run', { runId: 'two' }, [3]],
  ])('a search for %s finds the newest first', async ([, query, expected]) => {
    await using opened = await open()
    await opened.store.write('traces', encodeTraces(spans.slice(0, 4)), 'one')
    await opened.store.write('traces', encodeTraces(spans.slice(4)), 'two')
    const { items, total } = await opened.store.search({ ...query, limit: 10 })
    expect(items.map((item) => item.traceId)).toEqual(expected.map(traceId))
    expect(total).toBe(expected.length)
  })

  test('a summary tells the root, the whole time, errors and services; the total counts what the limit cuts', async () => {
    await using opened = await open()
    await opened.store.write('traces', encodeTraces(spans), null)
    const { items, total } = await opened.store.search({ service: 'cart', limit: 1 })
    expect({ items, total }).toEqual({
      items: [
        {
          traceId: traceId(2),
          rootName: 'GET /b',
          rootService: 'shop',
          start: 400n,
          duration: 100n,
          spans: 2,
          errors: 1,
          services: ['cart', 'shop'],
          runId: undefined,
        },
      ],
      total: 2,
    })
  })

  test.for<readonly [string, Omit<TraceQuery, 'limit'>]>([
    ['columns', { operation: 'GET' }],
    ['attributes', { attributes: [{ name: 'n', compare: 'gte', value: '0' }] }],
  ])(
    'pages by %s have neither gaps nor duplicates while newer traces arrive',
    async ([, query]) => {
      await using opened = await open()
      const { store } = opened
      const add = async (
        ids: readonly number[],
        run: string,
        start: (id: number) => number,
      ): Promise<void> => {
        const sent = ids.map((id) =>
          span({ id, trace: id, start: start(id), name: 'GET', attributes: new Map([['n', id]]) }),
        )
        await store.write('traces', encodeTraces(sent), run)
      }
      const old = Array.from({ length: 10 }, (_, at) => at + 1)
      // half of them begin at the same moment
      await add(old, 'first', (id) => (id <= 5 ? 100 : 100 + id))
      await add([1], 'second', () => 100)
      const seen: (readonly [string, string | undefined])[] = []
      const totals: number[] = []
      let cursor: string | undefined
      for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
        const answer = await store.search({
          ...query,
          limit: 3,
          ...(cursor === undefined ? {} : { cursor }),
        })
        seen.push(...answer.items.map(({ traceId: id, runId }) => [id, runId] as const))
        totals.push(answer.total)
        cursor = answer.cursor
        await add([100 + page], 'later', () => 1_000)
      }
      const expected = [10, 9, 8, 7, 6, 1, 1, 2, 3, 4, 5].map(traceId)
      expect(seen.map(([id]) => id)).toEqual(expected)
      expect(new Set(seen.map(String)).size).toBe(11)
      expect(totals).toEqual([11, 12, 13, 14])
    },
  )

  test('a last page that is full has no cursor', async () => {
    await using opened = await open()
    await opened.store.write('traces', encodeTraces(spans), null)
    const { items, cursor } = await opened.store.search({ limit: 3 })
    expect([items.length, cursor]).toEqual([3, undefined])
  })

  test.for(['', 'x', '12', `9-${'0'.repeat(32)}-1`, '1-a-b', `${2n ** 70n}-${traceId(1)}-1`])(
    'a cursor that no answer gave is refused: %j',
    async (cursor) => {
      await using opened = await open()
      await expect(opened.store.search({ limit: 1, cursor })).rejects.toMatchObject({
        code: 'USAGE',
      })
    },
  )

  test('a bound beyond all times is one', async () => {
    await using opened = await open()
    await opened.store.write('traces', encodeTraces(spans), null)
    const far = nanosOf(2n ** 70n)
    const { total } = await opened.store.search({ to: far, maxDuration: far, limit: 1 })
    expect(total).toBe(3)
    expect((await opened.store.search({ from: far, limit: 1 })).items).toEqual([])
  })

  test('as a source it gives traces without loss, and none for an id that it has not', async () => {
    await using opened = await open()
    await opened.store.write('traces', encodeTraces(spans), null)
    const source = storeSource(opened.store)
    const trace = await source.trace(traceId(3))
    expect(trace).toEqual({ spans: spans.slice(4), losses: lossless, cut: undefined })
    expect(await source.trace(traceId(4))).toBeUndefined()
    expect((await source.search({ limit: 1 })).items.map((item) => item.traceId)).toEqual([
      traceId(3),
    ])
  })
}
