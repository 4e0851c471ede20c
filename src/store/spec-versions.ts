import type { DatabaseSync } from 'node:sqlite'
import type { SpecOrigin, SpecVersion, SpecVersions } from '../trace/ports.ts'
import { nanosOf } from '../trace/time.ts'
import { inTransaction } from './database.ts'
import type { Immediate } from './immediate.ts'
import { bigintOf, damaged, type Row, textOf } from './row.ts'

/** Versions of one spec beyond so many, or so many bytes, are forgotten, the oldest first; the newest stays. */
export const MAX_VERSIONS: number = 100
export const MAX_BYTES: number = 4 * 2 ** 20

/** Prepares the table of spec versions. */
export function specVersionTable(database: DatabaseSync): Immediate<SpecVersions> {
  const find = database.prepare('SELECT 1 FROM spec_versions WHERE path = ? AND sha256 = ?')
  const add = database.prepare(
    `INSERT OR IGNORE INTO spec_versions (path, sha256, name, text, bytes, first_seen, origin)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const forget = database.prepare(beyondLimits)
  const ofPath = database.prepare('SELECT * FROM spec_versions WHERE path = ? ORDER BY number DESC')
  ofPath.setReadBigInts(true)
  const pathOf = database.prepare(
    `SELECT path FROM spec_versions WHERE path = ? OR name = ?
     ORDER BY path = ? DESC, number DESC LIMIT 1`,
  )
  return {
    keepSpecs(versions) {
      const unknown = versions.filter(({ path, sha256 }) => find.get(path, sha256) === undefined)
      if (unknown.length === 0) return
      inTransaction(database, () => {
        for (const { path, sha256, name, text, firstSeen, origin } of unknown) {
          add.run(path, sha256, name, text, Buffer.byteLength(text), firstSeen, origin)
          forget.run(path, MAX_VERSIONS, MAX_BYTES)
        }
      })
    },
    specVersions: (path) => ofPath.all(path).map(versionOf),
    keptSpecPath(text) {
      const row = pathOf.get(text, text, text)
      return row === undefined ? undefined : textOf(row, 'path')
    },
  }
}

const beyondLimits = `
  DELETE FROM spec_versions WHERE number IN (
    SELECT number FROM (
      SELECT number, row_number() OVER newest AS place, sum(bytes) OVER newest AS bytes
      FROM spec_versions WHERE path = ? WINDOW newest AS (ORDER BY number DESC)
    ) WHERE place > 1 AND (place > ? OR bytes > ?)
  )`

/** A row of `spec_versions`. */
export function versionOf(row: Row): SpecVersion {
  return {
    path: textOf(row, 'path'),
    sha256: textOf(row, 'sha256'),
    name: textOf(row, 'name'),
    text: textOf(row, 'text'),
    firstSeen: nanosOf(bigintOf(row, 'first_seen')),
    origin: originOf(textOf(row, 'origin')),
  }
}

function originOf(text: string): SpecOrigin {
  switch (text) {
    case 'run':
    case 'check':
    case 'define':
    case 'update':
    case 'found':
      return text
  }
  return damaged('origin')
}
