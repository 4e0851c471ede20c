import type { DatabaseSync } from 'node:sqlite'
import type { RunStore, SessionStore, SpecVersions } from '../trace/ports.ts'
import { type DatabaseOptions, guarded, inTransaction, openDatabase } from './database.ts'
import { type Limits, prune } from './prune.ts'
import { spanReader } from './read-spans.ts'
import { numberOf } from './row.ts'
import { runTable } from './runs.ts'
import { searcher } from './search.ts'
import { sessionTable } from './sessions.ts'
import { specVersionTable } from './spec-versions.ts'
import { logWriter, metricWriter } from './write-records.ts'
import { spanWriter } from './write-spans.ts'

export interface Store extends RunStore, SessionStore, SpecVersions, Disposable {
  /** An ExportTraceServiceRequest in protobuf with all spans of a run, with every field that came. */
  requestOfRun(runId: string): Uint8Array
  /** Keeps a run longest when others are pruned, or no longer. */
  star(runId: string, isStarred: boolean): void
}

export type StoreOptions = Pick<DatabaseOptions, 'folder'> &
  Partial<Omit<DatabaseOptions, 'folder'> & Limits>

/**
 * Opens the store in a folder of its own, which is made when it is missing. Several processes may have it open. Every
 * operation may throw a Fault: STORE_UNAVAILABLE, STORE_FULL, and `write` TRACE_INVALID for what is no OTLP.
 */
export function openStore(options: StoreOptions): Store {
  const database = openDatabase({ busyTimeoutMs: 5_000, ...options })
  return guarded(() => storeOn(database, { maxRuns: 200, maxBytes: 2 * 2 ** 30, ...options }))
}

function storeOn(database: DatabaseSync, limits: Limits): Store {
  const writers = {
    traces: spanWriter(database),
    logs: logWriter(database),
    metrics: metricWriter(database),
  }
  const reader = spanReader(database)
  const search = searcher(database, reader)
  const runs = runTable(database)
  const sessions = sessionTable(database)
  const specs = specVersionTable(database)
  const count = database.prepare(
    'SELECT coalesce(sum(spans), 0) AS spans, count(*) AS traces FROM traces WHERE run = ?',
  )
  return {
    write: (signal, protobuf, runId) =>
      guarded(() => {
        const { buffer, byteOffset, byteLength } = protobuf
        const request = Buffer.from(buffer, byteOffset, byteLength)
        return inTransaction(database, () => writers[signal](request, runId ?? ''))
      }),
    begin: (run) => guarded(() => runs.begin(run)),
    finish: (id, end) =>
      guarded(() =>
        inTransaction(database, () => {
          runs.finish(id, end)
          prune(database, limits)
        }),
      ),
    run: (id) => guarded(() => runs.run(id)),
    runs: (limit) => guarded(() => runs.runs(limit)),
    lastPassing: (command, cwd) => guarded(() => runs.lastPassing(command, cwd)),
    star: (id, isStarred) => guarded(() => runs.star(id, isStarred)),
    counts: (runId) =>
      guarded(() => {
        const row = count.get(runId) ?? {}
        return { spans: numberOf(row, 'spans'), traces: numberOf(row, 'traces') }
      }),
    spansOfRun: (runId) => guarded(() => reader.ofRun(runId)),
    spansOfTrace: (traceId) => guarded(() => reader.ofTrace(traceId)),
    requestOfRun: (runId) => guarded(() => reader.requestOfRun(runId)),
    search: (query) => guarded(() => search(query)),
    startSession: (session) => guarded(() => sessions.startSession(session)),
    endSession: (id, endedAt) => guarded(() => sessions.endSession(id, endedAt)),
    openSession: () => guarded(() => sessions.openSession()),
    session: (id) => guarded(() => sessions.session(id)),
    sessions: (limit) => guarded(() => sessions.sessions(limit)),
    addIteration: (id, iteration) => guarded(() => sessions.addIteration(id, iteration)),
    iterations: (id, limit) => guarded(() => sessions.iterations(id, limit)),
    setTokens: (runId, tokens) => guarded(() => sessions.setTokens(runId, tokens)),
    keepSpecs: (versions) => guarded(() => specs.keepSpecs(versions)),
    specVersions: (path) => guarded(() => specs.specVersions(path)),
    keptSpecPath: (text) => guarded(() => specs.keptSpecPath(text)),
    [Symbol.dispose]: () => database.close(),
  }
}
