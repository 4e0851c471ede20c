/** The step that adds the versions of specs to a store; their numbers are the order in which they were first seen. */
export const specVersionTables: string = `
  CREATE TABLE spec_versions (
    number INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('run', 'check', 'define', 'update', 'found')),
    UNIQUE (path, sha256)
  ) STRICT;
  CREATE INDEX spec_versions_by_name ON spec_versions (name);
`
