import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import type { TraceQuery } from '../../src/trace/query.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { resource, span, traceId } from '../trace/spans.ts'
import { temporaryStore } from './temporary.ts'

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
  await using opened = temporaryStore()
  await opened.store.write('traces', encodeTraces(spans.slice(0, 4)), 'one')
  await opened.store.write('traces', encodeTraces(spans.slice(4)), 'two')
  const { items, total } = await opened.store.search({ ...query, limit: 10 })
  expect(items.map((item) => item.traceId)).toEqual(expected.map(traceId))
  expect(total).toBe(expected.length)
})

test('a summary tells the root, the whole time, errors and services; the total counts what the limit cuts', async () => {
  await using opened = temporaryStore()
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
