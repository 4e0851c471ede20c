import type { DatabaseSync } from 'node:sqlite'
import type { RunStore, SessionStore, SpecVersions } from '../trace/ports.ts'
import { type DatabaseOptions, guarded, inTransaction, openDatabase } from './database.ts'
import { immediately } from './immediate.ts'
import { type Limits, prune } from './prune.ts'
import { spanReader } from './read-spans.ts'
import { numberOf } from './row.ts'
import { runsOfTrace, runTable } from './runs.ts'
import { searcher } from './search.ts'
import { sessionTable } from './sessions.ts'
import { specVersionTable } from './spec-versions.ts'
import { logWriter, metricWriter } from './write-records.ts'
import { spanWriter } from './write-spans.ts'

export interface Store extends RunStore, SessionStore, SpecVersions, AsyncDisposable {
  /** An ExportTraceServiceRequest in protobuf with all spans of a run, with every field that came. */
  requestOfRun(runId: string): Promise<Uint8Array>
  /** Keeps a run longest when others are pruned, or no longer. */
  star(runId: string, isStarred: boolean): Promise<void>
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
  const runsWith = runsOfTrace(database)
  const sessions = sessionTable(database)
  const specs = specVersionTable(database)
  const count = database.prepare(
    'SELECT coalesce(sum(spans), 0) AS spans, count(*) AS traces FROM traces WHERE run = ?',
  )
  return {
    write: (signal, protobuf, runId) =>
      answered(() => {
        const { buffer, byteOffset, byteLength } = protobuf
        const request = Buffer.from(buffer, byteOffset, byteLength)
        return inTransaction(database, () => writers[signal](request, runId ?? ''))
      }),
    begin: (run) => answered(() => runs.begin(run)),
    finish: (id, end) =>
      answered(() =>
        inTransaction(database, () => {
          runs.finish(id, end)
          prune(database, limits)
        }),
      ),
    run: (id) => answered(() => runs.run(id)),
    runs: (limit) => answered(() => runs.runs(limit)),
    lastPassing: (command, cwd) => answered(() => runs.lastPassing(command, cwd)),
    star: (id, isStarred) => answered(() => runs.star(id, isStarred)),
    counts: (runId) =>
      answered(() => {
        const row = count.get(runId) ?? {}
        return { spans: numberOf(row, 'spans'), traces: numberOf(row, 'traces') }
      }),
    spansOfRun: (runId) => answered(() => reader.ofRun(runId)),
    spansOfTrace: (traceId, runId) => answered(() => reader.ofTrace(traceId, runId)),
    runsOfTrace: (traceId) => answered(() => runsWith(traceId)),
    requestOfRun: (runId) => answered(() => reader.requestOfRun(runId)),
    search: (query) => answered(() => search(query)),
    startSession: (session) => answered(() => sessions.startSession(session)),
    endSession: (id, endedAt) => answered(() => sessions.endSession(id, endedAt)),
    openSession: () => answered(() => sessions.openSession()),
    session: (id) => answered(() => sessions.session(id)),
    sessions: (limit) => answered(() => sessions.sessions(limit)),
    addIteration: (id, iteration) => answered(() => sessions.addIteration(id, iteration)),
    iterations: (id, limit) => answered(() => sessions.iterations(id, limit)),
    setTokens: (runId, tokens) => answered(() => sessions.setTokens(runId, tokens)),
    keepSpecs: (versions) => answered(() => specs.keepSpecs(versions)),
    specVersions: (path) => answered(() => specs.specVersions(path)),
    keptSpecPath: (text) => answered(() => specs.keptSpecPath(text)),
    [Symbol.asyncDispose]: () => answered(() => database.close()),
  }
}

/** As a promise, which is settled as soon as it is made. */
function answered<T>(work: () => T): Promise<T> {
  return immediately(() => guarded(work))
}
