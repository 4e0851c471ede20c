import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { openPostgresStore } from '../../src/store/postgres/store.ts'
import type { RunEnd } from '../../src/trace/ports.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { span, traceId } from '../trace/spans.ts'
import { verifies } from '../verifies.ts'
import { onServer, temporaryDatabase, temporaryPostgres } from './postgres-store.ts'
import { urlOf } from './servers.ts'

const here = { project: 'shop', place: 'here' }
const begun = { command: ['npm', 'test'], cwd: '/p', startedAt: nanosOf(7n) }
const session = { goal: undefined, specs: [], project: '/p', startedAt: nanosOf(7n) }
const end: RunEnd = {
  endedAt: nanosOf(9n),
  exitCode: 0,
  signal: undefined,
  evidence: { complete: true, reasons: [], lossyEnds: [] },
  status: 'pass',
  exercised: ['checkout'],
  resultJson: '{}',
}

const writer = fileURLToPath(new URL('postgres-writer.ts', import.meta.url))

test('several processes make the tables, write, join one session and prune at once', async () => {
  verifies('O-06')
  await using database = await temporaryDatabase()
  const numbers = ['1', '2', '3', '4', '5']
  const codes = await Promise.all(
    numbers.map(async (number) => {
      const child = spawn(process.execPath, [writer, database.url, number, '20'], {
        stdio: 'inherit',
      })
      const [code] = await once(child, 'exit')
      return code as unknown
    }),
  )
  expect(codes).toEqual(numbers.map(() => 0))

  await using store = await openPostgresStore({ ...here, url: database.url })
  expect(await store.counts('shared')).toEqual({ spans: 200, traces: 2 })
  const runs = await store.runs(10)
  expect(runs.map(({ id }) => id)).toHaveLength(3)
  for (const { id } of runs) {
    expect([await store.counts(id), (await store.spansOfRun(id)).length]).toEqual([
      { spans: 200, traces: 2 },
      200,
    ])
  }
  const [only, ...others] = await store.sessions(10)
  expect(others).toEqual([])
  const iterations = await store.iterations(only?.id ?? '', 1000)
  expect(iterations.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: 100 }, (_, at) => at + 1),
  )
  expect(await store.specVersions('a')).toHaveLength(20)
})

test('many that open an empty database at once make its tables once', async () => {
  await using database = await temporaryDatabase()
  const opening = Array.from({ length: 12 }, () =>
    openPostgresStore({ ...here, url: database.url }),
  )
  const stores = await Promise.all(opening)
  const found = await Promise.all(stores.map((store) => store.runs(1)))
  expect(found).toEqual(stores.map(() => []))
  await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
})

test('two places of a project share what has an id, and each has its own last run and session', async () => {
  verifies('O-06')
  await using opened = await temporaryPostgres(here)
  const { store, url } = opened
  await using ci = await openPostgresStore({ url, project: 'shop', place: 'ci' })
  await store.begin({ ...begun, id: 'mine' })
  await store.write('traces', encodeTraces([span({ id: 1 })]), 'mine')
  await ci.begin({ ...begun, id: 'theirs', startedAt: nanosOf(8n) })
  await ci.write('traces', encodeTraces([span({ id: 2 })]), 'theirs')
  await ci.finish('theirs', end)

  expect((await store.runs(10)).map(({ id }) => id)).toEqual(['mine'])
  expect((await store.run('theirs'))?.status).toBe('pass')
  expect((await store.lastPassing(['npm', 'test'], '/p'))?.exercised).toEqual(['checkout'])
  expect((await store.search({ limit: 10 })).total).toBe(2)
  // both sent one trace id: each place sees its own
  expect(await store.spansOfTrace(traceId(1))).toEqual([span({ id: 1 })])
  expect(await ci.spansOfTrace(traceId(1))).toEqual([span({ id: 2 })])

  await store.startSession({ ...session, id: 's-1', endsOpen: false })
  expect(await ci.openSession()).toBeUndefined()
  expect((await ci.startSession({ ...session, id: 's-2', endsOpen: true })).id).toBe('s-2')
  expect((await store.openSession())?.id).toBe('s-1')
  expect((await store.sessions(10)).map(({ id }) => id)).toEqual(['s-1'])
  expect((await store.session('s-2'))?.id).toBe('s-2')
})

test('nothing of one project is seen, changed or pruned by another, not even by equal ids', async () => {
  verifies('O-06')
  await using opened = await temporaryPostgres(here)
  const { store, url } = opened
  await using other = await openPostgresStore({ url, project: 'bank', place: 'here', maxRuns: 1 })
  await store.begin({ ...begun, id: 'r' })
  await store.write('traces', encodeTraces([span({ id: 1 })]), 'r')
  await store.finish('r', end)
  await store.keepSpecs([
    { path: 'a', name: 'a', sha256: '1', text: '', firstSeen: nanosOf(1n), origin: 'run' },
  ])
  await store.startSession({ ...session, id: 's', endsOpen: false })

  expect([await other.run('r'), await other.counts('r')]).toEqual([
    undefined,
    { spans: 0, traces: 0 },
  ])
  for (const id of ['r', 'r2', 'r3']) {
    await other.begin({ ...begun, id })
    await other.write('traces', encodeTraces([span({ id: 2 }), span({ id: 3 })]), id)
    await other.finish(id, { ...end, status: 'fail' })
  }
  await other.startSession({ ...session, id: 's', endsOpen: true })
  await other.endSession('s', nanosOf(8n))

  expect(await other.runs(10)).toHaveLength(1)
  expect((await store.run('r'))?.status).toBe('pass')
  expect(await store.spansOfTrace(traceId(1))).toEqual([span({ id: 1 })])
  expect((await store.search({ limit: 10 })).total).toBe(1)
  expect((await store.openSession())?.id).toBe('s')
  expect([await other.specVersions('a'), await other.keptSpecPath('a')]).toEqual([[], undefined])
})

test('a place that runs often is pruned before one that runs rarely', async () => {
  verifies('O-06')
  await using opened = await temporaryPostgres({ ...here, maxRuns: 3 })
  const { store, url } = opened
  await using ci = await openPostgresStore({ url, project: 'shop', place: 'ci', maxRuns: 3 })
  await store.begin({ ...begun, id: 'mine', startedAt: nanosOf(1n) })
  await store.finish('mine', { ...end, status: 'fail' })
  for (const number of [2, 3, 4, 5, 6]) {
    await ci.begin({ ...begun, id: `ci ${number}`, startedAt: nanosOf(BigInt(number)) })
    await ci.finish(`ci ${number}`, { ...end, status: 'fail' })
  }
  expect((await store.runs(10)).map(({ id }) => id)).toEqual(['mine'])
  expect((await ci.runs(10)).map(({ id }) => id)).toEqual(['ci 6', 'ci 5'])
})

test('a run that is being written to is not pruned, and what prunes does not wait for it', async () => {
  await using opened = await temporaryPostgres({ ...here, maxRuns: 1 })
  const { store, url } = opened
  await store.begin({ ...begun, id: 'written', startedAt: nanosOf(1n) })
  await store.finish('written', end)
  const other = new Client({ connectionString: url })
  await other.connect()
  try {
    await other.query('BEGIN')
    await other.query(`SELECT 1 FROM tracespec.runs WHERE id = 'written' FOR KEY SHARE`)
    await store.begin({ ...begun, id: 'next', startedAt: nanosOf(2n) })
    await store.finish('next', end)
    expect((await store.runs(10)).map(({ id }) => id)).toEqual(['next', 'written'])
  } finally {
    await other.end()
  }
})

test('what meets a deadlock or loses its connection is done again', async () => {
  await using opened = await temporaryPostgres(here)
  const { store, url } = opened
  const spans = (trace: number): Uint8Array => encodeTraces([span({ id: 1, trace })])
  await store.write('traces', spans(1), 'r')
  await store.write('traces', spans(2), 'r')
  const other = new Client({ connectionString: url })
  await other.connect()
  try {
    const lock = (trace: number): Promise<unknown> =>
      other.query('UPDATE tracespec.traces SET spans = spans WHERE trace_id = $1', [
        Buffer.from(traceId(trace), 'hex'),
      ])
    await other.query('BEGIN')
    await lock(2)
    const both = encodeTraces([1, 2].map((trace) => span({ id: 2, trace })))
    const written = store.write('traces', both, 'r')
    // it holds the first and waits for the second; now each waits for the other, and the server ends one of them
    await waiting(url)
    const crossed = lock(1).then(
      () => 'went on',
      () => 'was ended',
    )
    await Promise.race([crossed, written])
    await other.query('ROLLBACK')
    expect((await written).stored).toBe(2)
    expect(await crossed).toMatch(/^(?:went on|was ended)$/)
  } finally {
    await other.end()
  }
  await onServer(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'tracespec' AND datname = '${new URL(url).pathname.slice(1)}'`,
  )
  expect(await store.counts('r')).toEqual({ spans: 4, traces: 2 })
})

async function waiting(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (let tries = 0; tries < 500; tries += 1) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_locks WHERE NOT granted')
      if (rowCount !== 0) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('nobody waits')
  } finally {
    await client.end()
  }
}

test('texts with NUL are kept, NUL as its symbol', async () => {
  await using opened = await temporaryPostgres(here)
  const { store } = opened
  await store.startSession({ ...session, id: 's', goal: 'a\0b', endsOpen: false })
  expect((await store.openSession())?.goal).toBe('a\u2400b')
  const strange = span({ id: 1, name: 'a\0b' })
  await store.write('traces', encodeTraces([strange]), null)
  const { items } = await store.search({ operation: 'a\0b', limit: 1 })
  expect(items.map(({ rootName }) => rootName)).toEqual(['a\0b'])
})

test('a store of a newer tracespec is refused', async () => {
  await using opened = await temporaryPostgres(here)
  await onServer('UPDATE tracespec.version SET steps = 99', opened.url)
  await expect(openPostgresStore({ ...here, url: opened.url })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: 'the store was written by a newer tracespec',
  })
})

const secret = 'S3cret-of-the-test'

function urlWith(change: (url: URL) => void): string {
  const url = urlOf('POSTGRES_URL')
  url.password = secret
  change(url)
  return url.href
}

test('a server that is not there is a Fault that says what to do', async () => {
  const url = urlWith((one) => (one.port = '1'))
  await expect(openPostgresStore({ ...here, url })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    hint: 'start that database, or correct store: in tracespec.yaml; without it captures stay in .tracespec',
  })
})

test.for<readonly [string, () => string, string, RegExp]>([
  ['another scheme', () => `mysql://u:${secret}@h/d`, 'USAGE', /none of PostgreSQL/],
  ['no URL', () => `postgres//u:${secret}`, 'USAGE', /none of PostgreSQL/],
  [
    'a host that is not the one that it shows',
    () => urlWith((url) => url.searchParams.set('host', 'example.org')),
    'USAGE',
    /unknown parameter host/,
  ],
  ['a wrong password', () => urlWith(() => undefined), 'STORE_UNAVAILABLE', /refuses the user/],
  [
    'a closed port',
    () => urlWith((url) => (url.port = '1')),
    'STORE_UNAVAILABLE',
    /127\.0\.0\.1:1.*ECONNREFUSED/,
  ],
  [
    'a server without TLS where it is asked for',
    () => urlWith((url) => url.searchParams.set('sslmode', 'verify-full')),
    'STORE_UNAVAILABLE',
    /does not support SSL/,
  ],
])('%s is a Fault without the secret', async ([, url, code, message]) => {
  const fault = await openPostgresStore({ ...here, url: url() }).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(fault).toMatchObject({ name: 'Fault', code, message: expect.stringMatching(message) })
  expect(String((fault as Error).stack) + JSON.stringify(fault)).not.toContain(secret)
})

test('a server that says nothing is a Fault after the time allowed', async () => {
  const silent = createServer(() => undefined)
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const url = `postgres://u:${secret}@127.0.0.1:${port}/d`
  const startedMs = performance.now()
  await expect(openPostgresStore({ ...here, url, connectMs: 200 })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  })
  expect(performance.now() - startedMs).toBeLessThan(5_000)
  silent.close()
})

test('a lock that others hold too long is a Fault after the time allowed', async () => {
  await using opened = await temporaryPostgres(here)
  await using store = await openPostgresStore({ ...here, url: opened.url, lockMs: 50 })
  const other = new Client({ connectionString: opened.url })
  await other.connect()
  try {
    await other.query('BEGIN; LOCK TABLE tracespec.traces IN ACCESS EXCLUSIVE MODE')
    await expect(store.write('traces', encodeTraces([span({ id: 1 })]), 'r')).rejects.toMatchObject(
      { code: 'STORE_UNAVAILABLE' },
    )
  } finally {
    await other.end()
  }
  expect(await store.counts('r')).toEqual({ spans: 0, traces: 0 })
})
