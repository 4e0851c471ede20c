import { McpServer } from '@modelcontextprotocol/server'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openHttpSessions, type HttpSessions } from '../../src/mcp/http-sessions.ts'

function sessionsOf(idleMs: number): HttpSessions {
  const newServer = (): McpServer =>
    new McpServer({ name: 'test', version: '1' }, { capabilities: { tools: {} } })
  return openHttpSessions(newServer, { maxRequestBodySize: 10_000, idleMs })
}

function request(method: string, id: string | null, body?: object, signal?: AbortSignal): Request {
  return new Request('http://127.0.0.1/mcp', {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(id === null ? {} : { 'mcp-session-id': id }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }) }),
    ...(signal === undefined ? {} : { signal }),
  })
}

async function begin(sessions: HttpSessions): Promise<string> {
  const clientInfo = { name: 'test', version: '1' }
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
  const response = await sessions.fetch(request('POST', null, { method: 'initialize', params }))
  await response.body?.cancel()
  return response.headers.get('mcp-session-id') ?? ''
}

async function ping(sessions: HttpSessions, id: string): Promise<number> {
  const response = await sessions.fetch(request('POST', id, { method: 'ping' }))
  await response.body?.cancel()
  return response.status
}

test('a session that nobody uses ends, and one whose client listens does not', async () => {
  const sessions = sessionsOf(200)
  const [idle, listening] = [await begin(sessions), await begin(sessions)]
  const leave = new AbortController()
  const opened = request('GET', listening, undefined, leave.signal)
  const stream = await sessions.fetch(opened)
  expect([stream.status, await ping(sessions, idle)]).toEqual([200, 200])
  await sleep(700)
  expect([await ping(sessions, idle), await ping(sessions, listening)]).toEqual([404, 200])
  leave.abort()
  await sleep(700)
  expect([await ping(sessions, listening), opened.signal.aborted]).toEqual([404, true])
  await sessions.close()
})

test('the session that was not used for the longest time makes room', async () => {
  const sessions = sessionsOf(60_000)
  const [first, second] = [await begin(sessions), await begin(sessions)]
  expect(await ping(sessions, first)).toBe(200)
  for (let more = 0; more < 99; more += 1) await begin(sessions)
  expect([await ping(sessions, second), await ping(sessions, first)]).toEqual([404, 200])
  await sessions.close()
  expect(await ping(sessions, first)).toBe(404)
})

test('a client that ends its session is heard no more, and what begins none leaves none', async () => {
  const sessions = sessionsOf(60_000)
  const id = await begin(sessions)
  expect((await sessions.fetch(request('DELETE', id))).status).toBe(200)
  expect(await ping(sessions, id)).toBe(404)
  const stray = await sessions.fetch(request('POST', null, { method: 'ping' }))
  expect([stray.status, stray.headers.get('mcp-session-id')]).toEqual([400, null])
  await sessions.close()
})
