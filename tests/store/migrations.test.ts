import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { migrations } from '../../src/store/tables.ts'
import { encodeTraces } from '../../src/otlp/encode.ts'
import { nanosOf } from '../../src/trace/time.ts'
import { span } from '../trace/spans.ts'
import { temporaryFolder } from './temporary.ts'

test.for([1, 2])('a store of step %i keeps its runs and gets all tables', async (steps) => {
  using folder = temporaryFolder()
  const place = join(folder.path, '.tracespec')
  mkdirSync(place)
  const before = new DatabaseSync(join(place, 'tracespec.db'))
  for (const step of migrations.slice(0, steps)) before.exec(step)
  before.exec(`PRAGMA user_version = ${steps}`)
  before.exec(`INSERT INTO runs (id, command, cwd, started_at) VALUES ('r-0', '["ls"]', '/p', 7)`)
  before.close()

  await using store = openStore({ folder: place })
  const startedAt = nanosOf(1n)
  await store.write('traces', encodeTraces([span({ id: 1 })]), 'r-0')
  await store.startSession({
    id: 's-1',
    goal: undefined,
    specs: [],
    project: '/p',
    startedAt,
    endsOpen: false,
  })
  await store.keepSpecs([
    { path: 'a', name: 'a', sha256: '1', text: '', firstSeen: startedAt, origin: 'run' },
  ])
  const run = await store.run('r-0')
  const session = await store.openSession()
  expect([run?.command, (await store.counts('r-0')).spans, session?.id]).toEqual([['ls'], 1, 's-1'])
  expect(await store.specVersions('a')).toHaveLength(1)
})
