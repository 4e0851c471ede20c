import type { DatabaseSync } from 'node:sqlite'
import type {
  CheckVerdict,
  CodeState,
  IterationRecord,
  SessionStore,
  SpecVerdict,
} from '../trace/ports.ts'
import { nanosOf } from '../trace/time.ts'
import { inTransaction } from './database.ts'
import type { Immediate } from './immediate.ts'
import { bigintOf, damaged, numberOf, optional, realOf, type Row, textOf, textsOf } from './row.ts'

export type IterationTable = Immediate<
  Pick<SessionStore, 'addIteration' | 'iterations' | 'setTokens'>
> & {
  /** Deletes the iterations of a session. */
  readonly forget: (sessionId: string) => void
}

/** Prepares the tables of what the runs of sessions came to. */
export function iterationTable(database: DatabaseSync): IterationTable {
  const setTokens = database.prepare('UPDATE iterations SET tokens = ? WHERE run = ?')
  const tables = ['iterations', 'iteration_specs', 'iteration_checks']
  const forget = tables.map((table) => database.prepare(`DELETE FROM ${table} WHERE session = ?`))
  return {
    addIteration: adder(database),
    iterations: reader(database),
    setTokens: (runId, tokens) => void setTokens.run(tokens, runId),
    forget: (id) => {
      for (const statement of forget) statement.run(id)
    },
  }
}

function adder(database: DatabaseSync): IterationTable['addIteration'] {
  const next = database.prepare(
    'SELECT coalesce(max(ordinal), 0) + 1 AS ordinal FROM iterations WHERE session = ?',
  )
  const add = database.prepare(
    `INSERT INTO iterations (session, ordinal, run, command, cwd, options, has_code, commit_id, dirty, dirty_total,
     digest, status, started_at, duration_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const addSpec = database.prepare('INSERT INTO iteration_specs VALUES (?, ?, ?, ?, ?, ?)')
  const addCheck = database.prepare(
    'INSERT INTO iteration_checks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  return (id, iteration) =>
    inTransaction(database, () => {
      const ordinal = numberOf(next.get(id) ?? {}, 'ordinal')
      const { runId, command, cwd, options, code, status, startedAt, durationMs } = iteration
      const texts = [runId, JSON.stringify(command), cwd, JSON.stringify(options)] as const
      add.run(id, ordinal, ...texts, ...codeColumns(code), status, startedAt, durationMs)
      for (const spec of iteration.specs) {
        addSpec.run(id, ordinal, spec.name, spec.path, spec.sha256, spec.status)
      }
      for (const [position, check] of iteration.checks.entries()) {
        const { spec, subject, condition, state, label, at } = check
        addCheck.run(id, ordinal, position, spec, subject, condition, state, label, at)
      }
      return ordinal
    })
}

function reader(database: DatabaseSync): IterationTable['iterations'] {
  const newest = database.prepare(
    'SELECT * FROM iterations WHERE session = ? ORDER BY ordinal DESC LIMIT ?',
  )
  newest.setReadBigInts(true)
  const specs = database.prepare(
    'SELECT * FROM iteration_specs WHERE session = ? AND ordinal = ? ORDER BY path',
  )
  const checks = database.prepare(
    'SELECT * FROM iteration_checks WHERE session = ? AND ordinal = ? ORDER BY position',
  )
  return (id, limit) =>
    newest
      .all(id, limit)
      .toReversed()
      .map((row) => {
        const ordinal = numberOf(row, 'ordinal')
        return {
          ...iterationOf(row, ordinal),
          specs: specs.all(id, ordinal).map(specOf),
          checks: checks.all(id, ordinal).map(checkOf),
        }
      })
}

/** The five columns of the code's state. */
export function codeColumns(
  code: CodeState | undefined,
): readonly [number, string | null, string, number, string | null] {
  if (code === undefined) return [0, null, '[]', 0, null]
  const { commit, dirty, dirtyTotal, digest } = code
  return [1, commit ?? null, JSON.stringify(dirty), dirtyTotal, digest ?? null]
}

/** A row of `iterations`. */
export function iterationOf(row: Row, ordinal: number): Omit<IterationRecord, 'specs' | 'checks'> {
  return {
    ordinal,
    runId: textOf(row, 'run'),
    command: textsOf(row, 'command'),
    cwd: textOf(row, 'cwd'),
    options: textsOf(row, 'options'),
    code: numberOf(row, 'has_code') === 0 ? undefined : codeOf(row),
    status: textOf(row, 'status'),
    startedAt: nanosOf(bigintOf(row, 'started_at')),
    durationMs: realOf(row, 'duration_ms'),
    tokens: optional(numberOf, row, 'tokens'),
  }
}

function codeOf(row: Row): CodeState {
  return {
    commit: optional(textOf, row, 'commit_id'),
    dirty: textsOf(row, 'dirty'),
    dirtyTotal: numberOf(row, 'dirty_total'),
    digest: optional(textOf, row, 'digest'),
  }
}

/** A row of `iteration_specs`. */
export function specOf(row: Row): SpecVerdict {
  return {
    name: textOf(row, 'name'),
    path: textOf(row, 'path'),
    sha256: textOf(row, 'sha256'),
    status: textOf(row, 'status'),
  }
}

/** A row of `iteration_checks`. */
export function checkOf(row: Row): CheckVerdict {
  return {
    spec: textOf(row, 'spec'),
    subject: textOf(row, 'subject'),
    condition: textOf(row, 'condition'),
    state: stateOf(row),
    label: textOf(row, 'label'),
    at: textOf(row, 'place'),
  }
}

function stateOf(row: Row): CheckVerdict['state'] {
  const state = textOf(row, 'state')
  return state === 'pass' || state === 'fail' || state === 'open' ? state : damaged('state')
}
