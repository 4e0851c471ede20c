import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { sortedByRun } from '../../src/receiver/by-run.ts'
import { serviceName } from '../../src/trace/span.ts'
import { temporaryStore } from '../store/temporary.ts'
import { resource, span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'

const ofRun = (service: string, run: string): ReturnType<typeof resource> => {
  const { attributes, ...rest } = resource(service)
  return { ...rest, attributes: new Map([...attributes, ['tracespec.run.id', run]]) }
}

const runs = async (id: string): Promise<boolean> => id !== 'r-ended'

test('what names a run that has ended belongs to none', async () => {
  await using opened = temporaryStore()
  const request = encodeTraces([
    span({ id: 1, resource: ofRun('shop', 'r-1') }),
    span({ id: 2, resource: ofRun('shop', 'r-ended') }),
  ])
  await sortedByRun(opened.store, runs).write('traces', request, null)
  const counted = await Promise.all(['r-1', 'r-ended', ''].map((run) => opened.store.counts(run)))
  expect(counted.map(({ spans }) => spans)).toEqual([1, 0, 1])
})

test('what names its run belongs to it, the rest to none', async () => {
  verifies('P-22')
  await using opened = temporaryStore()
  const request = encodeTraces([
    span({ id: 1, trace: 1, resource: ofRun('shop', 'r-1') }),
    span({ id: 2, trace: 1, resource: ofRun('cart', 'r-2') }),
    span({ id: 3, trace: 1, resource: resource('mail') }),
    span({ id: 4, trace: 1, resource: ofRun('stock', 'r-1') }),
  ])
  const accepted = await sortedByRun(opened.store, runs).write('traces', request, null)
  expect(accepted).toEqual({ stored: 4, rejected: 0, message: '' })
  const services = async (run: string): Promise<readonly string[]> =>
    (await opened.store.spansOfRun(run)).map(serviceName).toSorted()
  expect([await services('r-1'), await services('r-2'), await services('')]).toEqual([
    ['shop', 'stock'],
    ['cart'],
    ['mail'],
  ])
})

test('what is rejected is told of all runs together', async () => {
  await using opened = temporaryStore()
  const sink = sortedByRun(opened.store, runs)
  const good = encodeTraces([span({ id: 1, resource: ofRun('shop', 'r-1') })])
  const withoutIds = Buffer.from('0a06120412001200', 'hex')
  expect(await sink.write('traces', Buffer.concat([good, withoutIds]), null)).toEqual({
    stored: 1,
    rejected: 2,
    message: '2 spans have no valid ids and are not kept',
  })
})

test('what is no request is refused as a whole', async () => {
  await using opened = temporaryStore()
  const good = encodeTraces([span({ id: 1, resource: ofRun('shop', 'r-1') })])
  await expect(
    sortedByRun(opened.store, runs).write('traces', Buffer.concat([good, Buffer.from('ff')]), null),
  ).rejects.toThrow(expect.objectContaining({ code: 'TRACE_INVALID' }))
  expect((await opened.store.counts('r-1')).spans).toBe(0)
})
