import type { DatabaseSync } from 'node:sqlite'
import type { EvidenceReason, LossyEnd, RunEvidence } from '../trace/evidence.ts'
import { Fault } from '../trace/fault.ts'
import type { TraceId } from '../trace/ids.ts'
import type { RunRecord, RunStore } from '../trace/ports.ts'
import { nanosOf } from '../trace/time.ts'
import type { Immediate } from './immediate.ts'
import { bigintOf, numberOf, optional, type Row, textOf } from './row.ts'

export type RunTable = Immediate<
  Pick<RunStore, 'begin' | 'finish' | 'run' | 'runs' | 'lastPassing'>
> & {
  /** Keeps a run when others are pruned, or no longer. */
  star(id: string, isStarred: boolean): void
}

/** Prepares the table of runs. */
export function runTable(database: DatabaseSync): RunTable {
  const add = database.prepare(
    'INSERT INTO runs (id, command, cwd, started_at) VALUES (?, ?, ?, ?)',
  )
  const end = database.prepare(
    `UPDATE runs SET ended_at = ?, exit_code = ?, signal = ?, evidence = ?, status = ?, exercised = ?, result = ?
     WHERE id = ?`,
  )
  const setStar = database.prepare('UPDATE runs SET starred = ? WHERE id = ?')
  const select = (rest: string): ReturnType<DatabaseSync['prepare']> => {
    const statement = database.prepare(`SELECT * FROM runs ${rest}`)
    statement.setReadBigInts(true)
    return statement
  }
  const byId = select('WHERE id = ?')
  const newest = select('ORDER BY started_at DESC, id DESC LIMIT ?')
  const passing = select(
    `WHERE command = ? AND cwd = ? AND status = 'pass' ORDER BY started_at DESC, id DESC LIMIT 1`,
  )
  return {
    begin({ id, command, cwd, startedAt }) {
      add.run(id, JSON.stringify(command), cwd, startedAt)
    },
    finish(id, run) {
      const { changes } = end.run(
        run.endedAt,
        run.exitCode ?? null,
        run.signal ?? null,
        evidenceText(run.evidence),
        run.status,
        JSON.stringify(run.exercised),
        run.resultJson,
        id,
      )
      if (Number(changes) === 0) throw new Fault('STORE_UNAVAILABLE', `no run ${id} to finish`)
    },
    run(id) {
      const row = byId.get(id)
      return row === undefined ? undefined : recordOf(row)
    },
    runs: (limit) => newest.all(limit).map(recordOf),
    lastPassing(command, cwd) {
      const row = passing.get(JSON.stringify(command), cwd)
      return row === undefined ? undefined : recordOf(row)
    },
    star(id, isStarred) {
      setStar.run(isStarred ? 1 : 0, id)
    },
  }
}

/** The runs that have a trace, newest first; null for what came outside of runs. */
export function runsOfTrace(
  database: DatabaseSync,
): (traceId: TraceId) => readonly (string | null)[] {
  const runs = database.prepare(
    `SELECT nullif(run, '') AS run FROM traces WHERE trace_id = ? ORDER BY number DESC`,
  )
  return (traceId) =>
    runs.all(Buffer.from(traceId, 'hex')).map((row) => optional(textOf, row, 'run') ?? null)
}

/** A row of `runs`. */
export function recordOf(row: Row): RunRecord {
  const endedAt = optional(bigintOf, row, 'ended_at')
  const evidence = optional(textOf, row, 'evidence')
  return {
    id: textOf(row, 'id'),
    command: textsOf(textOf(row, 'command')),
    cwd: textOf(row, 'cwd'),
    startedAt: nanosOf(bigintOf(row, 'started_at')),
    endedAt: endedAt === undefined ? undefined : nanosOf(endedAt),
    exitCode: optional(numberOf, row, 'exit_code'),
    signal: optional(textOf, row, 'signal'),
    evidence: evidence === undefined ? undefined : evidenceOf(evidence),
    status: optional(textOf, row, 'status'),
    exercised: textsOf(textOf(row, 'exercised')),
    resultJson: optional(textOf, row, 'result'),
  }
}

function textsOf(json: string): readonly string[] {
  const texts: unknown = JSON.parse(json)
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw damaged()
  return texts
}

function damaged(): Fault {
  return new Fault('STORE_UNAVAILABLE', 'the store is damaged: a run cannot be read')
}

interface StoredEvidence {
  readonly complete: boolean
  readonly reasons: readonly EvidenceReason[]
  /** Nanoseconds as decimal text, which JSON numbers do not hold. */
  readonly lossyEnds: readonly (Omit<LossyEnd, 'from' | 'to'> & {
    readonly from: string
    readonly to: string
  })[]
}

/** As a column holds it. */
export function evidenceText(evidence: RunEvidence): string {
  const lossyEnds = evidence.lossyEnds.map((end) => ({
    ...end,
    from: String(end.from),
    to: String(end.to),
  }))
  const stored: StoredEvidence = { ...evidence, lossyEnds }
  return JSON.stringify(stored)
}

function evidenceOf(text: string): RunEvidence {
  const stored: unknown = JSON.parse(text)
  if (!isEvidence(stored)) throw damaged()
  const lossyEnds = stored.lossyEnds.map((end) => ({
    ...end,
    from: nanosOf(BigInt(end.from)),
    to: nanosOf(BigInt(end.to)),
  }))
  return { ...stored, lossyEnds }
}

/** Written by `evidenceText`; its parts are trusted as all that the store holds. */
function isEvidence(json: unknown): json is StoredEvidence {
  return typeof json === 'object' && json !== null && 'reasons' in json && 'lossyEnds' in json
}
