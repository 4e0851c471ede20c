import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { openPostgresStore, type PostgresOptions } from '../../src/store/postgres/store.ts'
import type { Store } from '../../src/store/store.ts'
import { urlOf } from './servers.ts'

/** A new database on the server, dropped in the end. */
export async function temporaryDatabase(): Promise<AsyncDisposable & { readonly url: string }> {
  const name = `tracespec_test_${randomBytes(6).toString('hex')}`
  const url = urlOf('POSTGRES_URL')
  await onServer(`CREATE DATABASE ${name}`)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`),
  }
}

/** One statement in the server's first database. */
export async function onServer(
  sql: string,
  url: string = urlOf('POSTGRES_URL').href,
): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** A store in a database of its own. */
export async function temporaryPostgres(
  options: Partial<PostgresOptions> = {},
): Promise<AsyncDisposable & { readonly store: Store; readonly url: string }> {
  const database = await temporaryDatabase()
  const store = await openPostgresStore({
    project: 'shop',
    place: 'here',
    url: database.url,
    ...options,
  })
  return {
    store,
    url: database.url,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
