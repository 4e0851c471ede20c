import { setTimeout as sleep } from 'node:timers/promises'
import type * as Driver from 'pg'
import type { Pool, PoolClient } from 'pg'
import { Fault } from '../../trace/fault.ts'
import { damaged, type Row } from '../row.ts'
import { pooled, type Server } from './connection.ts'
import { faultOf, mayRetry } from './faults.ts'

/** Texts, numbers, bytes, or lists of one of them. */
type Value = string | number | bigint | boolean | Uint8Array | null | readonly Value[]

/** Asks one statement, its values apart from it. */
export type Ask = (sql: string, values?: readonly Value[]) => Promise<readonly Row[]>

/** A server's database; every operation may throw a Fault STORE_UNAVAILABLE or STORE_FULL. */
export interface Database extends AsyncDisposable {
  /** All of `work` or nothing. It is done again after a deadlock or a lost connection, so it must come to the same twice. */
  readonly write: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>
  /** All that `work` reads is of one moment. */
  readonly read: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>
  /** One statement on its own. */
  readonly ask: Ask
}

/** Connects when it is first asked. A Fault PACKAGE_MISSING without `pg`. */
export async function openDatabase({ config, shown }: Server): Promise<Database> {
  const { Pool, TypeOverrides } = await loadDriver()
  const types = new TypeOverrides()
  types.setTypeParser(INT8, BigInt)
  const pool = new Pool({ ...config, ...pooled, types })
  // an idle connection that breaks is replaced; who asks next is told if that cannot be
  pool.on('error', () => undefined)
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await retried(work)
    } catch (cause) {
      throw faultOf(cause, shown)
    }
  }
  return {
    write: (work) => guarded(() => within(pool, 'BEGIN', work)),
    read: (work) => guarded(() => within(pool, snapshot, work)),
    ask: (sql, values = []) =>
      guarded(async () => (await pool.query<Row>(sql, values.map(parameter))).rows),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** The type of whole numbers that a Number does not hold. */
const INT8 = 20
const snapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

async function loadDriver(): Promise<Pick<typeof Driver, 'Pool' | 'TypeOverrides'>> {
  try {
    return await import('pg')
  } catch (cause) {
    const isMissing =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing) throw cause
    throw new Fault('PACKAGE_MISSING', 'a store in PostgreSQL needs the package pg', {
      hint: 'install it beside tracespec: npm install pg@8',
      cause,
    })
  }
}

async function within<T>(pool: Pool, begin: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query(begin)
    const result = await work(askOf(client))
    await client.query('COMMIT')
    client.release()
    return result
  } catch (cause) {
    client.release(!(await rollBack(client)))
    throw cause
  }
}

function askOf(client: PoolClient): Ask {
  return async (sql, values = []) => (await client.query<Row>(sql, values.map(parameter))).rows
}

/** False when the connection is of no use any more. */
async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK')
    return true
  } catch (cause) {
    if (cause instanceof Error) return false
    throw cause
  }
}

const ATTEMPTS = 6

/** Again at once with a new connection, or after a growing pause for those that it met. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (cause) {
      const reason = mayRetry(cause)
      const isLast = attempt === (reason === 'connection' ? 2 : ATTEMPTS)
      if (reason === undefined || isLast) throw cause
      await sleep((10 + Math.random() * 40) * attempt)
    }
  }
}

/** PostgreSQL's texts hold every character but NUL, which is shown as its symbol. */
function parameter(value: Value): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u2400')
  if (value instanceof Uint8Array) return asBuffer(value)
  if (typeof value === 'object' && value !== null) return value.map(parameter)
  return value
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The one row of a statement that always has one. */
export function only([row]: readonly Row[], column: string): Row {
  return row ?? damaged(column)
}
