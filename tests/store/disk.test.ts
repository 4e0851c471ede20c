import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { span } from '../trace/spans.ts'
import { temporaryFolder, temporaryStore } from './temporary.ts'

const run = promisify(execFile)

test('the folder and its files are private and ignored by git', async () => {
  await using opened = temporaryStore()
  await opened.store.write('traces', encodeTraces([span({ id: 1 })]), 'r')
  const modes = readdirSync(opened.folder).map((name) => [
    name,
    (statSync(join(opened.folder, name)).mode & 0o777).toString(8),
  ])
  expect((statSync(opened.folder).mode & 0o777).toString(8)).toBe('700')
  expect(modes).toEqual([
    ['.gitignore', '600'],
    ['tracespec.db', '600'],
    ['tracespec.db-shm', '600'],
    ['tracespec.db-wal', '600'],
  ])
  expect(readFileSync(join(opened.folder, '.gitignore'), 'utf8')).toBe('*\n')
})

test('it is a WAL with synchronous=FULL', async () => {
  await using opened = temporaryStore()
  using other = new DatabaseSync(join(opened.folder, 'tracespec.db'))
  expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  // a commit is on disk before it is acknowledged: https://sqlite.org/pragma.html#pragma_synchronous
  const source = readFileSync(new URL('../../src/store/database.ts', import.meta.url), 'utf8')
  expect(source).toContain('PRAGMA synchronous = FULL')
})

test('several processes make and write one store at once', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, '.tracespec')
  const writer = fileURLToPath(new URL('writer.ts', import.meta.url))
  await Promise.all(
    ['1', '2', '3', '4'].map((number) => run(process.execPath, [writer, path, number, '50'])),
  )
  await using store = openStore({ folder: path })
  expect(await store.counts('shared')).toEqual({ spans: 2_000, traces: 4 })
})

test('what was written is there when the store is opened again', async () => {
  using folder = temporaryFolder()
  {
    await using first = openStore({ folder: folder.path })
    await first.write('traces', encodeTraces([span({ id: 1 })]), 'r')
  }
  await using second = openStore({ folder: folder.path })
  expect(await second.spansOfRun('r')).toEqual([span({ id: 1 })])
})

test('a store of a newer tracespec is refused', async () => {
  using folder = temporaryFolder()
  await openStore({ folder: folder.path })[Symbol.asyncDispose]()
  {
    using database = new DatabaseSync(join(folder.path, 'tracespec.db'))
    database.exec('PRAGMA user_version = 99')
  }
  expect(() => openStore({ folder: folder.path })).toThrow(
    expect.objectContaining({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('newer'),
    }),
  )
})

test.for<readonly [string, (folder: string) => void]>([
  [
    'a file that is no database',
    (folder) => writeFileSync(join(folder, 'tracespec.db'), 'x'.repeat(5000)),
  ],
  ['a folder in the place of the file', (folder) => mkdirSync(join(folder, 'tracespec.db'))],
])('%s is a Fault', ([, prepare]) => {
  using folder = temporaryFolder()
  prepare(folder.path)
  expect(() => openStore({ folder: folder.path })).toThrow(
    expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
  )
})

test('a file in the place of the folder is a Fault', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'file')
  writeFileSync(path, '')
  expect(() => openStore({ folder: path })).toThrow(
    expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
  )
})

test('a folder that may not be written is a Fault', () => {
  using folder = temporaryFolder()
  chmodSync(folder.path, 0o555)
  const module = new URL('../../src/store/store.ts', import.meta.url).href
  const program = `
    const { openStore } = await import('${module}')
    process.setuid?.(65534)
    try { openStore({ folder: process.argv[1] }) } catch (error) { console.log(error.name, error.code) }`
  const { stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, join(folder.path, 'store')],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('Fault STORE_UNAVAILABLE\n')
})

test('a store that another process keeps locked is a Fault after the time allowed', async () => {
  await using opened = temporaryStore({ busyTimeoutMs: 50 })
  using other = new DatabaseSync(join(opened.folder, 'tracespec.db'))
  other.exec('BEGIN IMMEDIATE')
  await expect(opened.store.write('traces', encodeTraces([span({ id: 1 })]), 'r')).rejects.toThrow(
    expect.objectContaining({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('locked'),
    }),
  )
})

async function fill(store: Store): Promise<void> {
  const large = new Map([['large', 'x'.repeat(100_000)]])
  for (let id = 0; id < 1_000; id += 1) {
    await store.write('traces', encodeTraces([span({ id, attributes: large })]), 'r')
  }
}

test('a full store is a Fault, keeps what it has and can be read', async () => {
  await using opened = temporaryStore({ maxPages: 200 })
  await expect(fill(opened.store)).rejects.toThrow(expect.objectContaining({ code: 'STORE_FULL' }))
  const { spans } = await opened.store.counts('r')
  expect(spans).toBeGreaterThan(10)
  expect(await opened.store.spansOfRun('r')).toHaveLength(spans)
  await opened.store.begin({ id: 'r', command: [], cwd: '', startedAt: span({ id: 1 }).start })
  expect(await opened.store.runs(1)).toHaveLength(1)
})

test('a full disk is a Fault', async (context) => {
  using folder = temporaryFolder()
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder.path])
  if (mounted.status !== 0) context.skip('needs the right to mount a tmpfs')
  try {
    await using store = openStore({ folder: join(folder.path, '.tracespec') })
    await expect(fill(store)).rejects.toThrow(expect.objectContaining({ code: 'STORE_FULL' }))
    expect(await store.spansOfRun('r')).toHaveLength((await store.counts('r')).spans)
  } finally {
    spawnSync('/bin/umount', [folder.path])
  }
})
