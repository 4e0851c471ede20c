import type { SpecVersions } from '../../trace/ports.ts'
import { textOf } from '../row.ts'
import { MAX_BYTES, MAX_VERSIONS, versionOf } from '../spec-versions.ts'
import type { Database } from './database.ts'
import type { Owner } from './owner.ts'

/** The table of spec versions, which is one for the whole project. */
export function specVersionTable(database: Database, { project }: Owner): SpecVersions {
  const { ask } = database
  return {
    async keepSpecs(versions) {
      const known = await ask(
        `SELECT path, sha256 FROM tracespec.spec_versions
         WHERE project = $1 AND path = ANY($2) AND sha256 = ANY($3)`,
        [project, versions.map(({ path }) => path), versions.map(({ sha256 }) => sha256)],
      )
      const kept = new Set(known.map((row) => `${textOf(row, 'sha256')} ${textOf(row, 'path')}`))
      const unknown = versions.filter(({ path, sha256 }) => !kept.has(`${sha256} ${path}`))
      if (unknown.length === 0) return
      await database.write(async (asking) => {
        // numbers are the order in which versions were first seen, so they are given one writer after the other
        await asking('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
          JSON.stringify(['tracespec specs', project]),
        ])
        for (const { path, sha256, name, text, firstSeen, origin } of unknown) {
          await asking(
            `INSERT INTO tracespec.spec_versions
             (project, path, sha256, name, text, bytes, first_seen, origin)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
            [project, path, sha256, name, text, Buffer.byteLength(text), firstSeen, origin],
          )
          await asking(beyondLimits, [project, path, MAX_VERSIONS, MAX_BYTES])
        }
      })
    },
    async specVersions(path) {
      const rows = await ask(
        `SELECT * FROM tracespec.spec_versions WHERE project = $1 AND path = $2
         ORDER BY number DESC`,
        [project, path],
      )
      return rows.map(versionOf)
    },
    async keptSpecPath(text) {
      const [row] = await ask(
        `SELECT path FROM tracespec.spec_versions WHERE project = $1 AND (path = $2 OR name = $2)
         ORDER BY path = $2 DESC, number DESC LIMIT 1`,
        [project, text],
      )
      return row === undefined ? undefined : textOf(row, 'path')
    },
  }
}

const beyondLimits = `
  DELETE FROM tracespec.spec_versions WHERE number IN (
    SELECT number FROM (
      SELECT number, row_number() OVER newest AS place, sum(bytes) OVER newest AS bytes
      FROM tracespec.spec_versions WHERE project = $1 AND path = $2
      WINDOW newest AS (ORDER BY number DESC)
    ) AS version WHERE place > 1 AND (place > $3 OR bytes > $4)
  )`
