import { Fault } from '../../trace/fault.ts'
import { numberOf } from '../row.ts'
import type { Ask, Database } from './database.ts'
import { migrations } from './tables.ts'

/** Brings the tables to the present version; of several that begin at once one does it, the others wait. */
export async function migrate(database: Database): Promise<void> {
  if ((await versionIn(database.ask)) === migrations.length) return
  await database.write(async (ask) => {
    await ask('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const version = await versionIn(ask)
    if (version > migrations.length) {
      throw new Fault('STORE_UNAVAILABLE', 'the store was written by a newer tracespec', {
        hint: 'update tracespec',
      })
    }
    if (version === 0) {
      await ask('CREATE SCHEMA IF NOT EXISTS tracespec')
      await ask('CREATE TABLE IF NOT EXISTS tracespec.version (steps integer NOT NULL)')
    }
    for (const step of migrations.slice(version)) await ask(step)
    await ask('DELETE FROM tracespec.version')
    await ask('INSERT INTO tracespec.version VALUES ($1)', [migrations.length])
  })
}

/** A number that nobody else is likely to take: the first bytes of `tracespec`. */
const MIGRATION_LOCK = 0x7472616365737065n

async function versionIn(ask: Ask): Promise<number> {
  // read as a table: by name a connection may still believe in its cache what was so before it waited
  const found = await ask(
    `SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'tracespec' AND tablename = 'version'`,
  )
  if (found.length === 0) return 0
  const [row] = await ask('SELECT steps FROM tracespec.version')
  return row === undefined ? 0 : numberOf(row, 'steps')
}
