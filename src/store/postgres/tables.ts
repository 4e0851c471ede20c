/**
 * The steps from nothing to the present tables, all in a schema of their own; `version` counts those that are done. The tables are
 * those of the embedded store, each row beside the project that it is of. What others send as text is bytes here: PostgreSQL's
 * texts refuse NUL and what is no UTF-8. Long values are found by their digests, for an index holds short ones.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE tracespec.runs (
    project text NOT NULL,
    id text NOT NULL,
    place text NOT NULL,
    command text NOT NULL,
    cwd text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    exit_code integer,
    signal text,
    evidence text,
    status text,
    exercised text NOT NULL DEFAULT '[]',
    result text,
    starred integer NOT NULL DEFAULT 0,
    PRIMARY KEY (project, id)
  );
  CREATE INDEX runs_by_start ON tracespec.runs (project, place, started_at DESC, id DESC);
  CREATE INDEX runs_passing ON tracespec.runs (project, md5(command), started_at DESC)
    WHERE status = 'pass';

  CREATE TABLE tracespec.resources (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project text NOT NULL,
    run text NOT NULL,
    digest bytea NOT NULL,
    service bytea NOT NULL,
    bytes bytea NOT NULL,
    UNIQUE (project, run, digest)
  );
  CREATE TABLE tracespec.scopes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource bigint NOT NULL,
    digest bytea NOT NULL,
    bytes bytea NOT NULL,
    UNIQUE (resource, digest)
  );
  CREATE TABLE tracespec.request_fields (
    project text NOT NULL,
    run text NOT NULL,
    digest bytea NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (project, run, digest)
  );

  CREATE TABLE tracespec.traces (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project text NOT NULL,
    run text NOT NULL,
    trace_id bytea NOT NULL,
    start bigint NOT NULL,
    spans integer NOT NULL,
    bytes bigint NOT NULL,
    UNIQUE (project, trace_id, run)
  ) WITH (fillfactor = 80);
  CREATE INDEX traces_by_run ON tracespec.traces (project, run);
  CREATE INDEX traces_by_start ON tracespec.traces (project, start DESC, trace_id, number);
  CREATE TABLE tracespec.spans (
    trace bigint NOT NULL,
    scope bigint NOT NULL,
    digest bytea NOT NULL,
    is_error boolean NOT NULL,
    start bigint NOT NULL,
    duration bigint NOT NULL,
    name bytea NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (trace, scope, digest)
  );

  CREATE TABLE tracespec.logs (
    scope bigint NOT NULL,
    digest bytea NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (scope, digest)
  );
  CREATE TABLE tracespec.metrics (
    scope bigint NOT NULL,
    digest bytea NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (scope, digest)
  );

  CREATE TABLE tracespec.sessions (
    project text NOT NULL,
    id text NOT NULL,
    place text NOT NULL,
    goal text,
    specs text NOT NULL,
    folder text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    PRIMARY KEY (project, id)
  );
  CREATE INDEX sessions_by_start ON tracespec.sessions (project, place, started_at DESC, id DESC);
  CREATE UNIQUE INDEX one_open_session ON tracespec.sessions (project, place)
    WHERE ended_at IS NULL;
  CREATE TABLE tracespec.iterations (
    project text NOT NULL,
    session text NOT NULL,
    ordinal integer NOT NULL,
    run text NOT NULL,
    command text NOT NULL,
    cwd text NOT NULL,
    options text NOT NULL,
    has_code integer NOT NULL,
    commit_id text,
    dirty text NOT NULL,
    dirty_total integer NOT NULL,
    digest text,
    status text NOT NULL,
    started_at bigint NOT NULL,
    duration_ms double precision NOT NULL,
    tokens integer,
    PRIMARY KEY (project, session, ordinal),
    UNIQUE (project, run),
    FOREIGN KEY (project, session) REFERENCES tracespec.sessions ON DELETE CASCADE
  );
  CREATE TABLE tracespec.iteration_specs (
    project text NOT NULL,
    session text NOT NULL,
    ordinal integer NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (project, session, ordinal, path),
    FOREIGN KEY (project, session, ordinal) REFERENCES tracespec.iterations ON DELETE CASCADE
  );
  CREATE TABLE tracespec.iteration_checks (
    project text NOT NULL,
    session text NOT NULL,
    ordinal integer NOT NULL,
    position integer NOT NULL,
    spec text NOT NULL,
    subject text NOT NULL,
    condition text NOT NULL,
    state text NOT NULL CHECK (state IN ('pass', 'fail', 'open')),
    label text NOT NULL,
    place text NOT NULL,
    PRIMARY KEY (project, session, ordinal, position),
    FOREIGN KEY (project, session, ordinal) REFERENCES tracespec.iterations ON DELETE CASCADE
  );

  CREATE TABLE tracespec.spec_versions (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project text NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    text text NOT NULL,
    bytes integer NOT NULL,
    first_seen bigint NOT NULL,
    origin text NOT NULL CHECK (origin IN ('run', 'check', 'define', 'update', 'found')),
    UNIQUE (project, path, sha256)
  );
  CREATE INDEX spec_versions_by_name ON tracespec.spec_versions (project, name);
  `,
]
