/** The step that adds sessions to a store. An index over a constant keeps a second one from being open. */
export const sessionTables: string = `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    goal TEXT,
    specs TEXT NOT NULL,
    project TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT;
  CREATE INDEX sessions_by_start ON sessions (started_at);
  CREATE UNIQUE INDEX one_open_session ON sessions (ended_at IS NULL) WHERE ended_at IS NULL;

  CREATE TABLE iterations (
    session TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    run TEXT NOT NULL UNIQUE,
    command TEXT NOT NULL,
    cwd TEXT NOT NULL,
    options TEXT NOT NULL,
    has_code INTEGER NOT NULL,
    commit_id TEXT,
    dirty TEXT NOT NULL,
    dirty_total INTEGER NOT NULL,
    digest TEXT,
    status TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    tokens INTEGER,
    PRIMARY KEY (session, ordinal)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE iteration_specs (
    session TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (session, ordinal, path)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE iteration_checks (
    session TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    position INTEGER NOT NULL,
    spec TEXT NOT NULL,
    subject TEXT NOT NULL,
    condition TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pass', 'fail', 'open')),
    label TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (session, ordinal, position)
  ) STRICT, WITHOUT ROWID;
`
