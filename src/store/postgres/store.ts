import { numberOf } from '../row.ts'
import type { Limits } from '../prune.ts'
import type { Store } from '../store.ts'
import { serverAt, type Timeouts } from './connection.ts'
import { only, openDatabase, type Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { Owner } from './owner.ts'
import { prune } from './prune.ts'
import { spanReader } from './read-spans.ts'
import { runTable } from './runs.ts'
import { searcher } from './search.ts'
import { sessionTable } from './sessions.ts'
import { specVersionTable } from './spec-versions.ts'
import { writer } from './write.ts'

export interface PostgresOptions extends Owner, Partial<Limits>, Partial<Timeouts> {
  /** `postgres://...` with its credentials; never shown. */
  readonly url: string
}

/**
 * Opens the store in a PostgreSQL database, its tables made or migrated as needed. Many processes, projects and places may have it
 * open. Every operation may throw a Fault: STORE_UNAVAILABLE, STORE_FULL, and `write` TRACE_INVALID for what is no OTLP; opening
 * also USAGE for a URL of another form and PACKAGE_MISSING.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const timeouts = { connectMs: 5_000, statementMs: 30_000, lockMs: 10_000, ...options }
  const database = await openDatabase(serverAt(options.url, timeouts))
  try {
    await migrate(database)
  } catch (cause) {
    await database[Symbol.asyncDispose]()
    throw cause
  }
  return storeOn(database, { maxRuns: 2_000, maxBytes: 20 * 2 ** 30, ...options })
}

function storeOn(database: Database, options: Owner & Limits): Store {
  const { project } = options
  const reader = spanReader(database, options)
  const runs = runTable(database, options)
  return {
    write: writer(database, options),
    ...runs,
    async finish(id, end) {
      await runs.finish(id, end)
      await prune(database, options, { ...options, now: end.endedAt })
    },
    async counts(runId) {
      const rows = await database.ask(
        `SELECT coalesce(sum(spans), 0) AS spans, count(*) AS traces FROM tracespec.traces
         WHERE project = $1 AND run = $2`,
        [project, runId],
      )
      const row = only(rows, 'spans')
      return { spans: numberOf(row, 'spans'), traces: numberOf(row, 'traces') }
    },
    spansOfRun: (runId) => reader.ofRun(runId),
    spansOfTrace: (traceId, runId) =>
      runId === undefined ? reader.ofTrace(traceId) : reader.ofTraceIn(traceId, runId ?? ''),
    runsOfTrace: async (traceId) =>
      (await reader.runsOfTrace(traceId)).map((run) => (run === '' ? null : run)),
    requestOfRun: (runId) => reader.requestOfRun(runId),
    search: searcher(database, options),
    ...sessionTable(database, options),
    ...specVersionTable(database, options),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
