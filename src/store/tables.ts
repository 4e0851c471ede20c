import { sessionTables } from './session-tables.ts'
import { specVersionTables } from './spec-version-tables.ts'

/**
 * The steps from an empty database to the present one; `PRAGMA user_version` counts those that are done.
 * A span's row id is its trace's number times `idsPerTrace` and a slot that its content decides: one tree holds the rows
 * of a trace together, finds a retry, and needs no index beside it.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    cwd TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    exit_code INTEGER,
    signal TEXT,
    evidence TEXT,
    status TEXT,
    exercised TEXT NOT NULL DEFAULT '[]',
    result TEXT,
    starred INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX runs_by_start ON runs (started_at);

  CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    service TEXT NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (run, bytes)
  ) STRICT;
  CREATE TABLE scopes (
    id INTEGER PRIMARY KEY,
    resource INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (resource, bytes)
  ) STRICT;
  CREATE TABLE request_fields (
    run TEXT NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (run, bytes)
  ) STRICT;

  CREATE TABLE traces (
    number INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    trace_id BLOB NOT NULL,
    start INTEGER NOT NULL,
    spans INTEGER NOT NULL,
    UNIQUE (trace_id, run)
  ) STRICT;
  CREATE INDEX traces_by_run ON traces (run);
  CREATE TABLE spans (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    is_root INTEGER NOT NULL,
    is_error INTEGER NOT NULL,
    start INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE logs (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (scope, bytes)
  ) STRICT;
  CREATE TABLE metrics (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (scope, bytes)
  ) STRICT;
  `,
  sessionTables,
  specVersionTables,
]

/** How many rows a trace has room for; more than two gigabytes of spans. */
export const idsPerTrace: number = 2 ** 22
