import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { openForwarder, type ForwardOptions } from '../../src/receiver/forward.ts'
import { listen } from '../../src/receiver/listen.ts'
import { temporaryStore } from '../store/temporary.ts'
import { span } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { post } from './post.ts'

const request = encodeTraces([span({ id: 1 })])
const headers = { 'content-type': 'application/x-protobuf' }

/** Sends requests to a receiver that passes them on, and answers what became of them there and here. */
async function sentThrough(
  options: Omit<ForwardOptions, 'headers'>,
  requests = 1,
): Promise<{
  readonly here: number
  readonly facts: unknown
  readonly statuses: readonly number[]
}> {
  await using opened = temporaryStore()
  const forwarder = openForwarder({ headers: { 'x-tenant': 'one' }, retryMs: 1, ...options })
  await using receiver = await listen({ sink: forwarder.through(opened.store), runId: 'r' })
  const statuses: number[] = []
  for (let index = 0; index < requests; index += 1) {
    const { status } = await post(`${receiver.url}/v1/traces`, request, headers)
    statuses.push(status)
  }
  const facts = await forwarder.close(300)
  return { here: (await opened.store.counts('r')).spans, facts, statuses }
}

test('what is kept here arrives there as well', async () => {
  verifies('P-33')
  await using there = temporaryStore()
  await using target = await listen({ sink: there.store, runId: 'there' })
  expect(await sentThrough({ url: new URL(target.url) })).toEqual({
    here: 1,
    facts: { target: target.url, sent: 1, lost: 0, problem: undefined },
    statuses: [200],
  })
  expect((await there.store.counts('there')).spans).toBe(1)
})

interface Target extends AsyncDisposable {
  readonly url: URL
  readonly asked: readonly string[]
}

/** A receiver that answers with these statuses in turn, then with the last. */
async function targetAnswering(...statuses: readonly number[]): Promise<Target> {
  const asked: string[] = []
  const server: Server = createServer((received, response) => {
    asked.push(`${received.url} ${String(received.headers['x-tenant'])}`)
    received.resume()
    response.writeHead(statuses[asked.length - 1] ?? statuses.at(-1) ?? 500, {
      location: 'http://127.0.0.1:1/',
    })
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: new URL(`http://127.0.0.1:${port}/otlp`),
    asked,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

test('a target that is busy is asked again, with the same headers and below its path', async () => {
  await using target = await targetAnswering(503, 429, 200)
  const { facts, statuses } = await sentThrough({ url: target.url })
  expect([facts, statuses, target.asked]).toEqual([
    { target: target.url.origin, sent: 1, lost: 0, problem: undefined },
    [200],
    Array(3).fill('/otlp/v1/traces one'),
  ])
})

test.for([
  { status: 400, problem: 'it answered with HTTP 400' },
  { status: 307, problem: 'it answered with HTTP 307' },
])('$status is final, and its request is counted as lost there', async ({ status, problem }) => {
  await using target = await targetAnswering(status, 200)
  expect(await sentThrough({ url: target.url }, 2)).toEqual({
    here: 1,
    facts: { target: target.url.origin, sent: 1, lost: 1, problem },
    statuses: [200, 200],
  })
})

test('a target that is away costs nothing here and is told of', async () => {
  verifies('P-33')
  expect(await sentThrough({ url: new URL('http://127.0.0.1:1') }, 3)).toEqual({
    here: 1,
    facts: {
      target: 'http://127.0.0.1:1',
      sent: 0,
      lost: 3,
      problem: expect.stringMatching(/bad port|ECONNREFUSED/),
    },
    statuses: [200, 200, 200],
  })
})

test('what waits is bounded', async () => {
  await using target = await targetAnswering(503)
  const { facts } = await sentThrough({ url: target.url, maxWaitingBytes: request.length }, 3)
  expect(facts).toMatchObject({ sent: 0, lost: 3 })
})
