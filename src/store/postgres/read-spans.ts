import { assembleRequest } from '../../otlp/assemble.ts'
import { concat } from '../../otlp/concat.ts'
import { decodeResource, decodeScope, decodeSpan } from '../../otlp/decode.ts'
import type { TraceId } from '../../trace/ids.ts'
import type { Resource, Scope, Span } from '../../trace/span.ts'
import { bigintOf, bytesOf, damaged, textOf, type Row } from '../row.ts'
import type { Ask, Database } from './database.ts'
import type { Owner } from './owner.ts'

export interface SpanReader {
  ofRun(runId: string): Promise<readonly Span[]>
  /** The spans of the newest run that saw the trace; of this place's own runs when one of them did. */
  ofTrace(traceId: TraceId): Promise<readonly Span[]>
  /** Those that one run saw; empty for what came outside of runs. */
  ofTraceIn(traceId: TraceId, runId: string): Promise<readonly Span[]>
  /** In the order of `ofTrace`; empty for what came outside of runs. */
  runsOfTrace(traceId: TraceId): Promise<readonly string[]>
  /** An ExportTraceServiceRequest with all spans of a run, with every field that came. */
  requestOfRun(runId: string): Promise<Uint8Array>
}

const inOrder = 'ORDER BY s.trace, s.start, s.digest'
const ofRun = `
  SELECT s.scope, s.bytes FROM tracespec.traces t JOIN tracespec.spans s ON s.trace = t.number
  WHERE t.project = $1 AND t.run = $2 ${inOrder}`
const newestFirst = `
    FROM tracespec.traces t
    LEFT JOIN tracespec.runs r ON r.project = t.project AND r.id = t.run
    WHERE t.project = $1 AND t.trace_id = $2
    ORDER BY coalesce(r.place = $3, false) DESC, t.number DESC`
const ofTrace = `
  SELECT s.scope, s.bytes FROM tracespec.spans s WHERE s.trace = (
    SELECT t.number ${newestFirst} LIMIT 1
  ) ${inOrder}`
const ofTraceIn = `
  SELECT s.scope, s.bytes FROM tracespec.traces t JOIN tracespec.spans s ON s.trace = t.number
  WHERE t.project = $1 AND t.trace_id = $2 AND t.run = $3 ${inOrder}`

/** The spans are decoded when they are read. */
export function spanReader({ read }: Database, { project, place }: Owner): SpanReader {
  return {
    ofRun: (runId) => read(async (ask) => decoded(ask, await ask(ofRun, [project, runId]))),
    ofTrace: (traceId) =>
      read(async (ask) =>
        decoded(ask, await ask(ofTrace, [project, Buffer.from(traceId, 'hex'), place])),
      ),
    ofTraceIn: (traceId, runId) =>
      read(async (ask) =>
        decoded(ask, await ask(ofTraceIn, [project, Buffer.from(traceId, 'hex'), runId])),
      ),
    runsOfTrace: (traceId) =>
      read(async (ask) => {
        const asked = [project, Buffer.from(traceId, 'hex'), place]
        return (await ask(`SELECT t.run ${newestFirst}`, asked)).map((row) => textOf(row, 'run'))
      }),
    requestOfRun: (runId) =>
      read(async (ask) => {
        const rows = await ask(ofRun, [project, runId])
        const groups = await groupsOf(ask, rows)
        const items = rows.map((row) => {
          const { resourceBytes, scopeBytes } = groupOf(groups, row)
          return { resource: resourceBytes, scope: scopeBytes, item: bytesOf(row, 'bytes') }
        })
        const fields = await ask(
          'SELECT bytes FROM tracespec.request_fields WHERE project = $1 AND run = $2',
          [project, runId],
        )
        return assembleRequest(items, concat(fields.map((row) => bytesOf(row, 'bytes'))))
      }),
  }
}

/** Rows with `scope` and `bytes` as spans. */
async function decoded(ask: Ask, rows: readonly Row[]): Promise<readonly Span[]> {
  return (await decodedEach(ask, rows)).filter((span) => span !== undefined)
}

/** As `decoded`, one for each row; each resource and scope is read once and shared by its spans. */
export async function decodedEach(
  ask: Ask,
  rows: readonly Row[],
): Promise<readonly (Span | undefined)[]> {
  const groups = await groupsOf(ask, rows)
  return rows.map((row) => {
    const { resource, scope } = groupOf(groups, row)
    return decodeSpan(bytesOf(row, 'bytes'), resource, scope)
  })
}

interface Group {
  readonly resource: Resource
  readonly resourceBytes: Uint8Array
  readonly scope: Scope
  readonly scopeBytes: Uint8Array
}

type Groups = ReadonlyMap<bigint, Group>

function groupOf(groups: Groups, row: Row): Group {
  return groups.get(bigintOf(row, 'scope')) ?? damaged('scope')
}

async function groupsOf(ask: Ask, rows: readonly Row[]): Promise<Groups> {
  const scopes = [...new Set(rows.map((row) => bigintOf(row, 'scope')))]
  const found = await ask(
    `SELECT c.id, c.bytes AS scope, c.resource AS owner, r.bytes AS resource
     FROM tracespec.scopes c JOIN tracespec.resources r ON r.id = c.resource
     WHERE c.id = ANY($1::bigint[])`,
    [scopes],
  )
  const owners = new Map<bigint, Pick<Group, 'resource' | 'resourceBytes'>>()
  const groups = new Map<bigint, Group>()
  for (const row of found) {
    const id = bigintOf(row, 'owner')
    const resourceBytes = bytesOf(row, 'resource')
    const owner = owners.get(id) ?? { resource: decodeResource(resourceBytes), resourceBytes }
    owners.set(id, owner)
    const scopeBytes = bytesOf(row, 'scope')
    groups.set(bigintOf(row, 'id'), { ...owner, scope: decodeScope(scopeBytes), scopeBytes })
  }
  return groups
}
