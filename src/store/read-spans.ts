import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { assembleRequest, type KeptItem } from '../otlp/assemble.ts'
import { concat } from '../otlp/concat.ts'
import { decodeResource, decodeScope, decodeSpan } from '../otlp/decode.ts'
import type { TraceId } from '../trace/ids.ts'
import type { Resource, Scope, Span } from '../trace/span.ts'
import { bytesOf, numberOf, type Row } from './row.ts'
import { idsPerTrace } from './tables.ts'

/** A condition on a span `s`, its scope `c` and its resource `r`, with its values. */
export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

export interface SpanReader {
  ofRun(runId: string): readonly Span[]
  /** The spans of the newest run that saw the trace, or of one run: programs with fixed ids send one trace id in every run. */
  ofTrace(traceId: TraceId, runId?: string | null): readonly Span[]
  /** The spans of one row of `traces`. */
  ofNumber(number: bigint): readonly Span[]
  /** Prepares reading those of them that meet a condition, each decoded when it is asked for. */
  where(condition: Condition): (number: bigint) => IteratorObject<Span>
  /** An ExportTraceServiceRequest with all spans of a run, with every field that came. */
  requestOfRun(runId: string): Uint8Array
}

/** Prepares the reading of spans; they are decoded when they are read. */
export function spanReader(database: DatabaseSync): SpanReader {
  const rows = (where: string, joined = ''): StatementSync =>
    database.prepare(
      `SELECT s.scope, s.bytes FROM traces t
       JOIN spans s ON s.id BETWEEN t.number * ${idsPerTrace} AND (t.number + 1) * ${idsPerTrace} - 1
       ${joined} WHERE ${where} ORDER BY s.id`,
    )
  const byRun = rows('t.run = ?')
  const byTrace = rows('t.number = (SELECT max(number) FROM traces WHERE trace_id = ?)')
  const byTraceAndRun = rows('t.trace_id = ? AND t.run = ?')
  const byNumber = rows('t.number = ?')
  const requestFields = database.prepare('SELECT bytes FROM request_fields WHERE run = ?')
  const groups = groupReader(database)

  function decoder(): (row: Row) => Span | undefined {
    const groupOf = groups()
    return (row) => {
      const { resource, scope } = groupOf(numberOf(row, 'scope'))
      return decodeSpan(bytesOf(row, 'bytes'), resource, scope)
    }
  }

  function decoded(statement: StatementSync, ...keys: SQLInputValue[]): readonly Span[] {
    return statement
      .all(...keys)
      .map(decoder())
      .filter((span) => span !== undefined)
  }

  function kept(runId: string): readonly KeptItem[] {
    const groupOf = groups()
    return byRun.all(runId).map((row) => {
      const { resourceBytes, scopeBytes } = groupOf(numberOf(row, 'scope'))
      return { resource: resourceBytes, scope: scopeBytes, item: bytesOf(row, 'bytes') }
    })
  }

  return {
    ofRun: (runId) => decoded(byRun, runId),
    ofTrace: (traceId, runId) => {
      const id = Buffer.from(traceId, 'hex')
      return runId === undefined ? decoded(byTrace, id) : decoded(byTraceAndRun, id, runId ?? '')
    },
    ofNumber: (number) => decoded(byNumber, number),
    where({ sql, values }) {
      const statement = rows(`t.number = ? AND ${sql}`, groupsOfSpan)
      const decode = decoder()
      return (number) =>
        statement
          .iterate(number, ...values)
          .map(decode)
          .filter((span) => span !== undefined)
    },
    requestOfRun: (runId) => {
      const fields = requestFields.all(runId).map((row) => bytesOf(row, 'bytes'))
      return assembleRequest(kept(runId), concat(fields))
    },
  }
}

const groupsOfSpan = 'JOIN scopes c ON c.id = s.scope JOIN resources r ON r.id = c.resource'

interface Group {
  readonly resource: Resource
  readonly resourceBytes: Uint8Array
  readonly scope: Scope
  readonly scopeBytes: Uint8Array
}

/** Each resource and scope is read once and shared by its spans. */
function groupReader(database: DatabaseSync): () => (scope: number) => Group {
  const findGroup = database.prepare(
    `SELECT c.bytes AS scope, r.bytes AS resource, r.id
     FROM scopes c JOIN resources r ON r.id = c.resource WHERE c.id = ?`,
  )
  return () => {
    const resources = new Map<number, Pick<Group, 'resource' | 'resourceBytes'>>()
    const known = new Map<number, Group>()
    return (scope) => {
      const before = known.get(scope)
      if (before !== undefined) return before
      const row = findGroup.get(scope) ?? {}
      const id = numberOf(row, 'id')
      const resourceBytes = bytesOf(row, 'resource')
      const owner = resources.get(id) ?? { resource: decodeResource(resourceBytes), resourceBytes }
      resources.set(id, owner)
      const scopeBytes = bytesOf(row, 'scope')
      const group = { ...owner, scope: decodeScope(scopeBytes), scopeBytes }
      known.set(scope, group)
      return group
    }
  }
}
